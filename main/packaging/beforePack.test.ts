// The hook brings the keychain module for the processor that the app is for, or stops the build.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AfterPackContext } from "electron-builder";
import { Arch } from "electron-builder";
import { afterEach, beforeEach, expect, test } from "vitest";
import { beforePack } from "./beforePack.ts";

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "foredeck-before-"));
	writeFileSync(join(root, "package.json"), '{"name":"x","version":"1.0.0"}');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const packFor = (arch: Arch): void =>
	beforePack({
		packager: { projectDir: root },
		electronPlatformName: "linux",
		arch,
	} as unknown as AfterPackContext);

/** A keytar whose native part is for linux-x64, with this install script. */
function installKeytar(script: string): void {
	const folder = join(root, "node_modules/keytar");
	mkdirSync(join(folder, "build/Release"), { recursive: true });
	writeFileSync(
		join(folder, "package.json"),
		JSON.stringify({
			name: "keytar",
			version: "1.0.0",
			scripts: { install: script },
		}),
	);
	const module = Buffer.alloc(128);
	module.write("\x7fELF", "latin1");
	module.writeUInt16LE(62, 18);
	writeFileSync(join(folder, "build/Release/keytar.node"), module);
}

test("nothing is done where keytar is not installed, or fits already", () => {
	packFor(Arch.arm64);
	installKeytar("exit 1");
	packFor(Arch.x64);
});

test("it is brought for the other processor, which its installer is told", () => {
	// Stands for the download or the compiler: writes the number of the processor that it was told.
	installKeytar(
		`node -e "const fs=require('fs'),f='build/Release/keytar.node',b=fs.readFileSync(f);b.writeUInt16LE(process.env.npm_config_arch==='arm64'?183:62,18);fs.writeFileSync(f,b)"`,
	);
	packFor(Arch.arm64);
});

test("an app without a fitting one is not made", () => {
	installKeytar("exit 0");
	expect(() => packFor(Arch.arm64)).toThrow(
		"the keychain module keytar cannot be had for linux-arm64",
	);
});
