// Draws resources/icon.svg into the icon files that the installers use. They are committed; a test draws them again.
// Run after a change of the source: npm run icons.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { iconFiles, SIZES } from "../main/packaging/iconFiles.ts";
import { drawIcon } from "../main/testkit/packaging/drawIcon.ts";

const RESOURCES = fileURLToPath(new URL("../resources/", import.meta.url));

mkdirSync(join(RESOURCES, "icons"), { recursive: true });
const pictures = await drawIcon(
	readFileSync(join(RESOURCES, "icon.svg"), "utf8"),
	SIZES,
);
for (const [name, content] of iconFiles(pictures)) {
	writeFileSync(join(RESOURCES, name), content);
	console.log(`${name} ${content.length}`);
}
