// Writes a stand-in for an Electron distribution, so that installers can be made and looked at where the real one cannot
// be downloaded. It is not Electron: it has only the layout that the packager needs, a fuse wire, and on Linux a program
// that says how it was started.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The systems that have a stand-in. */
export type StandInSystem = "linux" | "mac" | "win";

const SENTINEL = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";
const WIRE_VERSION = 1;
const OFF = 0x30;

/** A fuse wire as it stands in Electron's program, with every fuse off. */
const fuseWire = (fuses: number): Buffer =>
	Buffer.concat([
		Buffer.from(SENTINEL),
		Buffer.from([WIRE_VERSION, fuses]),
		Buffer.alloc(fuses, OFF),
	]);

const PROGRAM = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
echo "stand-in: $*"
test -s "$here/resources/app.asar"
exit $?
`;

const plist = (values: Readonly<Record<string, string>>): string =>
	`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>${Object.entries(values)
		.map(([key, value]) => `<key>${key}</key><string>${value}</string>`)
		.join("")}</dict></plist>
`;

function linuxFiles(fuses: number): Map<string, string | Buffer> {
	const program = Buffer.concat([
		Buffer.from(PROGRAM),
		Buffer.from("# "),
		fuseWire(fuses),
		Buffer.from("\n"),
	]);
	const others = [
		"LICENSE",
		"LICENSES.chromium.html",
		"icudtl.dat",
		"resources.pak",
		"snapshot_blob.bin",
		"v8_context_snapshot.bin",
		"locales/de.pak",
		"locales/en-US.pak",
	];
	return new Map<string, string | Buffer>([
		["electron", program],
		["chrome-sandbox", "#!/bin/sh\n"],
		["chrome_crashpad_handler", "#!/bin/sh\n"],
		...others.map((name) => [name, "stand-in"] as const),
	]);
}

/** What is used of resedit, which electron-builder itself edits Windows programs with. */
interface Resedit {
	readonly NtExecutable: {
		createEmpty(is32Bit: boolean, isLibrary: boolean): Executable;
		from(bytes: Uint8Array): Executable;
	};
	readonly NtExecutableResource: {
		from(executable: Executable, ignoreAbsent?: boolean): Resources;
	};
	readonly Resource: {
		readonly VersionInfo: {
			createEmpty(): VersionInfo;
			fromEntries(entries: readonly unknown[]): VersionInfo[];
		};
	};
}
interface Executable {
	generate(): ArrayBuffer;
}
interface Resources {
	readonly entries: {
		readonly type: string | number;
		readonly id: string | number;
		readonly bin: ArrayBuffer;
	}[];
	outputResource(executable: Executable): void;
}
interface Language {
	readonly lang: number;
	readonly codepage: number;
}
interface VersionInfo {
	setStringValues(language: Language, values: Record<string, string>): void;
	getStringValues(language: Language): Record<string, string>;
	outputToResourceEntries(entries: unknown[]): void;
}

/** American English in UTF-16, as in Electron's own program. */
const LANGUAGE: Language = { lang: 1033, codepage: 1200 };

/** Taken from where electron-builder takes it; it is no dependency of ours. */
function resedit(): Resedit {
	const builder = createRequire(import.meta.url).resolve("electron-builder");
	const library = createRequire(builder).resolve("app-builder-lib");
	return createRequire(library)("resedit") as Resedit;
}

/** A Windows program: texts of its version, and every resource by `type/id`. */
export function readWindowsProgram(bytes: Buffer): {
	readonly texts: Readonly<Record<string, string>>;
	readonly resources: ReadonlyMap<string, Buffer>;
} {
	const { NtExecutable, NtExecutableResource, Resource } = resedit();
	const { entries } = NtExecutableResource.from(NtExecutable.from(bytes));
	return {
		texts:
			Resource.VersionInfo.fromEntries(entries)[0]?.getStringValues(LANGUAGE) ??
			{},
		resources: new Map(
			entries.map(({ type, id, bin }) => [`${type}/${id}`, Buffer.from(bin)]),
		),
	};
}

function windowsProgram(fuses: number): Buffer {
	const { NtExecutable, NtExecutableResource, Resource } = resedit();
	const program = NtExecutable.createEmpty(false, false);
	const resources = NtExecutableResource.from(program, true);
	const info = Resource.VersionInfo.createEmpty();
	info.setStringValues(LANGUAGE, { ProductName: "Electron" });
	info.outputToResourceEntries(resources.entries);
	resources.outputResource(program);
	return Buffer.concat([Buffer.from(program.generate()), fuseWire(fuses)]);
}

const windowsFiles = (fuses: number): Map<string, string | Buffer> =>
	new Map<string, string | Buffer>([
		["electron.exe", windowsProgram(fuses)],
		["LICENSE", "stand-in"],
		["LICENSES.chromium.html", "stand-in"],
		["locales/de.pak", "stand-in"],
		["locales/en-US.pak", "stand-in"],
	]);

function macFiles(fuses: number): Map<string, string | Buffer> {
	const app = "Electron.app/Contents";
	const framework = `${app}/Frameworks/Electron Framework.framework`;
	const files = new Map<string, string | Buffer>([
		["LICENSE", "stand-in"],
		["LICENSES.chromium.html", "stand-in"],
		[`${app}/MacOS/Electron`, "stand-in"],
		[`${app}/Resources/en.lproj/locale.pak`, "stand-in"],
		[`${app}/Resources/de.lproj/locale.pak`, "stand-in"],
		[`${app}/Resources/electron.icns`, "stand-in"],
		[`${framework}/Versions/A/Resources/en.lproj/locale.pak`, "stand-in"],
		[`${framework}/Versions/A/Resources/de.lproj/locale.pak`, "stand-in"],
		[
			`${app}/Info.plist`,
			plist({
				CFBundleExecutable: "Electron",
				CFBundleIdentifier: "com.github.Electron",
				CFBundleName: "Electron",
			}),
		],
		[`${framework}/Electron Framework`, fuseWire(fuses)],
	]);
	for (const suffix of ["", " (GPU)", " (Plugin)", " (Renderer)"]) {
		const name = `Electron Helper${suffix}`;
		const helper = `${app}/Frameworks/${name}.app/Contents`;
		files.set(`${helper}/MacOS/${name}`, "stand-in");
		files.set(
			`${helper}/Info.plist`,
			plist({
				CFBundleExecutable: name,
				CFBundleIdentifier: "com.github.Electron.helper",
				CFBundleName: name,
			}),
		);
	}
	return files;
}

const FILES = { linux: linuxFiles, mac: macFiles, win: windowsFiles };

/**
 * Writes the stand-in into `folder`.
 * @param fuses how many fuses its wire has
 * @param version of the Electron that it stands for
 */
export function writeStandInElectron(
	folder: string,
	system: StandInSystem,
	fuses: number,
	version: string,
): void {
	const files = FILES[system](fuses);
	files.set("version", version);
	for (const [name, content] of files) {
		const path = join(folder, name);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, content);
		if (content.toString().startsWith("#!")) chmodSync(path, 0o755);
	}
}
