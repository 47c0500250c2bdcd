// What may come in: who signed, which version, which channel, which part of the rollout. And when it may be installed.
import { generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Installation, Verdict } from "./gate.ts";
import { channelOf, judgeRelease, rolloutPlace, whyNotNow } from "./gate.ts";
import type { Manifest } from "./manifest.ts";
import { MANIFEST_MOST_BYTES } from "./manifest.ts";
import { RELEASE_KEY } from "./releaseKey.ts";
import { compareVersions, parseVersion } from "./version.ts";

const keys = generateKeyPairSync("ed25519");
const strangers = generateKeyPairSync("ed25519");
const publicKey = keys.publicKey
	.export({ type: "spki", format: "pem" })
	.toString();
const SHA512 = Buffer.alloc(64, 7).toString("base64");
const file = (name: string) => ({ name, size: 10, sha512: SHA512 });

const installation: Installation = {
	version: "1.2.0",
	channel: "latest",
	installId: "one",
	platform: "linux",
	arch: "x64",
	publicKey,
};
const release: Manifest = {
	version: "1.3.0",
	channel: "latest",
	releasedAt: "2026-11-01T00:00:00Z",
	files: [file("Foredeck-1.3.0-linux-x86_64.AppImage")],
	stagingPercentage: 100,
	notes: "Faster.",
};
const bytesOf = (manifest: unknown): Buffer =>
	Buffer.from(JSON.stringify(manifest));
const signed = (bytes: Buffer, by = keys): Buffer =>
	Buffer.from(`${sign(null, bytes, by.privateKey).toString("base64")}\n`);

function judge(
	change: Partial<Record<keyof Manifest, unknown>> = {},
	installed: Partial<Installation> = {},
): Verdict {
	const named =
		typeof change.version === "string" && change.files === undefined
			? { files: [file(`Foredeck-${change.version}-linux-x86_64.AppImage`)] }
			: {};
	const bytes = bytesOf({ ...release, ...named, ...change });
	return judgeRelease(bytes, signed(bytes), { ...installation, ...installed });
}
const refused = (sentence: string | RegExp) => ({
	ok: false,
	fault: {
		code: "update.refused",
		sentence: expect.stringMatching(sentence),
	},
});

test("a newer release that we signed comes in, with the one file for this computer", () => {
	expect(judge()).toMatchObject({
		ok: true,
		value: { version: "1.3.0", notes: "Faster.", file: release.files[0] },
	});
});

describe("update.refused", () => {
	test("a changed byte anywhere in the manifest is refused, even one that changes no value", () => {
		const bytes = bytesOf(release);
		const signature = signed(bytes);
		for (let at = 0; at < bytes.length; at++) {
			const tampered = Buffer.from(bytes);
			tampered[at] = (tampered[at] ?? 0) ^ 1;
			expect(judgeRelease(tampered, signature, installation)).toMatchObject(
				refused("not signed"),
			);
		}
		const padded = Buffer.concat([bytes, Buffer.from(" ")]);
		expect(judgeRelease(padded, signature, installation)).toMatchObject(
			refused("not signed"),
		);
	});

	test("another's signature, none, a cut one and a page in its place are refused", () => {
		const bytes = bytesOf(release);
		for (const signature of [
			signed(bytes, strangers),
			Buffer.alloc(0),
			signed(bytes).subarray(0, 80),
			Buffer.from("<html>not here</html>"),
			Buffer.alloc(64),
		])
			expect(judgeRelease(bytes, signature, installation)).toMatchObject(
				refused("not signed"),
			);
	});

	test("a build without a release key accepts nothing, nor one whose key is of another kind", () => {
		const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 })
			.publicKey.export({ type: "spki", format: "pem" })
			.toString();
		for (const key of [null, "", rsa])
			expect(judge({}, { publicKey: key })).toMatchObject(
				refused("no release key"),
			);
	});

	test("the compiled-in key is an Ed25519 key, or there is none", () => {
		const verdict = judge({}, { publicKey: RELEASE_KEY });
		expect(verdict).toMatchObject(
			refused(RELEASE_KEY === null ? "no release key" : "not signed"),
		);
	});

	test("no downgrade, pre-releases of the installed version included", () => {
		for (const version of ["1.1.9", "0.9.0", "1.2.0-beta.3"])
			expect(
				judge({ version, channel: "beta" }, { channel: "beta" }),
			).toMatchObject(refused(/older than the installed 1\.2\.0/));
	});

	test("a beta that follows releases again waits for one that passes it", () => {
		const beta = { version: "1.4.0-beta.1", channel: "latest" } as const;
		expect(judge({ version: "1.3.0" }, beta)).toEqual({
			ok: true,
			value: null,
		});
		expect(
			judge(
				{ version: "1.3.0", channel: "beta" },
				{ ...beta, channel: "beta" },
			),
		).toMatchObject(refused(/older than the installed/));
	});

	test("another channel's manifest is refused, and a pre-release on latest", () => {
		expect(judge({ channel: "beta" })).toMatchObject(refused("channel beta"));
		expect(judge({ version: "1.3.0-beta.1" })).toMatchObject(
			refused("pre-release on channel latest"),
		);
	});

	test("a signed manifest with anything out of bounds is refused", () => {
		for (const change of [
			{ version: "1.3" },
			{ version: "1.3.0+build" },
			{ files: [] },
			{ files: [file("../Foredeck-1.3.0-linux-x86_64.AppImage")] },
			{ files: [file("https:evil")] },
			{ files: [{ ...file("a"), size: 2 ** 40 }] },
			{ files: [{ ...file("a"), sha512: "short" }] },
			{ stagingPercentage: 101 },
			{ notes: "x".repeat(20_001) },
			{ surprise: true } as never,
		])
			expect(judge(change)).toMatchObject(refused("cannot be read"));
		const large = Buffer.alloc(MANIFEST_MOST_BYTES + 1, 0x20);
		expect(judgeRelease(large, signed(large), installation)).toMatchObject(
			refused("larger"),
		);
	});

	test("an installation that is older than the minimum is sent to a person", () => {
		expect(judge({ minimumVersion: "1.2.1" })).toMatchObject(
			refused("install that one by hand first"),
		);
		expect(judge({ minimumVersion: "1.2.0" }).ok).toBe(true);
	});
});

test("the same version, another system's release and another release's file are nothing", () => {
	expect(judge({ version: "1.2.0" })).toEqual({ ok: true, value: null });
	expect(judge({}, { platform: "win32" })).toEqual({ ok: true, value: null });
	expect(judge({}, { arch: "arm64" })).toEqual({ ok: true, value: null });
	expect(
		judge({ files: [file("Foredeck-1.2.5-linux-x86_64.AppImage")] }),
	).toEqual({ ok: true, value: null });
});

test("each system takes its own file", () => {
	const files = [
		"linux-x86_64.AppImage",
		"linux-amd64.deb",
		"linux-arm64.AppImage",
		"mac-arm64.dmg",
		"mac-arm64.zip",
		"win-x64.exe",
		"win-arm64.exe",
	].map((end) => file(`Foredeck-1.3.0-${end}`));
	for (const [platform, arch, end] of [
		["linux", "x64", "linux-x86_64.AppImage"],
		["linux", "arm64", "linux-arm64.AppImage"],
		["darwin", "arm64", "mac-arm64.zip"],
		["win32", "x64", "win-x64.exe"],
		["win32", "arm64", "win-arm64.exe"],
	] as const)
		expect(judge({ files }, { platform, arch })).toMatchObject({
			value: { file: { name: `Foredeck-1.3.0-${end}` } },
		});
});

test("a staged rollout: nobody at 0 %, everybody at 100 %, and a rising share only adds", () => {
	const takers = (stagingPercentage: number): number[] =>
		Array.from({ length: 300 }, (_, id) => id).filter((id) => {
			const verdict = judge({ stagingPercentage }, { installId: `id-${id}` });
			return verdict.ok && verdict.value !== null;
		});
	expect(takers(0)).toHaveLength(0);
	expect(takers(100)).toHaveLength(300);
	const tenth = takers(10);
	expect(tenth.length).toBeGreaterThan(10);
	expect(tenth.length).toBeLessThan(60);
	expect(takers(50)).toEqual(expect.arrayContaining(tenth));
	expect(rolloutPlace("a", "1.3.0")).not.toBe(rolloutPlace("a", "1.4.0"));
});

test("an installation follows the channel of its version, and from beta goes on to the release", () => {
	expect(channelOf("1.3.0")).toBe("latest");
	expect(channelOf("1.3.0-beta.1")).toBe("beta");
	expect(
		judge(
			{ channel: "beta" },
			{ version: "1.3.0-beta.9", channel: channelOf("1.3.0-beta.9") },
		),
	).toMatchObject({ value: { version: "1.3.0" } });
});

test("never while a job is open or a failure is unread", () => {
	expect(whyNotNow({ openJobs: 1, unreadFailures: 0 })).toBe("a job is open");
	expect(whyNotNow({ openJobs: 2, unreadFailures: 3 })).toBe("2 jobs are open");
	expect(whyNotNow({ openJobs: 0, unreadFailures: 1 })).toBe(
		"a failure is unread in the inbox",
	);
	expect(whyNotNow({ openJobs: 0, unreadFailures: 0 })).toBeNull();
});

test("versions stand in the order of semver.org's own example", () => {
	const order = [
		"0.9.9",
		"1.0.0-alpha",
		"1.0.0-alpha.1",
		"1.0.0-alpha.beta",
		"1.0.0-beta",
		"1.0.0-beta.2",
		"1.0.0-beta.11",
		"1.0.0-rc.1",
		"1.0.0",
		"1.0.1",
		"1.10.0",
		"2.0.0",
	];
	const sorted = [...order]
		.reverse()
		.sort((a, b) =>
			compareVersions(parseVersion(a) ?? fail(a), parseVersion(b) ?? fail(b)),
		);
	expect(sorted).toEqual(order);
	for (const text of [
		"1.0",
		"01.0.0",
		"1.0.0-01",
		"1.0.0-",
		"v1.0.0",
		"",
		" 1.0.0",
	])
		expect(parseVersion(text)).toBeNull();
});

test("bytes of any kind are refused and never throw", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
			const own = Buffer.from(bytes);
			expect(judgeRelease(own, own, installation).ok).toBe(false);
			expect(judgeRelease(own, signed(own), installation).ok).toBe(false);
		}),
		{ numRuns: 200 },
	);
});

function fail(text: string): never {
	throw new Error(`${text} is a version`);
}
