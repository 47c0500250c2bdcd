// The hook on an app laid out by the test: fuses are flipped, and what must not leave the house is refused.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FuseV1Options, getCurrentFuseWire } from "@electron/fuses";
import type { AfterPackContext } from "electron-builder";
import { Arch } from "electron-builder";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeStandInElectron } from "../testkit/packaging/standInElectron.ts";
import { afterPack } from "./afterPack.ts";
import type { StatedFuses } from "./fuses.ts";

const FUSES: StatedFuses = {
	runAsNode: false,
	enableCookieEncryption: true,
	enableNodeOptionsEnvironmentVariable: false,
	enableNodeCliInspectArguments: false,
	enableEmbeddedAsarIntegrityValidation: true,
	onlyLoadAppFromAsar: true,
	loadBrowserProcessSpecificV8Snapshot: false,
	grantFileProtocolExtraPrivileges: false,
};

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "foredeck-pack-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const context = (over: object = {}, config: object = {}): AfterPackContext =>
	({
		appOutDir: folder,
		electronPlatformName: "linux",
		arch: Arch.x64,
		packager: {
			config: {
				productName: "Foredeck",
				linux: { executableName: "electron" },
				electronFuses: FUSES,
				...config,
			},
		},
		...over,
	}) as unknown as AfterPackContext;

test("flips every fuse", async () => {
	writeStandInElectron(folder, "linux", 9, "45.4.1");
	await afterPack(context());
	const wire = await getCurrentFuseWire(join(folder, "electron"));
	expect(wire[FuseV1Options.RunAsNode]).toBe("0".charCodeAt(0));
	expect(wire[FuseV1Options.OnlyLoadAppFromAsar]).toBe("1".charCodeAt(0));
	expect(wire[FuseV1Options.WasmTrapHandlers]).toBe("1".charCodeAt(0));
});

test("refuses an Electron with a fuse that we do not know", async () => {
	writeStandInElectron(folder, "linux", 10, "99.0.0");
	await expect(afterPack(context())).rejects.toThrow(/10 fuses/);
});

test("refuses a native module for another processor", async () => {
	writeStandInElectron(folder, "linux", 9, "45.4.1");
	const module = Buffer.alloc(128);
	module.write("\x7fELF", "latin1");
	module.writeUInt16LE(62, 18);
	mkdirSync(join(folder, "resources/app.asar.unpacked"), { recursive: true });
	writeFileSync(join(folder, "resources/app.asar.unpacked/k.node"), module);
	await afterPack(context());
	await expect(afterPack(context({ arch: Arch.arm64 }))).rejects.toThrow(
		"resources/app.asar.unpacked/k.node was built for linux-x64, and this app is for linux-arm64",
	);
});

test("refuses a release for Windows whose updates would not be checked", async () => {
	const windows = context(
		{ electronPlatformName: "win32" },
		{ forceCodeSigning: true },
	);
	mkdirSync(join(folder, "resources"));
	const said = "app-update.yml does not name the publisher";
	await expect(afterPack(windows)).rejects.toThrow(said);
	const update = join(folder, "resources/app-update.yml");
	writeFileSync(update, "provider: generic\n");
	await expect(afterPack(windows)).rejects.toThrow(said);
	writeFileSync(update, "publisherName:\n  - 'CN=Example Ltd, C=DE'\n");
	await expect(afterPack(windows)).rejects.toThrow(/ENOENT.*Foredeck\.exe/);
});
