// Builds what runs outside of the sources: the command line, Electron's main and preload scripts, and the window. Each
// target is built aside and moved into place, and skipped when nothing it is made of has changed. Knows no tests.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import {
	mkdir,
	readdir,
	readFile,
	rename,
	rm,
	writeFile,
} from "node:fs/promises";
import { builtinModules } from "node:module";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { InlineConfig, Plugin } from "vite";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const DIST = join(ROOT, "dist");

/** Left as imports: Electron itself, modules with native code, and the optional speed-ups that ws tries to load. */
const EXTERNALS = [
	"electron",
	"keytar",
	"electron-updater",
	"bufferutil",
	"utf-8-validate",
];

/** One thing to build: `dist/<name>/…` from `entry`; rebuilt when a file under `sources` or a tool file changes. */
interface Target {
	readonly name: string;
	readonly entry: string;
	readonly output: string;
	readonly sources: readonly string[];
	config(outDir: string): InlineConfig;
}

const CORE = ["shared", "main/core", "main/vault", "main/demo"];
/** A change in any of these can change every bundle. */
const TOOL_FILES = [
	"build.ts",
	"package.json",
	"package-lock.json",
	"vite.renderer.config.ts",
];

/** A single file for Node or Electron, with everything but EXTERNALS inside. */
const script =
	(entry: string, fileName: string, format: "es" | "cjs") =>
	(outDir: string): InlineConfig => ({
		configFile: false,
		root: ROOT,
		logLevel: "warn",
		publicDir: false,
		ssr: { noExternal: true, external: EXTERNALS, target: "node" },
		build: {
			ssr: entry,
			outDir,
			emptyOutDir: true,
			target: "node24",
			minify: false,
			sourcemap: true,
			rolldownOptions: {
				external: [...EXTERNALS, ...builtinModules, /^node:/],
				output: { format, entryFileNames: fileName, codeSplitting: false },
			},
		},
	});

const TARGETS: readonly Target[] = [
	{
		name: "cli",
		entry: "main/shell-node/cli.ts",
		output: "foredeck.mjs",
		sources: [...CORE, "main/shell-node"],
		config: script("main/shell-node/cli.ts", "foredeck.mjs", "es"),
	},
	{
		name: "electron",
		entry: "main/shell-electron/main.ts",
		output: "main.mjs",
		sources: [...CORE, "main/shell-electron"],
		config: script("main/shell-electron/main.ts", "main.mjs", "es"),
	},
	{
		name: "preload",
		entry: "preload/preload.ts",
		output: "preload.cjs",
		sources: ["shared", "preload"],
		config: script("preload/preload.ts", "preload.cjs", "cjs"),
	},
	{
		name: "passphrase",
		entry: "preload/passphrase.ts",
		output: "passphrase.cjs",
		sources: ["shared", "preload"],
		config: script("preload/passphrase.ts", "passphrase.cjs", "cjs"),
	},
	{
		name: "renderer",
		entry: "renderer/index.html",
		output: "index.html",
		sources: ["shared", "renderer", "resources"],
		config: (outDir) => ({
			...(existsSync(join(ROOT, "vite.renderer.config.ts"))
				? { configFile: join(ROOT, "vite.renderer.config.ts") }
				: { configFile: false as const }),
			root: join(ROOT, "renderer"),
			base: "./",
			logLevel: "warn",
			// Vite would otherwise inline small fonts as data: addresses, which the content security policy refuses.
			build: {
				outDir,
				emptyOutDir: true,
				target: "es2024",
				assetsInlineLimit: 0,
				rolldownOptions: {
					input: [
						join(ROOT, "renderer/index.html"),
						join(ROOT, "renderer/passphrase.html"),
					],
				},
			},
		}),
	},
];

/** Every file below `folder` that can end up in a bundle, sorted; tests and notes cannot. */
async function sourcesBelow(folder: string): Promise<string[]> {
	if (!existsSync(folder)) return [];
	const entries = await readdir(folder, {
		recursive: true,
		withFileTypes: true,
	});
	return entries
		.filter(
			(entry) => entry.isFile() && !/\.test\.tsx?$|\.md$/.test(entry.name),
		)
		.map((entry) => join(entry.parentPath, entry.name))
		.sort();
}

/** A digest of the content of everything the target is made of. */
async function digest(target: Target): Promise<string> {
	const hash = createHash("sha256");
	const files = [
		...TOOL_FILES.map((file) => join(ROOT, file)).filter(existsSync),
		...(
			await Promise.all(
				target.sources.map((source) => sourcesBelow(join(ROOT, source))),
			)
		).flat(),
	];
	for (const file of files)
		hash
			.update(relative(ROOT, file))
			.update("\0")
			.update(await readFile(file))
			.update("\0");
	return hash.digest("hex");
}

// What is built is what ships, whoever asks for it: a test runner's "test" would bring React's development build along.
process.env.NODE_ENV = "production";

const stampOf = (target: Target): string => join(DIST, `.${target.name}.stamp`);
/** The packages of others whose modules went into the target, as folders from the root: installers carry their licences. */
const packagesOf = (target: Target): string =>
	join(DIST, `.${target.name}.packages.json`);

/** Whether the target was built from exactly these sources. */
async function isUpToDate(target: Target, now: string): Promise<boolean> {
	if (!existsSync(join(DIST, target.name, target.output))) return false;
	if (!existsSync(packagesOf(target))) return false;
	return (await readFile(stampOf(target), "utf8").catch(() => "")) === now;
}

/** Folder of the package that a file belongs to, or null for our own. */
const packageFolder = (file: string): string | null =>
	/node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(
		relative(ROOT, file).replaceAll("\\", "/"),
	)?.[0] ?? null;

/** Gathers the packages of a bundle into `folders`. */
const notePackages = (folders: Set<string>): Plugin => ({
	name: "foredeck-note-packages",
	generateBundle(_options, bundle) {
		// Fonts come in through a stylesheet's own imports and are known by the file they were only.
		const files = Object.values(bundle).flatMap((one) =>
			one.type === "asset" ? one.originalFileNames : [],
		);
		for (const id of [...this.getModuleIds(), ...files]) {
			const folder = packageFolder(id);
			if (folder !== null) folders.add(folder);
		}
	},
});

/** Builds aside and moves into place, so that a reader never meets half a bundle. */
async function build(target: Target, now: string): Promise<void> {
	if (!existsSync(join(ROOT, target.entry)))
		throw new Error(`${target.entry} does not exist`);
	const { build: bundle } = await import("vite");
	const aside = join(DIST, `.${target.name}-${process.pid}`);
	try {
		const folders = new Set<string>();
		const config = target.config(aside);
		await bundle({
			...config,
			plugins: [...(config.plugins ?? []), notePackages(folders)],
		});
		await rm(join(DIST, target.name), { recursive: true, force: true });
		await rename(aside, join(DIST, target.name));
		await writeFile(
			packagesOf(target),
			`${JSON.stringify([...folders].sort(), null, "\t")}\n`,
		);
		await writeFile(stampOf(target), now);
	} finally {
		await rm(aside, { recursive: true, force: true });
	}
}

/** Builds the named targets (all when none is named) and prints one line. */
async function buildAll(names: readonly string[]): Promise<void> {
	const unknown = names.filter(
		(name) => !TARGETS.some((target) => target.name === name),
	);
	if (unknown.length > 0)
		throw new Error(`there is no target ${unknown.join(", ")}`);
	await mkdir(DIST, { recursive: true });
	const startedMs = performance.now();
	const built: string[] = [];
	for (const target of TARGETS) {
		if (names.length > 0 && !names.includes(target.name)) continue;
		const now = await digest(target);
		if (await isUpToDate(target, now)) continue;
		await build(target, now);
		built.push(target.name);
	}
	const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
	// On stderr: `npm run demo` and the like pipe stdout on to other programs.
	console.error(
		built.length === 0
			? "build: up to date"
			: `build: ${built.join(", ")} in ${seconds} s`,
	);
}

try {
	await buildAll(process.argv.slice(2));
} catch (error) {
	console.error(
		`build: ${error instanceof Error ? error.message : String(error)}`,
	);
	process.exitCode = 1;
}
