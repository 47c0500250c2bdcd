// Makes the Linux app and its .deb as `npm run dist` does, with a stand-in for the Electron distribution, and looks at
// what a person would get: files, fuses, licences, updates, and the package installed, started and removed.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
	globSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { extractAll, extractFile, listPackage } from "@electron/asar";
import { FuseV1Options, getCurrentFuseWire } from "@electron/fuses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { APP_ID } from "../../shared/product.ts";
import { RELEASE_KEY } from "../core/update/releaseKey.ts";
import type { StatedFuses } from "../packaging/fuses.ts";
import { allFuses } from "../packaging/fuses.ts";
import { bundledFolders, packedFolders } from "../packaging/thirdParty.ts";
import { writeAppImageTools } from "../testkit/packaging/appImageTools.ts";
import {
	readWindowsProgram,
	writeStandInElectron,
} from "../testkit/packaging/standInElectron.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FEED = "https://updates.example.test/";
/** As many as the Electron of package.json has. */
const FUSES = 9;

/** Where Debian's tools are, and the keychain module fits the app that is made. */
const HERE = process.platform === "linux" && process.arch === "x64";

const work = mkdtempSync(join(tmpdir(), "foredeck-packaged-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const manifest = (path: string): Record<string, unknown> =>
	JSON.parse(readFileSync(join(ROOT, path), "utf8"));
const electronVersion = `${manifest("node_modules/electron/package.json").version}`;
const { version } = manifest("package.json");
const hasKeytar = globSync("node_modules/keytar", { cwd: ROOT }).length > 0;

/** Boots the app in the folder that is its argument against the double of Electron, quits it, and says what was there. */
const START_ALONE = `
	import { createRequire } from "node:module";
	import { pathToFileURL } from "node:url";
	const { installElectronDouble } = await import("./main/testkit/electronDouble.ts");
	const [folder] = process.argv.splice(1, 1, "electron");
	const electron = installElectronDouble({ packaged: true });
	const main = folder + "/dist/electron/main.mjs";
	const load = createRequire(main);
	const keychain = ${hasKeytar} ? typeof load("keytar").getPassword : "absent";
	const updater = typeof load("electron-updater").NsisUpdater;
	await import(pathToFileURL(main).href);
	await electron.page;
	electron.quit();
	const exit = await electron.exit;
	const tray = electron.tray?.picture.slice(folder.length);
	const loaded = electron.deeds.includes("load app://console/index.html 200");
	console.log(JSON.stringify({ updater, keychain, loaded, exit, tray }));
`;

/** Runs `npm run dist` with these arguments. */
function dist(
	args: readonly string[],
	env: Readonly<Record<string, string>>,
): { code: number | null; out: string; err: string } {
	const done = spawnSync(process.execPath, [".ci/dist.ts", ...args], {
		cwd: ROOT,
		encoding: "utf8",
		env: { ...process.env, ...env },
	});
	return { code: done.status, out: done.stdout, err: done.stderr };
}

/** Every file of the packed app, with its content; unpacked ones too. */
function packedFiles(archive: string): Map<string, Buffer> {
	const all = listPackage(archive, { isPack: false }).map((name) =>
		name.slice(1).replaceAll("\\", "/"),
	);
	const folders = new Set(
		all.flatMap((name) => {
			const parts = name.split("/");
			return parts.map((_part, count) => parts.slice(0, count).join("/"));
		}),
	);
	const files = new Map<string, Buffer>();
	for (const name of all) {
		if (folders.has(name)) continue;
		try {
			files.set(name, extractFile(archive, name));
		} catch {
			// An empty folder.
		}
	}
	return files;
}

describe.runIf(HERE)("the app for Linux", () => {
	const output = join(work, "linux");
	const app = join(output, "linux-unpacked");
	const resources = join(app, "resources");
	const deb = join(output, `Foredeck-${version}-linux-amd64.deb`);
	let files: Map<string, Buffer>;
	const textOf = (name: string): string => `${files.get(name)}`;

	beforeAll(() => {
		const electron = join(work, "electron");
		writeStandInElectron(electron, "linux", FUSES, electronVersion);
		writeAppImageTools(join(work, "tools"));
		const made = dist(
			["--targets", "dir,deb,AppImage", "--arch", "x64", "--output", output],
			{
				FOREDECK_ELECTRON_DIST: electron,
				FOREDECK_UPDATE_URL: FEED,
				APPIMAGE_TOOLS_PATH: join(work, "tools"),
				CUSTOM_FPM_PATH: join(ROOT, "main/testkit/packaging/debBuilder.mjs"),
			},
		);
		expect(made, made.err).toMatchObject({ code: 0 });
		expect(made.out.trim().split("\n")).toContain(deb);
		files = packedFiles(join(resources, "app.asar"));
	}, 120_000);

	test("carries the built files, byte for byte, and nothing else of ours", () => {
		const built = [
			"dist/electron/main.mjs",
			"dist/preload/preload.cjs",
			"dist/passphrase/passphrase.cjs",
			...globSync("dist/renderer/**/*", { cwd: ROOT, withFileTypes: true })
				.filter((entry) => entry.isFile())
				.map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length)),
			...globSync("resources/tray/*.{png,ico}", { cwd: ROOT }),
		];
		expect(built.length).toBeGreaterThan(5);
		const ours = [...files.keys()].filter(
			(name) => !name.startsWith("node_modules/"),
		);
		expect(ours.sort()).toEqual([...built, "package.json"].sort());
		expect(ours.filter((name) => /tray\/.*\.png$/.test(name))).toHaveLength(30);
		for (const name of built)
			expect(files.get(name)?.equals(readFileSync(join(ROOT, name)))).toBe(
				true,
			);
	});

	test("carries no source, no source map, no test, and no path of the machine that made it", () => {
		for (const [name, content] of files) {
			expect(name).not.toMatch(/\.(map|tsx?|mts|cts)$/);
			expect(name).not.toMatch(/(^|\/)(tests?|__tests__|\.bin)\//);
			expect(content.includes(ROOT)).toBe(false);
		}
	});

	test("carries React as it is for people, not for developers, though a test runner had it built", () => {
		const [script] = globSync("dist/renderer/assets/index-*.js", { cwd: ROOT });
		const text = textOf(`${script}`);
		expect(text.length).toBeGreaterThan(100_000);
		expect(text).not.toMatch(/jsxDEV|react-stack-top-frame/);
	});

	test("carries no key", () => {
		const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}/;
		expect("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIJ7Qx0Pr1E2").toMatch(key);
		const shown = readdirSync(resources, { withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => [entry.name, readFileSync(join(resources, entry.name))]);
		for (const [name, content] of [...files, ...shown] as [string, Buffer][]) {
			expect(name).not.toMatch(/\.(pem|key|p12|pfx|crt|jks)$/);
			expect(key.test(content.toString("latin1"))).toBe(false);
		}
	});

	test.each(["dist/preload/preload.cjs", "dist/passphrase/passphrase.cjs"])(
		"%s needs nothing but electron",
		(name) => {
			const preload = textOf(name);
			expect(preload.match(/\brequire\([^)]*\)/g)).toEqual([
				'require("electron")',
			]);
			expect(preload).not.toMatch(/\bimport\b/);
		},
	);

	test("every package that its main file loads is packed, and only those with what they need", () => {
		const loaded = textOf("dist/electron/main.mjs").matchAll(
			/^import\b[^"']*["']([^"'.][^"']*)["'];?$|\b(?:import|require)\(["']([^"'.][^"']*)["']\)/gm,
		);
		const names = new Set([...loaded].map(([, a, b]) => `${a ?? b}`));
		// Tried by ws and done without; Electron brings itself.
		for (const name of ["electron", "bufferutil", "utf-8-validate"])
			names.delete(name);
		if (!hasKeytar) names.delete("keytar");
		for (const name of names)
			if (!name.startsWith("node:") && !builtinModules.includes(name))
				expect(files.has(`node_modules/${name}/package.json`), name).toBe(true);
		const identity = (text: string): string => {
			const { name, version: its } = JSON.parse(text);
			return `${name} ${its}`;
		};
		const packed = [...files.keys()]
			.filter((name) => /^node_modules\/.*[^/]\/package\.json$/.test(name))
			.map((name) => identity(textOf(name)));
		const needed = packedFolders(ROOT, ["electron-updater", "keytar"]).map(
			(folder) =>
				identity(readFileSync(join(ROOT, folder, "package.json"), "utf8")),
		);
		expect(packed.sort()).toEqual(needed.sort());
		expect(packed.join()).toContain("electron-updater ");
	});

	test("what was packed starts by itself, away from this checkout, and finds what it loads", () => {
		const alone = join(work, "alone");
		extractAll(join(resources, "app.asar"), alone);
		const done = spawnSync(
			process.execPath,
			["--input-type=module", "-e", START_ALONE, alone, "--demo", "--hosts=1"],
			{ cwd: ROOT, encoding: "utf8", timeout: 30_000 },
		);
		expect(done, done.stderr).toMatchObject({ status: 0 });
		expect(JSON.parse(`${done.stdout.trim().split("\n").at(-1)}`)).toEqual({
			updater: "function",
			keychain: hasKeytar ? "function" : "absent",
			loaded: true,
			exit: 0,
			tray: expect.stringMatching(/^\/resources\/tray\/\w+-light\.png$/),
		});
	});

	test("the keychain's native module lies beside the archive, where it was installed", () => {
		const unpacked = globSync("**/*.node", { cwd: resources });
		expect(unpacked).toEqual(
			hasKeytar
				? ["app.asar.unpacked/node_modules/keytar/build/Release/keytar.node"]
				: [],
		);
	});

	test("its manifest starts the built main file and holds nothing that is only for development", () => {
		const packed = JSON.parse(textOf("package.json"));
		expect(packed).toMatchObject({
			name: "foredeck",
			version,
			main: "dist/electron/main.mjs",
			type: "module",
			desktopName: "foredeck.desktop",
		});
		expect(packed).not.toHaveProperty("scripts");
		expect(packed).not.toHaveProperty("devDependencies");
	});

	test("the licence of everything of others is told, and is one that lets us", () => {
		const text = readFileSync(join(resources, "THIRD-PARTY.txt"), "utf8");
		const carried = [
			...bundledFolders(ROOT),
			...packedFolders(ROOT, ["electron-updater", "keytar"]),
		];
		expect(carried).toContain("node_modules/@fontsource-variable/inter");
		for (const folder of carried) {
			const {
				name,
				version: its,
				license,
			} = manifest(`${folder}/package.json`);
			expect(text).toContain(`\n${name} ${its}: ${license}\n`);
			expect(license).toMatch(
				/^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|OFL-1\.1|Python-2\.0|\(BSD-3-Clause OR GPL-2\.0\))$/,
			);
		}
		expect(readFileSync(join(resources, "LICENSE.txt"))).toEqual(
			readFileSync(join(ROOT, "LICENSE")),
		);
		expect(readdirSync(app)).toEqual(
			expect.arrayContaining([
				"LICENSE.electron.txt",
				"LICENSES.chromium.html",
			]),
		);
	});

	test("every fuse in the program is as it was stated", async () => {
		const { electronFuses } = parse(
			readFileSync(join(ROOT, "electron-builder.yml"), "utf8"),
		) as { electronFuses: StatedFuses };
		const wire = await getCurrentFuseWire(join(app, "foredeck"));
		const found = [...allFuses(electronFuses).keys()].map((name) => [
			name,
			wire[FuseV1Options[name as keyof typeof FuseV1Options]] ===
				"1".charCodeAt(0),
		]);
		expect(Object.fromEntries(found)).toEqual(
			Object.fromEntries(allFuses(electronFuses)),
		);
	});

	test("updates come from the feed that was named, for both channels, with the digest of what was made", () => {
		expect(
			parse(readFileSync(join(resources, "app-update.yml"), "utf8")),
		).toEqual({
			provider: "generic",
			url: FEED,
			useMultipleRangeRequest: false,
			updaterCacheDirName: "foredeck-updater",
		});
		const image = `Foredeck-${version}-linux-x86_64.AppImage`;
		const files = [image, `Foredeck-${version}-linux-amd64.deb`].map((name) => {
			const content = readFileSync(join(output, name));
			const sha512 = createHash("sha512").update(content).digest("base64");
			return expect.objectContaining({
				url: name,
				sha512,
				size: content.length,
			});
		});
		for (const channel of ["latest", "beta"])
			expect(
				parse(readFileSync(join(output, `${channel}-linux.yml`), "utf8")),
			).toMatchObject({
				version,
				path: image,
				files: expect.arrayContaining(files),
			});
	});

	test("the window's other languages stayed out", () => {
		expect(readdirSync(join(app, "locales"))).toEqual(["en-US.pak"]);
	});

	test("the package says what it is and needs", () => {
		const fields = execFileSync("dpkg-deb", ["-f", deb], { encoding: "utf8" });
		expect(parse(fields.replace(/^ .*$/gm, ""))).toMatchObject({
			Package: "foredeck",
			Version: version,
			Architecture: "amd64",
			Section: "admin",
			Description: "Desktop fleet console for on-call engineers",
		});
		// The keychain is reached through it.
		expect(fields).toMatch(/^Depends: .*\blibsecret-1-0\b/m);
	});

	test("the package puts its files where a desktop looks for them, owned by root, none of them set-uid", () => {
		const listed = execFileSync("dpkg-deb", ["-c", deb], { encoding: "utf8" });
		const lines = listed.trim().split("\n");
		const names = lines.map((line) => line.split(" ./")[1]);
		expect(names).toEqual(
			expect.arrayContaining([
				"opt/Foredeck/foredeck",
				"opt/Foredeck/resources/app.asar",
				"usr/share/applications/foredeck.desktop",
				...[16, 32, 48, 64, 128, 256, 512].map(
					(size) => `usr/share/icons/hicolor/${size}x${size}/apps/foredeck.png`,
				),
			]),
		);
		for (const line of lines)
			expect(line).toMatch(/^[-d]rw[x-]r-[x-]r-[x-] root\/root /);
	});

	test("the menu entry is valid, opens our links, and belongs to our windows", () => {
		const tree = join(work, "tree");
		execFileSync("dpkg-deb", ["-x", deb, tree]);
		const entry = join(tree, "usr/share/applications/foredeck.desktop");
		expect(readFileSync(entry, "utf8").trim().split("\n")).toEqual(
			expect.arrayContaining([
				"[Desktop Entry]",
				"Name=Foredeck",
				"Type=Application",
				"Exec=/opt/Foredeck/foredeck %U",
				"Icon=foredeck",
				"StartupWMClass=foredeck",
				"MimeType=x-scheme-handler/foredeck;",
				"Categories=System;Monitor;",
			]),
		);
		const judged = spawnSync("desktop-file-validate", [entry], {
			encoding: "utf8",
		});
		expect(judged).toMatchObject({ status: 0, stdout: "" });
	});

	test("the AppImage starts, carries the same app, and never asks for Chromium's sandbox to be left out", () => {
		const image = join(output, `Foredeck-${version}-linux-x86_64.AppImage`);
		const told = execFileSync(image, ["--version"], { encoding: "utf8" });
		expect(told).toMatch(/^stand-in: (--no-sandbox )?--version$/m);
		execFileSync(image, ["--appimage-extract"], { cwd: work });
		const tree = join(work, "squashfs-root");
		expect(readFileSync(join(tree, "resources/app.asar"))).toEqual(
			readFileSync(join(resources, "app.asar")),
		);
		const entry = join(tree, "foredeck.desktop");
		expect(readFileSync(entry, "utf8")).toMatch(/^Exec=AppRun %U$/m);
		expect(
			spawnSync("desktop-file-validate", [entry], { encoding: "utf8" }),
		).toMatchObject({ status: 0, stdout: "" });
	});

	test("the package installs, starts and is removed without a trace", (context) => {
		const upper = join(work, "upper");
		mkdirSync(upper);
		const told = installedOver(deb, upper);
		if (told === null)
			context.skip("no overlay over the system's files here; as root there is");
		expect(told).toMatch(/^started: stand-in: --version$/m);
		expect(told).toMatch(/^left: $/m);
		expect(told).toMatch(/^done$/m);
	});
});

/**
 * Installs over the system's files in a mount namespace of its own, with all changes in a folder in memory; the system
 * itself is not touched. Null where that is not allowed.
 */
function installedOver(deb: string, upper: string): string | null {
	const script = join(work, "install.sh");
	writeFileSync(
		script,
		`set -e
mount -t tmpfs none "$1"
mkdir "$1/new" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/new,workdir=$1/work" "$1/root" || exit 77
dpkg --root="$1/root" --force-depends -i "$2" >&2
echo "started: $(chroot "$1/root" /usr/bin/foredeck --version)"
dpkg --root="$1/root" --force-depends --purge foredeck >&2
echo "left: $(cd "$1/root" && ls -d opt/Foredeck usr/bin/foredeck etc/alternatives/foredeck usr/share/applications/foredeck.desktop 2>/dev/null | tr '\\n' ' ')"
echo done
`,
	);
	const probe = spawnSync("unshare", ["--mount", "true"]);
	if (probe.error !== undefined || probe.status !== 0) return null;
	const done = spawnSync("unshare", ["--mount", "sh", script, upper, deb], {
		encoding: "utf8",
	});
	if (done.status === 77) return null;
	expect(done.status, done.stderr).toBe(0);
	return done.stdout;
}

/** SHA-256 of an archive's header, which lists the digest of every file. It is a string behind four numbers. */
function headerDigest(archive: string): string {
	const bytes = readFileSync(archive);
	const header = bytes.subarray(16, 16 + bytes.readUInt32LE(12));
	return createHash("sha256").update(header).digest("hex");
}

// Not on macOS itself, where the stand-in would be signed.
describe.runIf(HERE)("the app for macOS", () => {
	const contents = join(work, "mac/mac/Foredeck.app/Contents");
	let plist: string;

	beforeAll(() => {
		const electron = join(work, "electron-mac");
		writeStandInElectron(electron, "mac", FUSES, electronVersion);
		// Without the native module of this machine, which would rightly be refused.
		const made = dist(
			[
				...["--system", "mac", "--targets", "dir", "--arch", "x64"],
				...["--output", join(work, "mac"), "--without-keychain"],
			],
			{ FOREDECK_ELECTRON_DIST: electron },
		);
		expect(made, made.err).toMatchObject({ code: 0 });
		plist = readFileSync(join(contents, "Info.plist"), "utf8");
	}, 120_000);

	test("says in Info.plist who it is, which links it opens, and that nothing is loaded unencrypted", () => {
		const flat = plist.replace(/\s+/g, "");
		for (const part of [
			`<key>CFBundleIdentifier</key><string>${APP_ID}</string>`,
			"<key>CFBundleURLSchemes</key><array><string>foredeck</string></array>",
			"<key>NSAllowsArbitraryLoads</key><false/>",
		])
			expect(flat).toContain(part);
	});

	test("carries the digest of its archive, which Electron compares at each start", () => {
		const sha256 = headerDigest(join(contents, "Resources/app.asar"));
		expect(plist.replace(/\s+/g, "")).toContain(
			`<key>Resources/app.asar</key><dict><key>algorithm</key><string>SHA256</string><key>hash</key><string>${sha256}</string>`,
		);
	});

	test("carries the same files as the one for Linux, but for the keychain that was left out", () => {
		const packed = [
			...packedFiles(join(contents, "Resources/app.asar")).keys(),
		];
		const other = packedFiles(
			join(work, "linux/linux-unpacked/resources/app.asar"),
		);
		expect(packed.sort()).toEqual(
			[...other.keys()]
				.filter((name) => !name.startsWith("node_modules/keytar/"))
				.sort(),
		);
	});

	test("has every fuse flipped", async () => {
		const wire = await getCurrentFuseWire(join(contents, ".."));
		expect(wire[FuseV1Options.RunAsNode]).toBe("0".charCodeAt(0));
		expect(wire[FuseV1Options.WasmTrapHandlers]).toBe("1".charCodeAt(0));
	});

	test("without a feed there is nothing to look for updates in", () => {
		expect(readdirSync(join(contents, "Resources"))).not.toContain(
			"app-update.yml",
		);
	});
});

describe.runIf(HERE)("the app for Windows", () => {
	const app = join(work, "win/win-unpacked");
	let program: ReturnType<typeof readWindowsProgram>;

	beforeAll(() => {
		const electron = join(work, "electron-win");
		writeStandInElectron(electron, "win", FUSES, electronVersion);
		const made = dist(
			[
				...["--system", "win", "--targets", "dir", "--arch", "x64"],
				...["--output", join(work, "win"), "--without-keychain"],
			],
			{ FOREDECK_ELECTRON_DIST: electron },
		);
		expect(made, made.err).toMatchObject({ code: 0 });
		program = readWindowsProgram(readFileSync(join(app, "Foredeck.exe")));
	}, 120_000);

	test("its program says whose it is, and shows our icon", () => {
		expect(program.texts).toMatchObject({
			ProductName: "Foredeck",
			LegalCopyright: "Copyright 2026 The Foredeck authors",
			FileVersion: version,
		});
		const icon = readFileSync(join(ROOT, "resources/icon.ico"));
		const images = [...program.resources.values()].filter(
			(bytes) => bytes.length > 100 && icon.includes(bytes),
		);
		expect(images).toHaveLength(7);
	});

	test("its program carries the digest of its archive, which Electron compares at each start", () => {
		const sha256 = headerDigest(join(app, "resources/app.asar"));
		expect(
			JSON.parse(`${program.resources.get("INTEGRITY/ELECTRONASAR")}`),
		).toEqual([{ file: "resources\\app.asar", alg: "SHA256", value: sha256 }]);
	});

	test("has every fuse flipped", async () => {
		const wire = await getCurrentFuseWire(join(app, "Foredeck.exe"));
		expect(wire[FuseV1Options.RunAsNode]).toBe("0".charCodeAt(0));
		expect(wire[FuseV1Options.WasmTrapHandlers]).toBe("1".charCodeAt(0));
	});
});

describe("npm run dist refuses", () => {
	test("a release without everything that it must say", () => {
		expect(dist(["--release", "--system", "linux"], {})).toEqual({
			code: 1,
			out: "",
			err: "dist: a release needs FOREDECK_HOMEPAGE, FOREDECK_MAINTAINER, FOREDECK_UPDATE_URL in the environment; docs/releasing.md says what they are\n",
		});
	});

	test("a release from another Electron", () => {
		const { code, err } = dist(["--release", "--system", "linux"], {
			FOREDECK_ELECTRON_DIST: work,
		});
		expect(code).toBe(1);
		expect(err).toMatch(
			/^dist: a release is made from the Electron that is downloaded and checked, and FOREDECK_ELECTRON_DIST names another\n$/,
		);
	});

	test.skipIf(RELEASE_KEY !== null)(
		"a release while no release key is compiled in",
		() => {
			const { code, err } = dist(["--release", "--system", "linux"], {
				FOREDECK_HOMEPAGE: "https://foredeck.example.test/",
				FOREDECK_MAINTAINER: "Ada Example <ada@example.test>",
				FOREDECK_UPDATE_URL: "https://updates.example.test/",
			});
			expect(code).toBe(1);
			expect(err).toMatch(/^dist: a release needs the project’s release key /);
		},
	);

	test("in one sentence, where Electron is not and cannot be downloaded", () => {
		const { code, err } = dist(["--system", "linux"], {
			ELECTRON_MIRROR: "http://127.0.0.1:9/",
			HOME: work,
			XDG_CACHE_HOME: work,
			LOCALAPPDATA: work,
			electron_config_cache: "",
		});
		expect(code).toBe(1);
		expect(err.trim().split("\n").at(-1)).toMatch(
			/^dist: installers are made from Electron \S+, which is not on this machine and cannot be downloaded from here; run npm run dist where 127\.0\.0\.1:9 can be reached$/,
		);
	});

	test("a configuration with a word that electron-builder does not know", async () => {
		const { build, Platform } = await import("electron-builder");
		await expect(
			build({
				projectDir: ROOT,
				targets: Platform.LINUX.createTarget("dir"),
				publish: "never",
				config: {
					directories: { output: join(work, "wrong") },
					...({ apId: "io.foredeck.console" } as object),
				},
			}),
		).rejects.toThrow(/unknown property 'apId'/);
	});
});
