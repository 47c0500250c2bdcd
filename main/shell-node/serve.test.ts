// `serve` with a certificate of its own: what is told before anything starts, and that a good one serves.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createTestAuthority } from "../testkit/certificates.ts";
import { openTerminal } from "../testkit/terminal.ts";
import { run } from "./commandLine.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-serve-"));
afterAll(() => rmSync(folder, { recursive: true }));

const authority = createTestAuthority();
const good = authority.issue({ names: ["deck.fleet.test"] });
const other = authority.issue();
const weak = authority.issue({ key: "rsa1024" });
const encrypted = good.key
	.export({
		type: "pkcs8",
		format: "pem",
		cipher: "aes-256-cbc",
		passphrase: "sesame",
	})
	.toString();
const damaged = (pem: string): string => pem.replace(/\n[^-]{40}/, "\nAAAA");

function filesOf(cert: string, key: string): string[] {
	const paths = { cert: join(folder, "tls.pem"), key: join(folder, "tls.key") };
	writeFileSync(paths.cert, cert);
	writeFileSync(paths.key, key);
	return ["--tls-cert", paths.cert, "--tls-key", paths.key];
}

async function refusal(tls: readonly string[]): Promise<string> {
	const terminal = openTerminal();
	const code = await run(["serve", "--no-open", ...tls], terminal);
	expect([code, terminal.lines.all, terminal.errors.all.length]).toEqual([
		1,
		[],
		2,
	]);
	expect(terminal.errors.all.join()).not.toMatch(/BEGIN|\.ts:\d|internal/);
	return terminal.errors.all[0] ?? "";
}

test.each([
	["a damaged certificate", damaged(good.certPem), good.keyPem, "unreadable"],
	["no certificate at all", "hello", good.keyPem, "unreadable"],
	["a damaged key", good.certPem, damaged(good.keyPem), "unreadable"],
	["a certificate for a key", good.certPem, good.certPem, "unreadable"],
	["an encrypted key", good.certPem, encrypted, "invalid"],
	["another one's key", good.certPem, other.keyPem, "mismatch"],
	["a key that TLS refuses", weak.certPem, weak.keyPem, "invalid"],
])("%s is told before anything starts", async (_, cert, key, code) => {
	expect(await refusal(filesOf(cert, key))).toMatch(
		new RegExp(`^foredeck: .* \\[identity\\.${code}\\]$`),
	);
});

test("a file that is not there, or is a folder, is told with its path", async () => {
	const [, cert = "", , key = ""] = filesOf(good.certPem, good.keyPem);
	const none = join(folder, "none");
	expect(await refusal(["--tls-cert", none, "--tls-key", key])).toBe(
		`foredeck: cannot read ${none}: ENOENT [identity.unreadable]`,
	);
	expect(await refusal(["--tls-cert", cert, "--tls-key", folder])).toBe(
		`foredeck: cannot read ${folder}: EISDIR [identity.unreadable]`,
	);
});

test("a good one, also as one joint file, serves under its name", async () => {
	const [, , , joint = ""] = filesOf("", good.keyPem + good.certPem);
	const terminal = openTerminal();
	const ended = run(
		[
			...["serve", "--no-open", "--tls-cert", joint, "--tls-key", joint],
			...["--host", "0.0.0.0", "--data", folder],
		],
		terminal,
	);
	const line = await Promise.race([
		terminal.lines.waitFor(),
		terminal.errors.waitFor(),
	]);
	expect(line).toMatch(/^Foredeck is at https:\/\/deck\.fleet\.test:\d+\/\?/);
	const { host, port } = new URL(line.slice("Foredeck is at ".length));
	const status = await new Promise((resolve, reject) => {
		const sent = request({
			hostname: "127.0.0.1",
			port,
			path: "/healthz",
			headers: { Host: host },
			servername: "deck.fleet.test",
			ca: authority.certPem,
		});
		sent.on("response", (response) => {
			response.resume();
			resolve(response.statusCode);
		});
		sent.on("error", reject);
		sent.end();
	});
	expect(status).toBe(200);
	terminal.interrupt();
	expect(await ended).toBe(0);
});

test("C18: the address that is printed works once, and its token is nowhere else in what was printed or logged", async () => {
	const terminal = openTerminal();
	const ended = run(
		["serve", "--no-open", "--log-level", "debug", "--data", folder],
		terminal,
	);
	const line = await Promise.race([
		terminal.lines.waitFor(),
		terminal.errors.waitUntil((text) => text.startsWith("foredeck:")),
	]);
	const address = new URL(line.slice("Foredeck is at ".length));
	const token = address.searchParams.get("token") ?? "";
	expect(token.length).toBeGreaterThan(20);
	const open = async (path: string): Promise<number> =>
		(await fetch(new URL(path, address), { redirect: "manual" })).status;
	expect(await open(address.href)).toBe(303);
	expect(await open(address.href)).toBe(401);
	expect(await open("/?token=wrong")).toBe(401);
	terminal.interrupt();
	expect(await ended).toBe(0);
	const printed = [...terminal.lines.all, ...terminal.errors.all].join("\n");
	expect(printed.split(token)).toHaveLength(2);
});
