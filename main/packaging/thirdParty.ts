// Collects the licences of everything of others that an installer carries: packages bundled into our files (the build
// notes them beside each bundle) and packages packed as they are. One text file; made for each build.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One package of others. */
export interface Carried {
	readonly name: string;
	readonly version: string;
	/** SPDX expression of its package.json. */
	readonly license: string;
	/** Text of its licence and notice files; empty when it has none. */
	readonly text: string;
}

const LICENCE_FILE = /^(licen[cs]e|copying|notice|ofl)([.-].*)?$/i;

/** Folders below `root` of the packages that were bundled into dist, e.g. `node_modules/ws`. @throws when nothing was built. */
export function bundledFolders(root: string): string[] {
	return ["electron", "preload", "passphrase", "renderer"].flatMap((target) => {
		const note = join(root, `dist/.${target}.packages.json`);
		if (!existsSync(note))
			throw new Error("dist is not complete: run npm run build first");
		return JSON.parse(readFileSync(note, "utf8")) as string[];
	});
}

/** What a package needs at run time. keytar is only installed by prebuild-install, and only built with node-addon-api. */
const INSTALL_ONLY = new Set(["prebuild-install", "node-addon-api"]);

/** Folders of the packages that are packed as they are: these and all that they need. Not installed ones are left out. */
export function packedFolders(
	root: string,
	names: readonly string[],
): string[] {
	const found = new Set<string>();
	const visit = (name: string, from: string): void => {
		const folder = resolveFolder(root, name, from);
		if (folder === null || found.has(folder)) return;
		found.add(folder);
		const { dependencies = {} } = readManifest(root, folder);
		for (const next of Object.keys(dependencies))
			if (!INSTALL_ONLY.has(next)) visit(next, folder);
	};
	for (const name of names) visit(name, "");
	return [...found];
}

/** As Node resolves: the nearest node_modules upwards. */
function resolveFolder(
	root: string,
	name: string,
	from: string,
): string | null {
	for (
		let at = from;
		;
		at = at.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, "")
	) {
		const folder = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
		if (existsSync(join(root, folder, "package.json"))) return folder;
		if (at === "") return null;
	}
}

interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly license?: string;
	readonly dependencies?: Readonly<Record<string, string>>;
}

const readManifest = (root: string, folder: string): Manifest =>
	JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));

/** Reads the licences of these folders, once each, sorted by name. @throws when a package names no licence. */
export function readLicences(
	root: string,
	folders: readonly string[],
): Carried[] {
	const carried = [...new Set(folders)].map((folder) => {
		const { name, version, license } = readManifest(root, folder);
		if (typeof license !== "string")
			throw new Error(`${name} ${version} names no licence`);
		const texts = readdirSync(join(root, folder))
			.filter((file) => LICENCE_FILE.test(file))
			.sort()
			.map((file) => readFileSync(join(root, folder, file), "utf8").trim());
		return { name, version, license, text: texts.join("\n\n") };
	});
	const key = (one: Carried): string => `${one.name} ${one.version}`;
	return carried.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const RULE = "-".repeat(78);

/** THIRD-PARTY.txt. */
export function thirdPartyText(carried: readonly Carried[]): string {
	const list = carried.map(
		({ name, version, license }) => `${name} ${version}: ${license}`,
	);
	const texts = carried.map(
		({ name, version, license, text }) =>
			`${RULE}\n${name} ${version}\n\n${text || `Licence: ${license}. The package carries no text of it.`}`,
	);
	return `${[
		"Foredeck carries the following work of others. Electron's and Chromium's own licences are beside the program, in",
		"LICENSE.electron.txt and LICENSES.chromium.html.",
		"",
		...list,
		"",
		...texts,
	].join("\n")}\n`;
}
