// First step of `npm test`: brings the system packages that the tests need, when it may (as root, or with sudo that asks
// nothing), and otherwise names them and stops. Does nothing where they are already there. Plain JavaScript, no packages.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Debian package -> a file that proves it is there. */
const NEEDED = { chromium: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium" };

const missing = Object.keys(NEEDED).filter((name) => !existsSync(NEEDED[name]));
if (missing.length > 0) process.exitCode = install(missing) ? 0 : 1;

function install(packages) {
	const apt = existsSync("/usr/bin/apt-get") ? asRoot("apt-get") : undefined;
	const byHand = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
	if (apt === undefined) {
		console.error(
			`setup: the tests need ${packages.join(", ")}, and this account may not install it; run as root: ${byHand}`,
		);
		return false;
	}
	console.error(`setup: installing ${packages.join(", ")}`);
	const add = () =>
		run([...apt, "install", "-y", "--no-install-recommends", ...packages]);
	// The lists of a fresh machine are empty or old; they are fetched only when they are needed.
	if (add() || (run([...apt, "update"]) && add())) return true;
	console.error(
		`setup: could not install ${packages.join(", ")}; run as root: ${byHand}`,
	);
	return false;
}

/** The command line that runs a program as root, or undefined when nobody lets us. */
function asRoot(program) {
	if (process.getuid?.() === 0) return [program];
	const mayAsk = spawnSync("sudo", ["-n", "true"], { stdio: "ignore" });
	return mayAsk.status === 0 ? ["sudo", "-n", program] : undefined;
}

function run([program, ...args]) {
	const done = spawnSync(program, args, {
		// What apt says is for the person, not for who reads our results.
		stdio: ["ignore", 2, 2],
		env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
	});
	return done.status === 0;
}
