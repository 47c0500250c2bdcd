// electron-builder's hook before the files of one app are collected: brings the keychain module for the processor that
// the app is for, when that is not this machine's. The hook is found by the name of its export.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AfterPackContext } from "electron-builder";
import { Arch } from "electron-builder";
import { machineOf } from "./nativeModule.ts";

/** Does nothing where keytar was not installed or fits already. @throws when it cannot be had for that processor. */
export function beforePack(context: AfterPackContext): void {
	const root = context.packager.projectDir;
	const module = join(root, "node_modules/keytar/build/Release/keytar.node");
	const processor = Arch[context.arch];
	const wanted = `${context.electronPlatformName}-${processor}`;
	if (!existsSync(join(root, "node_modules/keytar"))) return;
	if (machineAt(module) === wanted) return;
	// Read by both ways that keytar installs itself: its prebuilt download, and node-gyp.
	const env = { ...process.env, npm_config_arch: processor };
	spawnSync("npm", ["rebuild", "keytar"], {
		cwd: root,
		env,
		stdio: "inherit",
		shell: process.platform === "win32",
	});
	if (machineAt(module) !== wanted)
		throw new Error(`the keychain module keytar cannot be had for ${wanted}`);
}

const machineAt = (file: string): string | null =>
	existsSync(file) ? machineOf(readFileSync(file)) : null;
