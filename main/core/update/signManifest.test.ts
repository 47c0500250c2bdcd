// The release's side: what `.ci/signManifest.ts` signs is what the gate lets in, and without the right key it signs nothing.
import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import {
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { judgeRelease } from "./gate.ts";

const keys = generateKeyPairSync("ed25519");
const pem = (pair = keys): string =>
	pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const publicKey = keys.publicKey
	.export({ type: "spki", format: "pem" })
	.toString();
const ROOT = new URL("../../../", import.meta.url);
let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "foredeck-sign-"));
	writeFileSync(join(folder, "public.pem"), publicKey);
});
afterEach(() => rmSync(folder, { recursive: true }));

function signIn(args: string[], key: string | undefined = pem()) {
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[".ci/signManifest.ts", "--folder", folder, ...args],
		{
			cwd: ROOT,
			encoding: "utf8",
			env: { ...process.env, FOREDECK_RELEASE_KEY: key },
		},
	);
	return { status, stdout, stderr };
}
const build = (version: string): void => {
	writeFileSync(
		join(folder, `Foredeck-${version}-linux-x86_64.AppImage`),
		`app ${version}`,
	);
	writeFileSync(join(folder, `Foredeck-${version}-linux-amd64.deb`), "deb");
};
const ours = () => ["--public-key", join(folder, "public.pem")];
const judge = (
	channel: "latest" | "beta",
	system: { platform: string; arch: string } = {
		platform: "linux",
		arch: "x64",
	},
) =>
	judgeRelease(
		readFileSync(join(folder, `foredeck-${channel}.json`)),
		readFileSync(join(folder, `foredeck-${channel}.json.sig`)),
		{
			version: "1.0.0",
			channel,
			installId: "one",
			...system,
			publicKey,
		},
	);

test("what it signs the gate lets in, for both channels, with notes and digest", () => {
	build("1.1.0");
	writeFileSync(join(folder, "notes.txt"), "What is new\n");
	expect(
		signIn([
			...ours(),
			"--version=1.1.0",
			"--notes",
			join(folder, "notes.txt"),
		]),
	).toEqual({
		status: 0,
		stdout: "signManifest: signed 1.1.0 for latest and beta: 1 files\n",
		stderr: "",
	});
	for (const channel of ["latest", "beta"] as const)
		expect(judge(channel)).toMatchObject({
			ok: true,
			value: {
				version: "1.1.0",
				notes: "What is new",
				file: {
					name: "Foredeck-1.1.0-linux-x86_64.AppImage",
					size: 9,
					sha512: createHash("sha512").update("app 1.1.0").digest("base64"),
				},
			},
		});
});

/** Runs `.ci/releaseNotes.ts` on a changelog. */
function notesFor(version: string, changelog: string) {
	writeFileSync(join(folder, "CHANGELOG.md"), changelog);
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[
			".ci/releaseNotes.ts",
			`--version=${version}`,
			`--changelog=${join(folder, "CHANGELOG.md")}`,
		],
		{ cwd: ROOT, encoding: "utf8" },
	);
	return { status, stdout, stderr };
}
const CHANGELOG = `# Changelog

## 1.2.0 (not released yet)

- To come.

## 1.1.0 (2026-11-21)

The words before.

- Inbox: first failures are kept ([docs/security.md](docs/security.md)).
- \`foredeck watch\` goes on
  in a second line.

## 1.0.0

- Old.
`;

test("the chain of a release: notes from the changelog, every system's files, signed, and let in on each system", () => {
	const told = notesFor("1.1.0", CHANGELOG);
	expect(told).toMatchObject({ status: 0, stderr: "" });
	writeFileSync(join(folder, "notes.md"), told.stdout);
	const names = [
		"linux-x86_64.AppImage",
		"linux-amd64.deb",
		"linux-x86_64.rpm",
		"mac-x64.dmg",
		"mac-x64.zip",
		"mac-arm64.zip",
		"win-x64.exe",
		"win-x64.exe.blockmap",
		"win-arm64.exe",
	].map((end) => `Foredeck-1.1.0-${end}`);
	for (const name of names)
		writeFileSync(join(folder, name), `bytes of ${name}`);
	writeFileSync(join(folder, "latest.yml"), "version: 1.1.0\n");
	expect(
		signIn([...ours(), "--version=1.1.0", "--notes", join(folder, "notes.md")]),
	).toMatchObject({
		status: 0,
		stdout: "signManifest: signed 1.1.0 for latest and beta: 5 files\n",
	});
	for (const [platform, arch, end] of [
		["linux", "x64", "linux-x86_64.AppImage"],
		["darwin", "arm64", "mac-arm64.zip"],
		["win32", "x64", "win-x64.exe"],
	] as const) {
		const name = `Foredeck-1.1.0-${end}`;
		expect(judge("latest", { platform, arch })).toMatchObject({
			ok: true,
			value: {
				notes:
					"The words before.\n\n- Inbox: first failures are kept (docs/security.md).\n- `foredeck watch` goes on\n  in a second line.",
				file: {
					name,
					sha512: createHash("sha512")
						.update(readFileSync(join(folder, name)))
						.digest("base64"),
				},
			},
		});
	}
});

test("notes are refused for a version without a section, with an empty one, or that says it is not released", () => {
	for (const [version, why] of [
		["9.0.0", 'no section "## 9.0.0"'],
		["1.1", 'no section "## 1.1"'],
		["1.2.0", "not released"],
		["", "no section"],
	] as const) {
		const { status, stdout, stderr } = notesFor(version, CHANGELOG);
		expect([status, stdout]).toEqual([1, ""]);
		expect(stderr).toContain(why);
	}
	expect(
		notesFor("1.0.0", "## 1.0.0\n\n## 0.9.0\n\n- Old.\n").stderr,
	).toContain("empty");
	expect(
		notesFor("1.0.0", `## 1.0.0\n\n- ${"x".repeat(20_000)}\n`).stderr,
	).toContain("characters");
	// A beta shows what is collected for the version it comes before.
	expect(notesFor("1.2.0-beta.1", CHANGELOG).stdout).toBe("- To come.\n");
});

test("this repository's changelog has notes for its version, in the form that a window can list", () => {
	const read = (name: string): string =>
		readFileSync(new URL(name, ROOT), "utf8");
	const { version } = JSON.parse(read("package.json")) as { version: string };
	const { status, stdout } = notesFor(
		version,
		read("CHANGELOG.md").replace(" (not released yet)", ""),
	);
	expect(status).toBe(0);
	expect(stdout).toContain("\n- ");
	expect(stdout.length).toBeLessThan(20_000);
});

test("a pre-release goes to beta alone", () => {
	build("1.1.0-beta.1");
	expect(signIn([...ours(), "--version=1.1.0-beta.1"]).status).toBe(0);
	expect(judge("beta")).toMatchObject({ value: { version: "1.1.0-beta.1" } });
	expect(existsSync(join(folder, "foredeck-latest.json"))).toBe(false);
});

test("nothing is written without a key, with another's, for another public key, or without installers", () => {
	build("1.1.0");
	const strangers = generateKeyPairSync("ed25519");
	for (const [args, key, why] of [
		[ours(), "", "signManifest: "],
		[ours(), pem(strangers), "not the other half"],
		[["--staging=5"], pem(strangers), "signManifest: "],
		[[...ours(), "--version=9.0.0"], pem(), "no installer of version 9.0.0"],
	] as const) {
		const { status, stderr } = signIn(["--version=1.1.0", ...args], key);
		expect(status).toBe(1);
		expect(stderr).toContain(why);
		expect(stderr).not.toContain("PRIVATE KEY");
	}
	expect(existsSync(join(folder, "foredeck-latest.json"))).toBe(false);
});
