// What the package manager prints while a demo job runs, and how it fails. Text is made when somebody asks for it, from
// the job alone, so that a thousand hosts hold no logs in memory. Names no host that exists.
import { demoPackage } from "./packages.ts";
import { hash32, type Seeded } from "./seeded.ts";

/** How a job is to end. */
export type Outcome =
	| { readonly state: "completed" }
	| { readonly state: "timed_out" }
	| { readonly state: "cancelled" }
	| ({ readonly state: "failed" } & Failing);

/** What an agent can tell of a failure. No exit code: no command was to blame. */
export interface Failing {
	readonly errorCode: string;
	readonly exitCode: number | null;
	/** The chain as the agent prints it, several lines. */
	readonly error: string;
	readonly stderr: string;
}

const MIRROR = "http://mirror.fleet.test/debian-security";

const aptFailed = (first: string): string =>
	`retry patch apply failed\n\nCaused by:\n    apt-get failed (exit 100): ${first}`;

const failing = (errorCode: string, first: string, rest = ""): Failing => ({
	errorCode,
	exitCode: 100,
	error: aptFailed(first),
	stderr: `E: ${first}${rest === "" ? "" : `\n${rest}`}`,
});

/** Ways to fail that fit these packages, by error code. */
const FAILURES: Readonly<Record<string, (name: string) => Failing>> = {
	NETWORK_ERROR: (name) =>
		failing(
			"NETWORK_ERROR",
			"Could not resolve deb mirror 'mirror.fleet.test'",
			`E: Failed to fetch ${MIRROR}/pool/updates/main/${archivePath(name)}  Temporary failure resolving 'mirror.fleet.test'\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?`,
		),
	PKG_MANAGER_ERROR: () =>
		failing(
			"PKG_MANAGER_ERROR",
			"Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1432 (unattended-upgr)",
			"E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?",
		),
	DEPENDENCY_CONFLICT: (name) =>
		failing(
			"DEPENDENCY_CONFLICT",
			"Unable to correct problems, you have held broken packages.",
			`The following packages have unmet dependencies:\n ${name} : Depends: libc6 (>= 2.36) but 2.31-13+deb11u11 is to be installed`,
		),
	GPG_ERROR: () =>
		failing(
			"GPG_ERROR",
			`The repository '${MIRROR} bookworm-security InRelease' is not signed.`,
			`W: GPG error: ${MIRROR} bookworm-security InRelease: The following signatures were invalid: EXPKEYSIG 0E98404D386FA1D9`,
		),
	TIMEOUT: () => ({
		errorCode: "TIMEOUT",
		exitCode: null,
		error:
			"patch apply failed\n\nCaused by:\n    apt-get upgrade did not finish within 1800 seconds and was terminated",
		stderr: "",
	}),
};

/** The failure with this code for a job about `packages`; an unknown code fails like the package manager. */
export function failureOf(
	errorCode: string,
	packages: readonly string[],
): Outcome {
	const make = FAILURES[errorCode] ?? FAILURES.PKG_MANAGER_ERROR;
	const name = packages[0] ?? "openssl";
	if (make === undefined) return { state: "completed" };
	return { state: "failed", ...make(name) };
}

/** A failure by chance; the network is the likeliest culprit, as everywhere. */
export function someFailure(
	packages: readonly string[],
	chance: Seeded,
): Outcome {
	const code = chance.pick([
		"NETWORK_ERROR",
		"NETWORK_ERROR",
		"PKG_MANAGER_ERROR",
		"DEPENDENCY_CONFLICT",
		"GPG_ERROR",
		"TIMEOUT",
	]);
	return failureOf(code, packages);
}

/** How an agent restored after a restart calls a job that was open (02-AGENT-PROTOCOL Q6). */
export const AGENT_REBOOTED: Failing = {
	errorCode: "AGENT_REBOOTED",
	exitCode: null,
	error: "the agent restarted while this job was open",
	stderr: "",
};

function archivePath(name: string): string {
	const { to } = demoPackage(name);
	const initial = name.startsWith("lib") ? name.slice(0, 4) : name.slice(0, 1);
	return `${initial}/${name}/${name}_${to.replace(/^\d+:/, "")}_amd64.deb`;
}

/** The lines of a whole successful upgrade, in order. */
function upgradeLines(packages: readonly string[]): string[] {
	const all = packages.map(demoPackage);
	const sizeKb = (name: string): number => 60 + (hash32(name) % 2400);
	const total = all.reduce((sum, { name }) => sum + sizeKb(name), 0);
	return [
		"Reading package lists...",
		"Building dependency tree...",
		"Reading state information...",
		"The following packages will be upgraded:",
		`  ${packages.join(" ")}`,
		`${all.length} upgraded, 0 newly installed, 0 to remove and 0 not upgraded.`,
		`Need to get ${total} kB of archives.`,
		...all.map(
			({ name, to }, index) =>
				`Get:${index + 1} ${MIRROR} bookworm-security/main amd64 ${name} amd64 ${to} [${sizeKb(name)} kB]`,
		),
		`Fetched ${total} kB in 1s (${total} kB/s)`,
		...all.flatMap(({ name, from, to }) => [
			`Preparing to unpack .../${name}_${to.replace(/^\d+:/, "")}_amd64.deb ...`,
			`Unpacking ${name} (${to}) over (${from}) ...`,
		]),
		...all.map(({ name, to }) => `Setting up ${name} (${to}) ...`),
		"Processing triggers for libc-bin (2.36-9+deb12u13) ...",
		"Processing triggers for man-db (2.11.2-2) ...",
	];
}

/** What there is to be read of a job: the part of its output that `fraction` (0 to 1) of its run time has produced. */
export function outputLines(
	job: { readonly operation: string; readonly packages: readonly string[] },
	fraction: number,
): string[] {
	if (job.operation === "reboot")
		return ["Reboot scheduled", "Stopping services", "System is going down"];
	const lines = upgradeLines(job.packages);
	return lines.slice(0, Math.ceil(lines.length * Math.min(1, fraction)));
}
