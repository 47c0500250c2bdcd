// Licences of what an installer carries, read from folders laid out by the test.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
	bundledFolders,
	packedFolders,
	readLicences,
	thirdPartyText,
} from "./thirdParty.ts";

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "foredeck-licences-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
	mkdirSync(dirname(join(root, path)), { recursive: true });
	writeFileSync(join(root, path), text);
}

/** A package in `folder` that needs the named ones. */
function install(folder: string, ...needs: readonly string[]): void {
	const name = folder.slice(folder.lastIndexOf("node_modules/") + 13);
	write(
		`${folder}/package.json`,
		JSON.stringify({
			name,
			version: "1.2.3",
			license: "MIT",
			dependencies: Object.fromEntries(needs.map((need) => [need, "*"])),
		}),
	);
}

test("what is packed is followed through what it needs, nearest first, and each is found once", () => {
	install("node_modules/a", "b", "@scope/c");
	install("node_modules/b", "a");
	install("node_modules/@scope/c", "b", "d");
	install("node_modules/@scope/c/node_modules/d", "b");
	install("node_modules/d");
	expect(packedFolders(root, ["a"])).toEqual([
		"node_modules/a",
		"node_modules/b",
		"node_modules/@scope/c",
		"node_modules/@scope/c/node_modules/d",
	]);
});

test("what keytar only needs to be installed is not packed, and what is not installed cannot be", () => {
	install("node_modules/keytar", "prebuild-install", "node-addon-api");
	install("node_modules/prebuild-install");
	expect(packedFolders(root, ["keytar", "absent"])).toEqual([
		"node_modules/keytar",
	]);
});

test("bundled packages are read from what the build noted, and an unfinished build is refused", () => {
	write("dist/.electron.packages.json", '["node_modules/ws"]');
	write("dist/.preload.packages.json", "[]");
	write("dist/.passphrase.packages.json", "[]");
	expect(() => bundledFolders(root)).toThrow(/run npm run build first/);
	write("dist/.renderer.packages.json", '["node_modules/react"]');
	expect(bundledFolders(root)).toEqual([
		"node_modules/ws",
		"node_modules/react",
	]);
});

test("every licence and notice is told, once, by name", () => {
	install("node_modules/b");
	install("node_modules/a");
	write("node_modules/a/LICENSE", "the licence of a\n");
	write("node_modules/a/NOTICE.md", "the notice of a\n");
	write("node_modules/a/LICENSING.txt", "not a licence\n");
	const text = thirdPartyText(
		readLicences(root, ["node_modules/b", "node_modules/a", "node_modules/a"]),
	);
	expect(text).toContain("\na 1.2.3: MIT\nb 1.2.3: MIT\n");
	expect(text).toContain("a 1.2.3\n\nthe licence of a\n\nthe notice of a\n");
	expect(text).toContain(
		"b 1.2.3\n\nLicence: MIT. The package carries no text of it.",
	);
	expect(text).not.toContain("not a licence");
});

test("a package that names no licence stops the build", () => {
	write("node_modules/x/package.json", '{"name":"x","version":"1.0.0"}');
	expect(() => readLicences(root, ["node_modules/x"])).toThrow(
		"x 1.0.0 names no licence",
	);
});
