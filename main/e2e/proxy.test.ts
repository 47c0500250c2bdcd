// The whole console behind an HTTP proxy, over real sockets: live and polled hosts with their jobs through the tunnel, what a
// person is told of a proxy that refuses, the doctor's layer, the environment of every shell, and a password that shows nowhere.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import type { TestContext } from "vitest";
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import { client, memoryPipe } from "../../shared/bridge.ts";
import { systemClock } from "../../shared/clock.ts";
import { hostId } from "../../shared/model.ts";
import type { ProxyRules } from "../core/transport/proxyRules.ts";
import { proxyRules, readProxyRules } from "../core/transport/proxyRules.ts";
import type { Agent } from "../demo/agent.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import type { AgentJob } from "../demo/jobTable.ts";
import { writeFleet } from "../demo/write.ts";
import { openCore } from "../shell-electron/core.ts";
import { readStartOptions } from "../shell-electron/startOptions.ts";
import { run } from "../shell-node/commandLine.ts";
import type {
	ConnectProxy,
	ConnectProxyWish,
} from "../testkit/connectProxy.ts";
import { openConnectProxy, refusing } from "../testkit/connectProxy.ts";
import { openTerminal } from "../testkit/terminal.ts";
import { openTinyproxy } from "../testkit/tinyproxy.ts";
import { openMemoryVault } from "../vault/memory.ts";
import type { World, WorldOptions } from "./world.ts";
import { openWorld, SUCCEEDS } from "./world.ts";

const PASSWORD = "hunter2-secret";
const TOKEN = Buffer.from(`on-call:${PASSWORD}`).toString("base64");
/** Nothing that holds the password, as it is or as it is sent. */
const expectNoPassword = (what: unknown): void => {
	const text = typeof what === "string" ? what : inspect(what, { depth: 12 });
	expect(text).not.toContain(PASSWORD);
	expect(text).not.toContain(TOKEN);
};

/** Of the test that opens something: what closes it again, last one first. */
type Later = TestContext["onTestFinished"];

async function proxyWith(
	later: Later,
	wish: ConnectProxyWish = {},
): Promise<ConnectProxy> {
	const proxy = await openConnectProxy({
		names: { "*": "127.0.0.1" },
		...wish,
	});
	later(proxy.close);
	return proxy;
}
async function worldWith(later: Later, options: WorldOptions): Promise<World> {
	const world = await openWorld(options);
	later(world.stop);
	return world;
}
function rulesOf(env: Readonly<Record<string, string>>): ProxyRules | null {
	const rules = readProxyRules(env);
	if (!rules.ok) throw new Error(rules.fault.sentence);
	return rules.value;
}
/** A job that is there when the console comes: an idle host is polled too seldom for a test. */
function polledJob(id: string) {
	let job: AgentJob | undefined;
	return {
		before(agents: ReadonlyMap<string, Agent>): void {
			job = agents.get(id)?.submit({
				operation: "patchapply",
				packages: ["openssl"],
				startAfterMs: 0,
				runMs: 300,
				outcome: SUCCEEDS,
			});
		},
		get taken(): AgentJob {
			if (job === undefined) throw new Error("no job was taken on");
			return job;
		},
	};
}
const named = (id: string) => ({ id, dial: { address: `${id}.fleet.test` } });

describe.concurrent("a fleet behind a proxy", () => {
	test("is live, is polled, and its jobs end, all through tunnels; hosts of NO_PROXY and of this computer are reached directly", async ({
		onTestFinished: later,
	}) => {
		const polled = polledJob("web-02");
		const proxy = await proxyWith(later, {
			credentials: `on-call:${PASSWORD}`,
		});
		const world = await worldWith(later, {
			hosts: [
				named("web-01"),
				{ ...named("web-02"), dialect: "stub" },
				{ id: "db-01" },
			],
			before: polled.before,
			proxies: rulesOf({
				HTTPS_PROXY: `http://on-call:${PASSWORD}@127.0.0.1:${proxy.port}`,
				NO_PROXY: "other.test",
			}),
		});
		await world.untilChannel("web-01", "live");
		await world.untilChannel("web-02", "polling");
		await world.untilChannel("db-01", "live");
		const jobs = world.submit(["web-01", "db-01"]);
		for (const [id, job] of jobs.set("web-02", polled.taken)) {
			await world.untilState(id, job, "succeeded");
			expect(world.tellings(id, job).at(-1)).toBe("succeeded");
		}
		const targets = new Set(proxy.connects.all.map(({ target }) => target));
		expect([...targets].sort()).toEqual(
			["web-01", "web-02"].map(
				(id) => `${id}.fleet.test:${world.agent(id).port()}`,
			),
		);
		// Each agent was shown our certificate through the tunnel, for the socket and for REST.
		for (const { head } of proxy.connects.all)
			expect(head).toContain(`Proxy-Authorization: Basic ${TOKEN}\r\n`);
		const toLive = proxy.connects.all.filter(({ target }) =>
			target.startsWith("web-01"),
		);
		expect(toLive.length).toBeGreaterThanOrEqual(2);
		expectNoPassword([world.logged, world.told, world.links]);
	});

	test("proxy.refused names the authentication and the proxy, is tried again, and ends when the proxy lets us through", async ({
		onTestFinished: later,
	}) => {
		const proxy = await proxyWith(later);
		const demand = { "Proxy-Authenticate": 'Basic realm="office"' };
		proxy.become({ says: refusing(407, demand, `no ${TOKEN}`), after: "end" });
		const world = await worldWith(later, {
			hosts: [named("web-01")],
			proxies: rulesOf({
				https_proxy: `http://on-call:${PASSWORD}@127.0.0.1:${proxy.port}`,
			}),
		});
		await world.untilChannel("web-01", "reconnecting", "proxy.refused");
		expect(world.link("web-01").sentence).toBe(
			`the proxy 127.0.0.1:${proxy.port} does not accept the user name and password of https_proxy (407)`,
		);
		expect(world.link("web-01").nextStep).toContain("https_proxy");
		await world.until(
			"it was asked again",
			() => proxy.connects.all.length > 1,
		);
		const [core, window] = memoryPipe();
		world.console.attach(core);
		const diagnosis = await client(window).ask("host.diagnose", {
			hostId: hostId("web-01"),
		});
		window.close();
		expect(diagnosis).toMatchObject({
			ok: true,
			value: { fault: { code: "proxy.refused" } },
		});
		expect(inspect(diagnosis, { depth: 9 })).toContain("(redacted)");
		expectNoPassword([diagnosis, world.logged, world.told, world.links]);
		proxy.become(null);
		await world.untilChannel("web-01", "live");
		expect(world.link("web-01").fault).toBeNull();
	});

	test("loses its tunnels with the proxy, says that it is the proxy, and comes back with a job that ran meanwhile", async ({
		onTestFinished: later,
	}) => {
		const proxy = await proxyWith(later);
		const world = await worldWith(later, {
			hosts: [named("web-01")],
			proxies: rulesOf({ ALL_PROXY: `127.0.0.1:${proxy.port}` }),
		});
		await world.untilChannel("web-01", "live");
		proxy.become({ says: refusing(503), after: "end" });
		proxy.cutAll();
		await world.untilChannel("web-01", "reconnecting", "proxy.refused");
		expect(world.link("web-01").sentence).toContain("(503)");
		const job = world.submit(["web-01"]).get("web-01");
		proxy.become(null);
		await world.untilChannel("web-01", "live");
		if (job === undefined) throw new Error("no job was taken on");
		await world.untilState("web-01", job, "succeeded");
		expect(
			world.tellings("web-01", job).filter((s) => s === "succeeded"),
		).toHaveLength(1);
	});

	test("a real tinyproxy process carries a live host, a polled host and their jobs, and its refusal of a wrong password is named", async ({
		onTestFinished: later,
	}) => {
		const polled = polledJob("web-02");
		const tinyproxy = await openTinyproxy("on-call", PASSWORD);
		later(tinyproxy.close);
		// The agents are on this computer, which is reached directly unless the rules are told otherwise.
		const forced = (user: string): ProxyRules => {
			const rules = proxyRules({
				url: `http://${user}@127.0.0.1:${tinyproxy.port}`,
				source: "HTTPS_PROXY",
				loopback: true,
			});
			if (!rules.ok) throw new Error(rules.fault.sentence);
			return rules.value;
		};
		const world = await worldWith(later, {
			hosts: [
				{ id: "web-01", dial: { address: "localhost" } },
				{ id: "web-02", dialect: "stub" },
			],
			before: polled.before,
			proxies: forced(`on-call:${PASSWORD}`),
		});
		await world.untilChannel("web-01", "live");
		await world.untilChannel("web-02", "polling");
		const jobs = world.submit(["web-01"]).set("web-02", polled.taken);
		for (const [id, job] of jobs) await world.untilState(id, job, "succeeded");
		expect(tinyproxy.log()).toContain(
			`CONNECT localhost:${world.agent("web-01").port()}`,
		);
		expect(tinyproxy.log()).toContain(
			`CONNECT 127.0.0.1:${world.agent("web-02").port()}`,
		);
		const refused = await worldWith(later, {
			hosts: [{ id: "web-03" }],
			proxies: forced("on-call:wrong"),
		});
		await refused.untilChannel("web-03", "reconnecting", "proxy.refused");
		expect(refused.link("web-03").sentence).toMatch(
			/does not accept the user name and password of HTTPS_PROXY \(40[17]\)$/,
		);
	});
});

describe("the shells", () => {
	const folder = mkdtempSync(join(tmpdir(), "foredeck-proxy-"));
	const at = (name: string): string => join(folder, name);
	let fleet: DemoFleet;
	const files = [
		...["--fleet", at("fleet.json"), "--cert", at("client.pem")],
		...["--key", at("client.key"), "--ca", at("ca.pem")],
	];

	beforeAll(async () => {
		fleet = await startDemoFleet({
			hosts: 2,
			seed: 1,
			port: 0,
			dialect: "new",
			jobs: false,
			clock: systemClock(),
		});
		const written = await writeFleet(fleet, folder);
		if (!written.ok) throw new Error(written.fault.sentence);
		// By names that only the proxy knows.
		const file = JSON.parse(readFileSync(at("fleet.json"), "utf8"));
		for (const host of file.hosts) host.address = `${host.id}.fleet.test`;
		writeFileSync(at("fleet.json"), JSON.stringify(file));
	});
	afterAll(async () => {
		await fleet.stop();
		rmSync(folder, { recursive: true });
	});

	/** One command line in an environment; nothing it says has the password. */
	async function foredeck(
		args: readonly string[],
		env: Readonly<Record<string, string>>,
	): Promise<{ code: number; out: readonly string[]; err: readonly string[] }> {
		const terminal = openTerminal({ env });
		const code = await run(
			[...args, "--data", at("nothing"), "--log-level", "debug"],
			terminal,
		);
		const { lines, errors } = terminal;
		expectNoPassword([...lines.all, ...errors.all].join("\n"));
		return { code, out: lines.all, err: errors.all };
	}
	const steps = (out: readonly string[]) =>
		out.map((line) => JSON.parse(line)).slice(0, -1);

	test("doctor tells the proxy’s layers of a healthy host, for a person and in JSON", async ({
		onTestFinished: later,
	}) => {
		const proxy = await proxyWith(later, {
			credentials: `on-call:${PASSWORD}`,
		});
		const env = {
			HTTPS_PROXY: `http://on-call:${PASSWORD}@127.0.0.1:${proxy.port}`,
		};
		const { code, out } = await foredeck(["doctor", "web-01", ...files], env);
		const place = `127.0.0.1:${proxy.port}`;
		const text = out.join("\n");
		expect(text).toMatch(
			/✓ dns .* the proxy .* is an address: nothing to resolve/,
		);
		expect(text).toContain(`connected to the proxy ${place}`);
		expect(text).toMatch(
			new RegExp(
				`✓ proxy .* ${place} made a tunnel to web-01\\.fleet\\.test:\\d+`,
			),
		);
		expect(out.at(-1)).toBe("healthy");
		expect(code).toBe(0);
		const json = await foredeck(["doctor", "web-01", "--json", ...files], env);
		expect(
			steps(json.out)
				.map(({ layer }) => layer)
				.slice(0, 4),
		).toEqual(["dns", "tcp", "proxy", "tls"]);
		expect(steps(json.out)[2]).toMatchObject({
			layer: "proxy",
			verdict: "ok",
			ms: expect.any(Number),
			evidence: { proxy: place, proxy_from: "HTTPS_PROXY" },
		});
	});

	test("doctor says where there is none", async () => {
		const port = fleet.fleetFile.hosts[0]?.port;
		const { code, out } = await foredeck(
			["doctor", `127.0.0.1:${port}`, "--json", ...files.slice(2)],
			{ HTTPS_PROXY: `http://on-call:${PASSWORD}@127.0.0.1:1` },
		);
		expect(steps(out)[2]).toEqual({
			kind: "step",
			layer: "proxy",
			verdict: "ok",
			ms: null,
			sentence: "none: the host is reached directly",
			evidence: {},
		});
		expect(code).toBe(0);
	});

	test.each([
		[
			"407",
			"proxy",
			{ says: refusing(407, { "Proxy-Authenticate": "Basic" }, TOKEN) },
		],
		["403", "proxy", { says: refusing(403, {}, PASSWORD) }],
		["garbage", "proxy", { says: `SSH-2.0 ${PASSWORD}` }],
		["nothing there", "tcp", null],
	] as const)(
		"doctor tells proxy.refused of %s in the layer %s",
		async (_name, layer, mood) => {
			const later = onTestFinished;
			const proxy = await proxyWith(later);
			if (mood === null) await proxy.close();
			else proxy.become(mood);
			const env = {
				HTTPS_PROXY: `http://on-call:${PASSWORD}@127.0.0.1:${proxy.port}`,
			};
			const { code, out } = await foredeck(
				["doctor", "web-01", "--json", ...files],
				env,
			);
			const all = steps(out);
			const step = all.find((one) => one.layer === layer);
			expect(step).toMatchObject({
				verdict: "fault",
				evidence: {
					proxy: `127.0.0.1:${proxy.port}`,
					proxy_from: "HTTPS_PROXY",
				},
			});
			for (const later of all.slice(all.indexOf(step) + 1))
				expect(later.verdict).toBe("skipped");
			expect(JSON.parse(out.at(-1) ?? "")).toMatchObject({
				fault: "proxy.refused",
				sentence: expect.stringContaining(`the proxy 127.0.0.1:${proxy.port}`),
			});
			expect(code).toBe(3);
			const person = await foredeck(["doctor", "web-01", ...files], env);
			expect(person.out.at(-2)).toMatch(/^proxy\.refused: the proxy /);
			expect(
				person.out.find((line) => line.startsWith(`✕ ${layer}`)),
			).toBeDefined();
		},
	);

	test("watch goes through the proxy of the environment", async ({
		onTestFinished: later,
	}) => {
		const proxy = await proxyWith(later);
		const { code, out } = await foredeck(
			["watch", "--json", "--until-idle", "--timeout", "20", ...files],
			{ all_proxy: `http://127.0.0.1:${proxy.port}` },
		);
		expect(code).toBe(0);
		expect(out.some((line) => line.includes('"live"'))).toBe(true);
		expect(proxy.connects.all.length).toBeGreaterThanOrEqual(4);
	});

	test.each(["watch", "serve", "doctor web-01"])(
		"%s says which variable is no proxy’s URL, without the password, and exits 2",
		async (command) => {
			for (const [name, url] of [
				["HTTPS_PROXY", `http://on-call:${PASSWORD}@proxy:99999`],
				["ALL_PROXY", `socks5://on-call:${PASSWORD}@proxy:1080`],
			] as const) {
				const { code, out, err } = await foredeck(
					[...command.split(" "), ...files],
					{ [name]: url },
				);
				expect(code).toBe(2);
				expect(out).toEqual([]);
				expect(err[0]).toMatch(
					new RegExp(`^foredeck: ${name} .* \\[input\\.invalid\\]$`),
				);
			}
		},
	);

	test("demo is left alone by whatever proxy the environment names", async () => {
		const terminal = openTerminal({
			env: {
				HTTPS_PROXY: "http://127.0.0.1:1",
				ALL_PROXY: "socks5://nonsense",
			},
		});
		const ended = run(
			["demo", "--shell", "node", "--no-open", "--hosts", "2"],
			terminal,
		);
		// One of the two is an agent from before the live stream.
		await terminal.lines.waitUntil((line) =>
			/^(2 live|1 live · 1 polling|2 polling) /.test(line),
		);
		terminal.interrupt();
		await ended;
		expect(terminal.errors.all).toEqual([]);
	});

	test("the desktop’s core goes through it, and with a bad variable tells so and dials nobody", async ({
		onTestFinished: later,
	}) => {
		const proxy = await proxyWith(later);
		const open = async (env: Readonly<Record<string, string>>) => {
			const core = await openCore(
				readStartOptions([`--data=${at("nothing")}`, ...files], {}),
				{
					clock: systemClock(),
					log: () => {},
					random: Math.random,
					version: "0.0.0-test",
					env,
					openVault: async () => ({ vault: openMemoryVault(), why: null }),
				},
			);
			later(core.stop);
			const [end, window] = memoryPipe();
			core.console.attach(end);
			return { core, session: await client(window).ask("session.read", {}) };
		};
		const bad = await open({
			HTTPS_PROXY: `http://on-call:${PASSWORD}@proxy:99999`,
		});
		expect(bad.session).toMatchObject({
			value: {
				fault: {
					code: "input.invalid",
					sentence: expect.stringContaining("HTTPS_PROXY"),
				},
			},
		});
		expectNoPassword(bad.session);
		expect(bad.core.console.fleet.size).toBe(0);
		expect(proxy.connects.all).toHaveLength(0);
		const good = await open({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
		expect(good.core.console.fleet.size).toBe(2);
		expect((await proxy.connects.waitFor()).target).toMatch(
			/\.fleet\.test:\d+$/,
		);
	});
});
