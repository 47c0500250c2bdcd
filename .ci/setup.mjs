// First step of `npm test`: brings the system packages that the tests need, when it may (as root, or with sudo that asks
// nothing), and otherwise names them and stops. Then builds the keychain module if npm could not. Does nothing where all is
// already there. Plain JavaScript, no packages.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Debian package -> a file that proves it is there. */
const NEEDED = {
	chromium: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
	tinyproxy: "/usr/bin/tinyproxy",
	// Writes identities in every form that files have.
	openssl: "/usr/bin/openssl",
};
/** What the keychain module is built with, and the Secret Service that it is tested against; on Linux only. */
const FOR_KEYCHAIN = {
	"build-essential": "/usr/bin/g++",
	python3: "/usr/bin/python3",
	"pkg-config": "/usr/bin/pkg-config",
	"libsecret-1-dev": "/usr/include/libsecret-1/libsecret/secret.h",
	dbus: "/usr/bin/dbus-daemon",
	"gnome-keyring": "/usr/bin/gnome-keyring-daemon",
};
/** Plays a desktop's notification service; on Linux only. */
const FOR_NOTIFICATIONS = {
	"python3-gi": "/usr/lib/python3/dist-packages/gi/__init__.py",
};
/** Packs an AppImage and judges the menu entry of the packed app; on Linux only. */
const FOR_PACKAGES = {
	"squashfs-tools": "/usr/bin/mksquashfs",
	"desktop-file-utils": "/usr/bin/desktop-file-validate",
};
if (process.platform === "linux")
	Object.assign(NEEDED, FOR_KEYCHAIN, FOR_NOTIFICATIONS, FOR_PACKAGES);

const missing = Object.keys(NEEDED).filter((name) => !existsSync(NEEDED[name]));
const installed = missing.length === 0 || install(missing);
if (!installed || !haveKeytar()) process.exitCode = 1;

/** Whether keytar loads; in a process of its own, because a native module that does not fit can end one. */
function keytarLoads() {
	return (
		spawnSync(process.execPath, ["-e", 'require("keytar")'], {
			cwd: ROOT,
			stdio: "ignore",
		}).status === 0
	);
}

/**
 * Builds keytar where it is there without its native part. npm leaves an optional package out as a whole when its build
 * failed, and then there is nothing to rebuild: it is installed at the locked version, without touching lock or manifest.
 */
function haveKeytar() {
	if (keytarLoads()) return true;
	const folder = join(ROOT, "node_modules/keytar");
	const { version } = JSON.parse(
		readFileSync(join(ROOT, "package-lock.json"), "utf8"),
	).packages["node_modules/keytar"];
	const add = existsSync(folder)
		? ["rebuild", "keytar"]
		: ["install", "--no-save", "--no-audit", "--no-fund", `keytar@${version}`];
	console.error(`setup: building the keychain module: npm ${add.join(" ")}`);
	run(["npm", ...add], gypEnvironment());
	if (keytarLoads()) return true;
	console.error(
		`setup: the keychain module keytar could not be built; see why with: npm ${add.join(" ")}`,
	);
	return false;
}

/** Headers of the system's Node, so that none are downloaded; the module fits every Node since 10. */
function gypEnvironment() {
	return existsSync("/usr/include/node/node_api.h")
		? { npm_package_config_node_gyp_nodedir: "/usr" }
		: {};
}

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

function run([program, ...args], env = {}) {
	const done = spawnSync(program, args, {
		// What apt says is for the person, not for who reads our results.
		stdio: ["ignore", 2, 2],
		cwd: ROOT,
		env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", ...env },
	});
	return done.status === 0;
}
