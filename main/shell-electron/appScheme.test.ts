import {
	mkdir,
	mkdtemp,
	realpath,
	rm,
	symlink,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
	APP_SCHEME,
	answerFrom,
	CONTENT_SECURITY_POLICY,
	namesIn,
} from "./appScheme.ts";

let folder: string;
let answer: (request: Request) => Promise<Response>;

beforeAll(async () => {
	folder = await realpath(await mkdtemp(join(tmpdir(), "foredeck-app-")));
	const root = join(folder, "renderer");
	await mkdir(join(root, "assets"), { recursive: true });
	await mkdir(join(folder, "renderer-other"));
	await writeFile(join(root, "index.html"), "<!doctype html>page");
	await writeFile(
		join(root, "assets", "main-Bx1_-9.js"),
		"export const a = 1;",
	);
	await writeFile(
		join(root, "assets", "font.woff2"),
		new Uint8Array([1, 0, 255]),
	);
	await writeFile(join(root, "assets", "main.js.map"), "{}");
	await writeFile(join(root, ".stamp.html"), "hidden");
	await writeFile(join(folder, "secret.html"), "secret");
	await writeFile(join(folder, "renderer-other", "secret.html"), "secret");
	await symlink(join(folder, "secret.html"), join(root, "link.html"));
	await symlink(join(folder, "renderer-other"), join(root, "linked"));
	await symlink(join(root, "index.html"), join(root, "inner.html"));
	answer = answerFrom(root);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A request whose address is exactly this text: the parser of Request would mend what a hostile page sends. */
const asked = (url: string, method = "GET"): Request =>
	({ url, method }) as Request;

test("the scheme is standard and secure and nothing more", () => {
	expect(APP_SCHEME).toEqual({
		scheme: "app",
		privileges: { standard: true, secure: true, supportFetchAPI: true },
	});
});

test("the content security policy is the one that was decided", () => {
	expect(CONTENT_SECURITY_POLICY).toBe(
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'",
	);
});

describe("a file of the page is given with its kind", () => {
	test.each([
		["app://console/", "text/html; charset=utf-8"],
		["app://console/index.html?a=1#/jobs", "text/html; charset=utf-8"],
		["app://console/assets/main-Bx1_-9.js", "text/javascript; charset=utf-8"],
		["app://console/assets/font.woff2", "font/woff2"],
		["app://console/inner.html", "text/html; charset=utf-8"],
	])("%s", async (address, kind) => {
		const response = await answer(asked(address));
		expect(response.status).toBe(200);
		expect(response.headers.get("content-type")).toBe(kind);
		expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0);
	});

	test("bytes come as they are", async () => {
		const response = await answer(asked("app://console/assets/font.woff2"));
		expect(new Uint8Array(await response.arrayBuffer())).toEqual(
			new Uint8Array([1, 0, 255]),
		);
	});

	test("HEAD tells the kind without the bytes", async () => {
		const response = await answer(asked("app://console/", "HEAD"));
		expect(response.status).toBe(200);
		expect(await response.text()).toBe("");
	});
});

const hostile: readonly string[] = [
	"app://console/../secret.html",
	"app://console/assets/../../secret.html",
	"app://console/%2e%2e/secret.html",
	"app://console/..%2fsecret.html",
	"app://console/..%2Fsecret.html",
	"app://console/..%5csecret.html",
	"app://console/..\\secret.html",
	"app://console/assets%2f..%2f..%2fsecret.html",
	"app://console/%252e%252e/secret.html",
	"app://console/..%c0%afsecret.html",
	"app://console//etc/passwd.html",
	"app://console/C:/secret.html",
	"app://console/index.html:stream.html",
	"app://console/index.html%00.png",
	"app://console/index.html%0d%0aX-Evil:1.html",
	"app://console/link.html",
	"app://console/linked/secret.html",
	"app://console/.stamp.html",
	"app://console/assets",
	"app://console/assets/",
	"app://console/assets/main.js.map",
	"app://console/missing.html",
	"app://console/renderer-other/secret.html",
	"app://console/%",
	"app://other/index.html",
	"app://console.evil/index.html",
	"app://console@evil/index.html",
	"https://console/index.html",
	"file:///etc/passwd",
	"",
];

describe("an odd address gets nothing, and the security headers all the same", () => {
	test.each(hostile)("%s", async (address) => {
		const response = await answer(asked(address));
		expect([400, 404]).toContain(response.status);
		expect(await response.text()).not.toContain("secret");
		expect(response.headers.get("content-security-policy")).toBe(
			CONTENT_SECURITY_POLICY,
		);
		expect(response.headers.get("x-content-type-options")).toBe("nosniff");
	});
});

test("nothing can be written", async () => {
	for (const method of ["POST", "PUT", "DELETE", "PATCH"])
		expect(
			(await answer(asked("app://console/index.html", method))).status,
		).toBe(405);
});

test("every answer carries the security headers", async () => {
	const { headers } = await answer(asked("app://console/"));
	expect(Object.fromEntries(headers)).toMatchObject({
		"content-security-policy": CONTENT_SECURITY_POLICY,
		"x-content-type-options": "nosniff",
		"referrer-policy": "no-referrer",
		"cross-origin-opener-policy": "same-origin",
	});
});

test("names are read from addresses of ours only", () => {
	expect(namesIn("app://console/")).toEqual(["index.html"]);
	expect(namesIn("app://console/assets/a.js")).toEqual(["assets", "a.js"]);
	expect(namesIn("app://console/a%20b.svg")).toEqual(["a b.svg"]);
	expect(namesIn("https://console/a.js")).toBeNull();
});
