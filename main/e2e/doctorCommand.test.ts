// `foredeck doctor` and the window's Diagnose as those who use them meet them: arguments in, lines and an exit code out; a
// question in, an answer out beside the live link.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { client, memoryPipe } from "../../shared/bridge.ts";
import { systemClock } from "../../shared/clock.ts";
import { LAYERS } from "../../shared/diagnosis.ts";
import { hostId } from "../../shared/model.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { writeFleet } from "../demo/write.ts";
import { run } from "../shell-node/commandLine.ts";
import type { TerminalWish } from "../testkit/terminal.ts";
import { openTerminal } from "../testkit/terminal.ts";
import { openWorld } from "./world.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-doctor-"));
const at = (name: string): string => join(folder, name);
let fleet: DemoFleet;

beforeAll(async () => {
	fleet = await startDemoFleet({
		hosts: 6,
		seed: 1,
		port: 0,
		dialect: "new",
		jobs: false,
		faults: {
			version: 1,
			hosts: {
				"web-02": [{ kind: "stub-101" }],
				"db-01": [{ kind: "mute", after: "tls" }],
			},
		},
		clock: systemClock(),
	});
	const written = await writeFleet(fleet, folder);
	if (!written.ok) throw new Error(written.fault.sentence);
});
afterAll(async () => {
	await fleet.stop();
	rmSync(folder, { recursive: true });
});

const IDENTITY = [
	...["--cert", at("client.pem")],
	...["--key", at("client.key")],
	...["--ca", at("ca.pem")],
];
const FLEET = ["--fleet", at("fleet.json")];

async function doctor(args: readonly string[], wish: TerminalWish = {}) {
	const terminal = openTerminal(wish);
	// Away from whatever fleet this computer's user has.
	const code = await run(
		["doctor", ...args, "--data", at("nothing")],
		terminal,
	);
	const { lines, errors, drawn } = terminal;
	return { code, out: lines.all, err: errors.all, drawn: drawn.all };
}

const portOf = (id: string): number => {
	const host = fleet.fleetFile.hosts.find((one) => one.id === id);
	if (host === undefined) throw new Error(`there is no ${id} here`);
	return host.port;
};

describe("foredeck doctor", () => {
	test("tells a healthy host layer by layer and exits 0", async () => {
		const { code, out, err } = await doctor(["web-01", ...FLEET, ...IDENTITY]);
		expect(out.join("\n")).toMatch(/^web-01 · 127\.0\.0\.1:\d+ · as web-01/);
		for (const layer of LAYERS)
			expect(out.filter((line) => line.startsWith(`✓ ${layer} `))).toHaveLength(
				1,
			);
		expect(out.at(-1)).toBe("healthy");
		expect(err).toEqual([]);
		expect(code).toBe(0);
	});

	test("tells a fault with its code and the next step and exits 3", async () => {
		const { code, out, err } = await doctor(["web-02", ...FLEET, ...IDENTITY]);
		expect(out.find((line) => line.startsWith("✕ upgrade"))).toContain(
			"Sec-WebSocket-Accept",
		);
		expect(out.find((line) => line.startsWith("· greeting"))).toBeDefined();
		expect(out.find((line) => line.startsWith("✓ rest"))).toContain(
			"its jobs can be polled",
		);
		expect(out.at(-2)).toMatch(/^ws\.accept-missing: /);
		expect(out.at(-1)).toMatch(/^next step: /);
		expect(err).toEqual([]);
		expect(code).toBe(3);
	});

	test("host.mismatch: says which host of the fleet answered at the address of another", async () => {
		const hosts = fleet.fleetFile.hosts.map((host) =>
			host.id === "web-01" ? { ...host, port: portOf("web-02") } : host,
		);
		const swapped = at("swapped.json");
		writeFileSync(swapped, JSON.stringify({ ...fleet.fleetFile, hosts }));
		const { code, out } = await doctor([
			...["web-01", "--fleet", swapped],
			...IDENTITY,
		]);
		expect(out.find((line) => line.startsWith("✕ certificate"))).toContain(
			"web-02 answered at this address",
		);
		expect(out.at(-2)).toMatch(/^host\.mismatch: /);
		expect(out.at(-1)).toMatch(/^next step: .*leads to web-02\.$/);
		expect(code).toBe(3);
	});

	test("a name that was given by hand and is wrong is no other host", async () => {
		const { out } = await doctor([
			...["web-01", "--servername", "web-03.fleet.test"],
			...FLEET,
			...IDENTITY,
		]);
		expect(out.at(-2)).toMatch(/^tls\.name-mismatch: /);
	});

	test("writes no colour into a file, and on a terminal only where NO_COLOR is not set", async () => {
		const args = ["web-01", ...FLEET, ...IDENTITY];
		const coloured = (lines: readonly string[]): boolean =>
			lines.some((line) => line.includes("\x1b"));
		expect(coloured((await doctor(args)).out)).toBe(false);
		const onTerminal = await doctor(args, { isTty: true });
		expect(coloured(onTerminal.out)).toBe(true);
		expect(onTerminal.drawn[0]).toMatch(/^asking 127\.0\.0\.1:/);
		const plain = await doctor(args, { isTty: true, env: { NO_COLOR: "1" } });
		expect(coloured(plain.out)).toBe(false);
	});

	test("--json is one object a line: the steps in order, then the verdict", async () => {
		for (const [id, fault, exit] of [
			["web-01", null, 0],
			["web-02", "ws.accept-missing", 3],
		] as const) {
			const { code, out } = await doctor([id, "--json", ...FLEET, ...IDENTITY]);
			const lines = out.map((line) => JSON.parse(line));
			expect(
				lines.slice(0, -1).map(({ kind, layer }) => [kind, layer]),
			).toEqual(LAYERS.map((layer) => ["step", layer]));
			for (const step of lines.slice(0, -1))
				expect(Object.keys(step)).toEqual([
					"kind",
					"layer",
					"verdict",
					"ms",
					"sentence",
					"evidence",
				]);
			expect(lines.at(-1)).toEqual({
				kind: "verdict",
				fault,
				sentence: fault === null ? null : expect.any(String),
				next_step: fault === null ? null : expect.any(String),
				stopped: false,
			});
			expect(code).toBe(exit);
		}
	});

	test("takes an address with a port, and the name its certificate is for", async () => {
		const place = `127.0.0.1:${portOf("web-01")}`;
		expect((await doctor([place, ...IDENTITY])).code).toBe(0);
		const named = ["--servername", "web-01.fleet.test"];
		expect((await doctor([place, ...named, ...IDENTITY])).code).toBe(0);
		const wrong = await doctor([
			place,
			...["--servername", "db-07.fleet.test"],
			...IDENTITY,
		]);
		expect(wrong.code).toBe(3);
		expect(wrong.out.at(-2)).toMatch(/^tls\.name-mismatch: .*db-07/);
		const unheard = await doctor(["[::1]:1", ...IDENTITY]);
		expect(unheard.out.at(-2)).toMatch(/^tcp\.refused/);
	});

	test("without an identity it looks at the route and says what is missing", async () => {
		const { code, out } = await doctor(["web-01", ...FLEET]);
		expect(out.find((line) => line.startsWith("✓ tcp"))).toBeDefined();
		expect(out.at(-2)).toMatch(/^identity\.absent/);
		expect(code).toBe(3);
	});

	test.each([
		["https://10.0.0.1/", /is a URL/],
		["10.0.0.0/24", /has a CIDR suffix/],
		["10.0.0", /is not a whole IPv4 address/],
		["web-01:99999", /port/],
		["", /is empty/],
	])("refuses %j as a usage error", async (host, words) => {
		const { code, out, err } = await doctor([host, ...IDENTITY]);
		expect(code).toBe(2);
		expect(out).toEqual([]);
		expect(err[0]).toMatch(words);
		expect(err[0]).toContain("[input.invalid]");
	});

	test("a broken fleet file or identity that was named ends it with 1", async () => {
		const noFleet = await doctor(["web-01", "--fleet", at("none.json")]);
		expect(noFleet.err[0]).toContain("[fleet.unreadable]");
		expect(noFleet.code).toBe(1);
		const noKey = await doctor(["web-01", ...FLEET, ...IDENTITY.slice(0, 2)]);
		expect(noKey.err[0]).toContain("[identity.absent]");
		expect(noKey.code).toBe(1);
	});

	test("says when a host is not in the fleet file that was named", async () => {
		const { out } = await doctor(["127.0.0.1:1", ...FLEET, ...IDENTITY]);
		expect(out[0]).toContain("not in the fleet file");
	});

	test("--timeout ends it with 4, and Ctrl-C with 130, both with what was seen until then", async () => {
		const args = ["db-01", "--json", ...FLEET, ...IDENTITY];
		const late = await doctor([...args, "--timeout", "1.5"]);
		expect(late.code).toBe(4);
		expect(late.err[0]).toContain("1.5 s");
		expect(late.out).toHaveLength(LAYERS.length + 1);
		expect(JSON.parse(late.out.at(-1) ?? "")).toMatchObject({
			fault: null,
			stopped: true,
		});
		const terminal = openTerminal();
		const running = run(["doctor", ...args], terminal);
		await terminal.lines.waitUntil((line) => line.includes('"alpn"'));
		terminal.interrupt();
		expect(await running).toBe(130);
	});
});

describe("the window’s Diagnose", () => {
	test("looks beside the live link and leaves it alone; who asks meanwhile gets the same answer", async () => {
		const world = await openWorld({
			hosts: [{ id: "web-01" }, { id: "web-02", dialect: "stub" }],
		});
		try {
			await world.untilChannel("web-01", "live");
			const [core, window] = memoryPipe();
			world.console.attach(core);
			const { ask } = client(window);
			const question = { hostId: hostId("web-01") };
			const [first, second] = await Promise.all([
				ask("host.diagnose", question),
				ask("host.diagnose", question),
			]);
			expect(first).toEqual(second);
			expect(first).toMatchObject({ ok: true, value: { fault: null } });
			// The link's own socket and the diagnosis', once.
			expect(world.agent("web-01").connections()).toBe(2);
			expect(world.link("web-01").channel).toBe("live");
			const stub = await ask("host.diagnose", { hostId: hostId("web-02") });
			expect(stub).toMatchObject({
				ok: true,
				value: { fault: { code: "ws.accept-missing" }, stopped: false },
			});
			const nobody = await ask("host.diagnose", { hostId: hostId("web-09") });
			expect(nobody).toMatchObject({
				ok: false,
				fault: { code: "host.unknown" },
			});
			await world.until(
				"only the links are left",
				() => world.agent("web-01").openConnections() === 1,
			);
			window.close();
		} finally {
			await world.stop();
		}
	});

	test("ends with the console: a diagnosis under way is stopped and its socket closed", async () => {
		const world = await openWorld({
			hosts: [{ id: "web-01", faults: [{ kind: "mute", after: "tcp" }] }],
		});
		const agent = world.agent("web-01");
		try {
			const [core, window] = memoryPipe();
			world.console.attach(core);
			const asked = client(window).ask("host.diagnose", {
				hostId: hostId("web-01"),
			});
			await world.until("two sockets are open", () => agent.openSockets() >= 2);
			await world.console.stop();
			await asked;
			await world.until("no socket is left", () => agent.openSockets() === 0);
		} finally {
			await world.stop();
		}
	});
});
