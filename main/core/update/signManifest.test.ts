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
const judge = (channel: "latest" | "beta") =>
	judgeRelease(
		readFileSync(join(folder, `foredeck-${channel}.json`)),
		readFileSync(join(folder, `foredeck-${channel}.json.sig`)),
		{
			version: "1.0.0",
			channel,
			installId: "one",
			platform: "linux",
			arch: "x64",
			publicKey,
		},
	);

test("what it signs the gate lets in, for both channels, with notes, digest and block map", () => {
	build("1.1.0");
	writeFileSync(join(folder, "notes.txt"), "What is new\n");
	writeFileSync(
		join(folder, "latest-linux.yml"),
		"version: 1.1.0\nfiles:\n  - url: Foredeck-1.1.0-linux-x86_64.AppImage\n    blockMapSize: 7\n",
	);
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
					blockMapSize: 7,
				},
			},
		});
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
