// The command line as a person or a script meets it: arguments in, lines and an exit code out.
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import type { FaultCode } from "../../shared/fault.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { writeFleet } from "../demo/write.ts";
import { createTestAuthority } from "../testkit/certificates.ts";
import type { TerminalWish } from "../testkit/terminal.ts";
import { openTerminal } from "../testkit/terminal.ts";
import { run } from "./commandLine.ts";
import { VERSION } from "./version.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-cli-"));
const at = (name: string): string => join(folder, name);
let fleet: DemoFleet;

beforeAll(async () => {
	fleet = await startDemoFleet({
		hosts: 3,
		seed: 1,
		port: 0,
		dialect: "new",
		jobs: false,
		clock: systemClock(),
	});
	const written = await writeFleet(fleet, folder);
	if (!written.ok) throw new Error(written.fault.sentence);
});
afterAll(async () => {
	await fleet.stop();
	rmSync(folder, { recursive: true });
});

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

async function say(args: readonly string[], wish: TerminalWish = {}) {
	const terminal = openTerminal(wish);
	const code = await run(args, terminal);
	return { code, out: terminal.lines.all, err: terminal.errors.all };
}

const write = (name: string, content: string): string => {
	writeFileSync(at(name), content);
	return at(name);
};
/** What is needed to connect; a test replaces what shall be wrong. */
const connecting = (
	wrong: Partial<Record<"fleet" | "cert" | "key" | "ca", string | null>> = {},
): string[] => {
	const given = {
		fleet: at("fleet.json"),
		cert: at("client.pem"),
		key: at("client.key"),
		ca: at("ca.pem"),
		...wrong,
	};
	return Object.entries(given).flatMap(([name, path]) =>
		path === null ? [] : [`--${name}`, path],
	);
};

/** One sentence with the code in brackets, then what to do; nothing on stdout, no stack. */
function expectRefusal(
	said: Awaited<ReturnType<typeof say>>,
	code: FaultCode,
	words: RegExp,
): void {
	expect(said.code).toBe(1);
	expect(said.out).toEqual([]);
	expect(said.err).toHaveLength(2);
	const [sentence = "", nextStep] = said.err;
	expect(sentence).toMatch(/^foredeck: [^\n]+ \[[a-z0-9.-]+\]$/);
	expect(sentence.endsWith(` [${code}]`)).toBe(true);
	expect(sentence).toMatch(words);
	expect(nextStep).toMatch(/^ {2}\S/);
	expect(said.err.join("\n")).not.toMatch(/\.ts:\d|node:internal|^\s+at /m);
}

describe("what needs no fleet", () => {
	test("--version is one line on stdout", async () => {
		expect(await say(["--version"])).toEqual({
			code: 0,
			out: [VERSION],
			err: [],
		});
	});

	test("--help names every command, the exit codes and the environment", async () => {
		const { code, out, err } = await say(["--help"]);
		expect([code, err]).toEqual([0, []]);
		for (const word of ["demo", "agents", "serve", "watch", "Exit codes:"])
			expect(out.join("\n")).toContain(word);
		expect(out.join("\n")).toContain("FOREDECK_PASSPHRASE");
	});

	test("help of a command shows its own options only", async () => {
		const { code, out } = await say(["watch", "--help"]);
		expect(code).toBe(0);
		expect(out.join("\n")).toContain("--until-idle");
		expect(out.join("\n")).not.toContain("--log-level");
	});

	test("no command at all shows the help, and is a usage error", async () => {
		const { code, out } = await say([]);
		expect(code).toBe(2);
		expect(out.join("\n")).toContain("Usage: foredeck");
	});

	test.each([
		[["frobnicate"], /unknown command 'frobnicate'/],
		[["--frobnicate"], /unknown option '--frobnicate'/],
		[["watch", "--frobnicate"], /unknown option '--frobnicate'/],
		[["watch", "extra"], /too many arguments/],
		[["watch", "--timeout", "-1"], /must be a number above 0/],
		[["watch", "--timeout", "soon"], /must be a number above 0/],
		[["serve", "--port", "65536"], /whole number from 0 to 65535/],
		[["demo", "--hosts", "0"], /whole number from 1 to/],
		[["demo", "--hosts", "1e3"], /whole number from 1 to/],
		[["demo", "--shell", "gtk"], /Allowed choices are auto, electron, node/],
		[["agents"], /'--out <dir>' not specified/],
		[["--log-level", "loud", "watch"], /Allowed choices are error, warn/],
	] as const)("%j is a usage error with a sentence", async (args, words) => {
		const { code, out, err } = await say(args);
		expect([code, out]).toEqual([2, []]);
		expect(err[0]).toMatch(/^foredeck: .* \[input\.invalid\]/);
		expect(err[0]).toMatch(words);
	});
});

describe("a fleet file", () => {
	test("that is not there is told with its path", async () => {
		expectRefusal(
			await say(["watch", ...connecting({ fleet: at("nope.json") })]),
			"fleet.unreadable",
			/cannot read .*nope\.json: no such file/,
		);
	});

	test("that is a folder is told", async () => {
		expectRefusal(
			await say(["serve", "--no-open", ...connecting({ fleet: folder })]),
			"fleet.unreadable",
			/it is a directory/,
		);
	});

	test("that is broken is told with the line", async () => {
		const broken = write(
			"broken.json",
			'{\n"version": 1,\n"name": "x",\n"hosts": [ { "id": "a" "address": "b" } ]\n}',
		);
		expectRefusal(
			await say(["watch", ...connecting({ fleet: broken })]),
			"fleet.invalid",
			/broken\.json: .*line 4/,
		);
	});

	test("with an address that is none is told with line and reason", async () => {
		const wrong = write(
			"cidr.json",
			'{ "version": 1, "name": "x",\n"hosts": [\n{ "id": "a", "address": "10.0.0.0/8" } ] }',
		);
		expectRefusal(
			await say(["watch", ...connecting({ fleet: wrong })]),
			"fleet.invalid",
			/cidr\.json: .*line 3/,
		);
	});

	test("that is not named is the profile's, under --data or where the system keeps such things", async () => {
		expectRefusal(
			await say([
				"watch",
				"--data",
				at("empty"),
				...connecting({ fleet: null }),
			]),
			"fleet.unreadable",
			/there is no fleet to watch/,
		);
		await mkdir(at("kept/profiles/prod"), { recursive: true });
		await writeFile(at("kept/profiles/prod/fleet.json"), "{}");
		expectRefusal(
			await say([
				"--data",
				at("kept"),
				"watch",
				"--profile",
				"prod",
				...connecting({ fleet: null }),
			]),
			"fleet.invalid",
			/kept\/profiles\/prod\/fleet\.json/,
		);
	});

	test("for which too few files may be opened is refused with both numbers, by every command", async () => {
		for (const args of [
			["watch", ...connecting()],
			["serve", "--no-open", ...connecting()],
			["agents", "--hosts", "3", "--out", at("agents")],
			["demo", "--hosts", "3", "--shell", "node", "--no-open"],
		])
			expectRefusal(
				await say(args, { files: 100 }),
				"limits.files",
				/3 hosts need up to \d+ open files, and this process may open only 100/,
			);
	});
});

describe("an identity", () => {
	const other = createTestAuthority().issue({ purpose: "client" });

	test("of which a file was not named says which", async () => {
		expectRefusal(
			await say(["watch", ...connecting({ key: null })]),
			"identity.absent",
			/--key is missing/,
		);
		expectRefusal(
			await say(["serve", "--no-open", ...connecting({ key: null, ca: null })]),
			"identity.absent",
			/--key and --ca are missing/,
		);
	});

	test("that is not there is told with its path", async () => {
		expectRefusal(
			await say(["watch", ...connecting({ key: at("nope.key") })]),
			"identity.unreadable",
			/nope\.key/,
		);
	});

	test("with the key of another certificate is refused before anything is dialed", async () => {
		const key = write("other.key", other.keyPem);
		expectRefusal(
			await say(["watch", ...connecting({ key })]),
			"identity.mismatch",
			/key/,
		);
	});

	test("with a passphrase wants it from the environment, and the right one", async () => {
		const key = write(
			"locked.key",
			createPrivateKey(fleet.identity.keyPem).export({
				type: "pkcs8",
				format: "pem",
				cipher: "aes-256-cbc",
				passphrase: "sesame",
			}) as string,
		);
		const args = ["watch", "--timeout", "0.01", ...connecting({ key })];
		expectRefusal(await say(args), "identity.passphrase", /passphrase/);
		const wrong = await say(args, { env: { FOREDECK_PASSPHRASE: "open-it" } });
		expectRefusal(wrong, "identity.passphrase", /passphrase/);
		expect(wrong.err.join("\n")).not.toContain("open-it");
		const right = await say(args, { env: { FOREDECK_PASSPHRASE: "sesame" } });
		expect(right.code).toBe(4);
	});
});

describe("serve", () => {
	test("tells a port that is taken", async () => {
		const taken = createServer();
		await new Promise<void>((done) => taken.listen(0, "127.0.0.1", done));
		closing.push(() => new Promise((done) => taken.close(done)));
		const { port } = taken.address() as AddressInfo;
		expectRefusal(
			await say(["serve", "--no-open", "--port", `${port}`, ...connecting()]),
			"port.in-use",
			new RegExp(`${port}`),
		);
	});

	test("listens beyond this computer only over TLS", async () => {
		expectRefusal(
			await say(["serve", "--no-open", "--host", "0.0.0.0", ...connecting()]),
			"input.invalid",
			/0\.0\.0\.0 is reachable from other computers/,
		);
		expectRefusal(
			await say(["serve", "--tls-cert", at("client.pem"), ...connecting()]),
			"input.invalid",
			/--tls-cert and --tls-key belong together/,
		);
	});

	test("prints its address first, serves, and ends well when it is told to stop", async () => {
		const terminal = openTerminal();
		const ended = run(["serve", "--no-open", ...connecting()], terminal);
		const line = await terminal.lines.waitFor();
		expect(line).toMatch(
			/^Foredeck is at http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/,
		);
		const { origin } = new URL(line.slice("Foredeck is at ".length));
		const health = await fetch(`${origin}/healthz`);
		expect(await health.json()).toEqual({ ok: true, version: VERSION });
		terminal.interrupt();
		expect(await ended).toBe(0);
		await expect(fetch(`${origin}/healthz`)).rejects.toThrow();
		expect(terminal.errors.all).toEqual([]);
	});

	test("without any identity serves a window that says so", async () => {
		const terminal = openTerminal();
		const args = ["serve", "--no-open", "--fleet", at("fleet.json")];
		const ended = run(args, terminal);
		await terminal.lines.waitFor();
		terminal.interrupt();
		expect(await ended).toBe(0);
	});
});

describe("watch", () => {
	test("--until-idle on a calm fleet is 0, with a link line for each host that is live", async () => {
		const { code, out, err } = await say([
			"watch",
			"--json",
			"--until-idle",
			"--timeout",
			"30",
			...connecting(),
		]);
		expect([code, err]).toEqual([0, []]);
		const lines = out.map((line) => JSON.parse(line));
		for (const { id } of fleet.fleetFile.hosts)
			expect(
				lines.filter(({ host_id }) => host_id === id).at(-1),
			).toMatchObject({ kind: "link", channel: "live", fault: null });
	});

	test("--until-idle is 3 when hosts are blocked, and says why", async () => {
		const ca = write("other-ca.pem", createTestAuthority().certPem);
		const { code, out } = await say([
			"watch",
			"--json",
			"--until-idle",
			"--timeout",
			"30",
			...connecting({ ca }),
		]);
		expect(code).toBe(3);
		expect(JSON.parse(out.at(-1) ?? "")).toMatchObject({
			kind: "link",
			channel: "blocked",
			fault: expect.stringMatching(/^tls\./),
			sentence: expect.any(String),
		});
	});

	test("--timeout is 4, with a sentence", async () => {
		const { code, err } = await say([
			"watch",
			"--json",
			"--timeout",
			"0.05",
			...connecting(),
		]);
		expect(code).toBe(4);
		expect(err).toEqual(["foredeck: the time of 0.05 s is over"]);
	});

	test("is 130 when it is interrupted", async () => {
		const terminal = openTerminal();
		const ended = run(["watch", ...connecting()], terminal);
		await terminal.lines.waitFor();
		terminal.interrupt();
		expect(await ended).toBe(130);
	});
});

test("agents write what is needed to connect, say ready, and end when they are told to", async () => {
	const terminal = openTerminal();
	const out = at("made");
	const args = ["agents", "--hosts", "2", "--dialect", "new", "--out", out];
	const ended = run(args, terminal);
	await terminal.lines.waitUntil((line) => line === "ready");
	const made = (name: string): string => join(out, name);
	const watched = await say([
		"watch",
		"--json",
		"--timeout",
		"1",
		"--fleet",
		made("fleet.json"),
		"--cert",
		made("client.pem"),
		"--key",
		made("client.key"),
		"--ca",
		made("ca.pem"),
	]);
	expect(watched.code).toBe(4);
	expect(watched.out.join("\n")).toContain('"channel":"live"');
	terminal.interrupt();
	expect(await ended).toBe(0);
});

test("demo --once ends with the counts of one fleet-wide job, and 3 when hosts failed", async () => {
	const { code, out } = await say([
		"demo",
		"--hosts",
		"5",
		"--speed",
		"200",
		"--shell",
		"node",
		"--no-open",
		"--once",
	]);
	expect([0, 3]).toContain(code);
	expect(out[0]).toMatch(/^Foredeck is at http:/);
	// At this pace a host that is polled may have told nothing yet; 4 of 5 count as the whole fleet.
	expect(out.at(-1)).toMatch(/ of [45] · \d+ s$/);
	expect(/failed|timed out|lost/.test(out.at(-1) ?? "")).toBe(code === 3);
});
