#!/usr/bin/env node
// Stands for fpm, the program that electron-builder downloads to make a .deb: understands the command line that it is
// given and makes the package with Debian's own dpkg-deb. Refuses what it does not know, so that a new option is seen.
import { spawnSync } from "node:child_process";
import {
	chmodSync,
	copyFileSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const WITH_VALUE = new Set([
	...["-s", "-t", "-d", "--deb-recommends", "--deb-compression"],
	...["--deb-priority", "--architecture", "--after-install", "--after-remove"],
	...["--description", "--version", "--package", "--name", "--maintainer"],
	...["--vendor", "--url", "--license", "--category"],
]);

/** Option -> its values in order, and what is copied where. */
function read(args) {
	const options = new Map();
	const copies = [];
	for (let at = 0; at < args.length; at++) {
		const word = args[at];
		if (word === "--force") continue;
		if (WITH_VALUE.has(word)) {
			options.set(word, [...(options.get(word) ?? []), args[++at]]);
			continue;
		}
		const cut = word.indexOf("=");
		if (word.startsWith("-") || cut < 0) throw new Error(`unknown: ${word}`);
		copies.push([word.slice(0, cut), word.slice(cut + 1)]);
	}
	return { options, copies };
}

function lay(copies, root) {
	for (const [from, to] of copies) {
		const target = join(root, to);
		mkdirSync(dirname(target), { recursive: true });
		if (statSync(from).isDirectory())
			cpSync(from, target, { recursive: true, verbatimSymlinks: true });
		else {
			copyFileSync(from, target);
			chmodSync(target, 0o644);
		}
	}
}

function controlOf(options) {
	const one = (name) => options.get(name)?.at(-1);
	const list = (name) => options.get(name)?.join(", ");
	const fields = {
		Package: one("--name"),
		Version: one("--version"),
		Architecture: one("--architecture"),
		Maintainer: one("--maintainer"),
		Depends: list("-d"),
		Recommends: list("--deb-recommends"),
		Section: one("--category"),
		Priority: one("--deb-priority"),
		Homepage: one("--url"),
		Description: one("--description")?.replace(/\n\s*/g, "\n "),
	};
	return Object.entries(fields)
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => `${name}: ${value}\n`)
		.join("");
}

const { options, copies } = read(process.argv.slice(2));
if (options.get("-t")?.at(-1) !== "deb") throw new Error("only deb");
const root = mkdtempSync(join(tmpdir(), "foredeck-deb-"));
try {
	chmodSync(root, 0o755);
	lay(copies, root);
	mkdirSync(join(root, "DEBIAN"));
	writeFileSync(join(root, "DEBIAN/control"), controlOf(options));
	for (const [option, name] of [
		["--after-install", "postinst"],
		["--after-remove", "postrm"],
	]) {
		const script = options.get(option)?.at(-1);
		if (script === undefined) continue;
		copyFileSync(script, join(root, "DEBIAN", name));
		chmodSync(join(root, "DEBIAN", name), 0o755);
	}
	// The least compression: the package is only looked at.
	const made = spawnSync(
		"dpkg-deb",
		[
			...["--root-owner-group", "-Zgzip", "-z1", "--build", root],
			options.get("--package")?.at(-1),
		],
		{ stdio: "inherit" },
	);
	process.exitCode = made.status ?? 1;
} finally {
	rmSync(root, { recursive: true, force: true });
}
