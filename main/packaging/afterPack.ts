// electron-builder's hook after the files of one app were laid out and before anything is signed: flips every fuse, and
// refuses what must not leave the house. The hook is found by the name of its export.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { flipFuses } from "@electron/fuses";
import type { AfterPackContext } from "electron-builder";
import { Arch } from "electron-builder";
import type { StatedFuses } from "./fuses.ts";
import { strictFuses } from "./fuses.ts";
import { machineOf } from "./nativeModule.ts";

/** @throws when a fuse is not stated, a native module does not fit, or updates of a release could not be checked. */
export async function afterPack(context: AfterPackContext): Promise<void> {
	const { packager, appOutDir, electronPlatformName: system } = context;
	refuseForeignModules(appOutDir, `${system}-${Arch[context.arch]}`);
	if (system === "darwin") closeTransport(join(programOf(context), "Contents"));
	if (system === "win32" && packager.config.forceCodeSigning)
		askForPublisher(join(appOutDir, "resources/app-update.yml"));
	const stated = (packager.config.electronFuses ?? {}) as StatedFuses;
	// By our own release of the library: the builder's is older, and strict only about the fuses that it knows.
	await flipFuses(programOf(context), strictFuses(stated));
}

/** The Electron program of the app, under its name there. */
function programOf({
	appOutDir,
	electronPlatformName,
	packager,
}: AfterPackContext): string {
	const { productName, linux } = packager.config;
	const names: Readonly<Record<string, string>> = {
		linux: `${linux?.executableName}`,
		darwin: `${productName}.app`,
		win32: `${productName}.exe`,
	};
	return join(appOutDir, names[electronPlatformName] ?? "");
}

function refuseForeignModules(folder: string, wanted: string): void {
	for (const file of globSync("**/*.node", { cwd: folder })) {
		const found = machineOf(readFileSync(join(folder, file)));
		if (found !== wanted)
			throw new Error(
				`${file} was built for ${found ?? "an unknown machine"}, and this app is for ${wanted}`,
			);
	}
}

/**
 * Says in Info.plist that macOS loads nothing unencrypted from anywhere. electron-builder writes the opposite over what
 * `mac.extendInfo` says. Its exceptions for this machine stay: the updater hands the download on over loopback.
 */
function closeTransport(contents: string): void {
	const file = join(contents, "Info.plist");
	const text = readFileSync(file, "utf8");
	const closed = text.replace(
		/(<key>NSAllowsArbitraryLoads<\/key>\s*)<true\/>/g,
		"$1<false/>",
	);
	if (!/<key>NSAllowsArbitraryLoads<\/key>\s*<false\/>/.test(closed))
		throw new Error("Info.plist does not say NSAllowsArbitraryLoads");
	writeFileSync(file, closed);
}

/** The updater on Windows skips the check of the signature, without an error, when the publisher is not named. */
function askForPublisher(file: string): void {
	const names = globSync(file).map((found) => readFileSync(found, "utf8"));
	if (!names.some((text) => /^publisherName:\n\s*- .*CN=/m.test(text)))
		throw new Error(
			"app-update.yml does not name the publisher: updates would be installed unchecked",
		);
}
