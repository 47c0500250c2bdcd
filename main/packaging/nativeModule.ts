// Tells by a native module's first bytes for which system and processor it was built. An installer with a module for
// another one would start without the keychain. Knows the four kinds of file that we ship to and nothing of electron-builder.

/** A system and a processor in Node's words: `linux-x64`, `darwin-arm64`. */
export type Machine = string;

/** ELF: `e_machine` at 18. */
const ELF: Readonly<Record<number, string>> = { 62: "x64", 183: "arm64" };
/** Mach-O, 64 bits: `cputype` at 4. */
const MACH: Readonly<Record<number, string>> = {
	16777223: "x64",
	16777228: "arm64",
};
/** PE: `Machine` behind the signature that `e_lfanew` at 60 points to. */
const PE: Readonly<Record<number, string>> = {
	34404: "x64",
	43620: "arm64",
};

const MACH_MAGIC = 0xfeedfacf;
const PE_SIGNATURE = 0x4550;

/** The machine that these bytes were built for, or null when they are no native module that we know. */
export function machineOf(bytes: Buffer): Machine | null {
	if (bytes.length < 64) return null;
	if (bytes.toString("latin1", 0, 4) === "\x7fELF")
		return named("linux", ELF[bytes.readUInt16LE(18)]);
	if (bytes.readUInt32LE(0) === MACH_MAGIC)
		return named("darwin", MACH[bytes.readUInt32LE(4)]);
	if (bytes.toString("latin1", 0, 2) !== "MZ") return null;
	const at = bytes.readUInt32LE(60);
	if (at + 6 > bytes.length || bytes.readUInt32LE(at) !== PE_SIGNATURE)
		return null;
	return named("win32", PE[bytes.readUInt16LE(at + 4)]);
}

const named = (
	system: string,
	processor: string | undefined,
): Machine | null =>
	processor === undefined ? null : `${system}-${processor}`;
