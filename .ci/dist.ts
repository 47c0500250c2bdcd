// `npm run dist`: builds, then makes the installers of this system into release/. With `--release` everything a release
// must say is required and no other Electron than the downloaded one is packed. `--targets dir,deb`, `--arch x64,arm64`,
// `--system linux|mac|win` and `--output DIR` narrow it; `--tag v1.2.3` must be the version; `--without-keychain` leaves
// keytar out, for a look at an app of another system. What the rules are is in main/packaging.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { CliOptions, Configuration } from "electron-builder";
import { parse } from "yaml";
import { RELEASE_KEY } from "../main/core/update/releaseKey.ts";
import type { System } from "../main/packaging/configuration.ts";
import { decide, ELECTRON_FOLDER } from "../main/packaging/configuration.ts";
import {
	bundledFolders,
	packedFolders,
	readLicences,
	thirdPartyText,
} from "../main/packaging/thirdParty.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** A firewall that drops packets would otherwise hold the build for minutes. */
const REACH_WITHIN_MS = 10_000;

const SYSTEMS: Readonly<Record<string, System>> = {
	linux: "linux",
	darwin: "mac",
	win32: "win",
};

const { values: said } = parseArgs({
	options: {
		release: { type: "boolean", default: false },
		system: { type: "string" },
		targets: { type: "string" },
		arch: { type: "string" },
		output: { type: "string" },
		tag: { type: "string" },
		"without-keychain": { type: "boolean", default: false },
	},
});

/** A sentence for the person; nothing was made. */
class Refusal extends Error {}

function systemOf(name: string): System {
	const system = Object.values(SYSTEMS).find((one) => one === name);
	if (system !== undefined) return system;
	throw new Refusal(`there are no installers for ${name}`);
}

function buildEverything(): void {
	const built = spawnSync(process.execPath, [join(ROOT, "build.ts")], {
		stdio: "inherit",
	});
	if (built.status !== 0) throw new Refusal("the build failed");
	const folders = [
		...bundledFolders(ROOT),
		...packedFolders(ROOT, ["electron-updater", "keytar"]),
	];
	writeFileSync(
		join(ROOT, "dist/THIRD-PARTY.txt"),
		thirdPartyText(readLicences(ROOT, folders)),
	);
}

/** A release that is tagged as another version than it says would be offered to everybody again and again. */
function askForTag(): void {
	const { version } = readManifest("package.json");
	if (said.tag !== undefined && said.tag !== `v${version}`)
		throw new Refusal(
			`the tag is ${said.tag}, and package.json says version ${version}`,
		);
}

const readManifest = (path: string): { readonly version: string } =>
	JSON.parse(readFileSync(join(ROOT, path), "utf8"));

/** Without the keychain a person would have to bring the identity at each start; that may not happen by accident. */
function askForKeychain(): void {
	const left = said["without-keychain"];
	if (!left && existsSync(join(ROOT, "node_modules/keytar"))) return;
	const sentence = `the keychain module keytar is ${left ? "left out" : "not installed here"}, so the app would keep identities in memory only`;
	if (said.release) throw new Refusal(sentence);
	console.error(`dist: ${sentence}`);
}

/** Overrides that leave keytar out. A list that is given replaces the one of electron-builder.yml. */
const withoutKeychain = (stated: {
	readonly files?: readonly string[];
}): Configuration => ({
	beforePack: null,
	files: [...(stated.files ?? []), "!node_modules/keytar/**"],
});

/** Whether Electron is at hand or can be downloaded; asked first, because electron-builder would try for a long time. */
async function askForElectron(): Promise<void> {
	const { version } = readManifest("node_modules/electron/package.json");
	if (process.env[ELECTRON_FOLDER]) return;
	const caches = [
		process.env.electron_config_cache,
		process.env.XDG_CACHE_HOME && join(process.env.XDG_CACHE_HOME, "electron"),
		process.env.LOCALAPPDATA &&
			join(process.env.LOCALAPPDATA, "electron/Cache"),
		join(homedir(), "Library/Caches/electron"),
		join(homedir(), ".cache/electron"),
	].filter((folder) => folder !== undefined && folder !== "");
	const kept = caches.some(
		(folder) =>
			globSync(`**/electron-v${version}-*.zip`, { cwd: folder }).length > 0,
	);
	if (kept) return;
	const mirror =
		process.env.ELECTRON_MIRROR ??
		"https://github.com/electron/electron/releases/download/";
	try {
		const answer = await fetch(`${mirror}v${version}/SHASUMS256.txt`, {
			method: "HEAD",
			signal: AbortSignal.timeout(REACH_WITHIN_MS),
		});
		if (answer.ok) return;
	} catch {
		// Told below, like an answer that is none.
	}
	throw new Refusal(
		`installers are made from Electron ${version}, which is not on this machine and cannot be downloaded from here; run npm run dist where ${new URL(mirror).host} can be reached`,
	);
}

/** What electron-builder is asked for: the targets of electron-builder.yml, or those that were said. */
function targetsFor(
	system: System,
	{ archFromString, Platform }: typeof import("electron-builder"),
): NonNullable<CliOptions["targets"]> {
	const platform = {
		linux: Platform.LINUX,
		mac: Platform.MAC,
		win: Platform.WINDOWS,
	}[system];
	return platform.createTarget(
		said.targets?.split(",") ?? null,
		...(said.arch?.split(",") ?? []).map(archFromString),
	);
}

async function dist(): Promise<void> {
	const system = systemOf(
		said.system ?? SYSTEMS[process.platform] ?? process.platform,
	);
	const stated = parse(
		readFileSync(join(ROOT, "electron-builder.yml"), "utf8"),
	) as Record<string, unknown> & { readonly files?: readonly string[] };
	const decision = decide({
		system,
		release: said.release,
		env: process.env,
		stated,
		releaseKey: RELEASE_KEY,
	});
	if (!decision.ok) throw new Refusal(decision.sentence);
	askForTag();
	askForKeychain();
	await askForElectron();
	buildEverything();
	const builder = await import("electron-builder");
	const made = await builder.build({
		projectDir: ROOT,
		targets: targetsFor(system, builder),
		publish: "never",
		config: {
			...decision.overrides,
			...(said["without-keychain"] ? withoutKeychain(stated) : {}),
			...(said.output ? { directories: { output: said.output } } : {}),
		},
	});
	for (const file of made) console.log(file);
}

try {
	await dist();
} catch (error) {
	console.error(
		`dist: ${error instanceof Refusal ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
	);
	process.exitCode = 1;
}
