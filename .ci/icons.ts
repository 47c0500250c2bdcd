// Draws resources/icon.svg and resources/tray/*.svg into the files that the installers and the tray use. They are committed;
// tests draw them again. Run after a change of a source: npm run icons.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { iconFiles, SIZES } from "../main/packaging/iconFiles.ts";
import {
	TRAY_SIZES,
	TRAY_STATES,
	trayFiles,
} from "../main/packaging/trayFiles.ts";
import { drawIcon } from "../main/testkit/packaging/drawIcon.ts";

const RESOURCES = fileURLToPath(new URL("../resources/", import.meta.url));

const source = (name: string): string =>
	readFileSync(join(RESOURCES, name), "utf8");

function write(folder: string, files: ReadonlyMap<string, Buffer>): void {
	for (const [name, content] of files) {
		writeFileSync(join(RESOURCES, folder, name), content);
		console.log(`${folder}${name} ${content.length}`);
	}
}

mkdirSync(join(RESOURCES, "icons"), { recursive: true });
write("", iconFiles(await drawIcon(source("icon.svg"), SIZES)));
for (const state of TRAY_STATES)
	write(
		"tray/",
		trayFiles(state, await drawIcon(source(`tray/${state}.svg`), TRAY_SIZES)),
	);
