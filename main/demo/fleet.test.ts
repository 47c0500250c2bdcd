import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import { FaultError } from "../../shared/fault.ts";
import { ask, type ClientTarget, live } from "../testkit/agentClient.ts";
import { handClock, turn } from "../testkit/demoWorld.ts";
import type { JobTruth } from "./account.ts";
import { DIALECTS } from "./dialect.ts";
import {
	type DemoFleet,
	type DemoFleetOptions,
	startDemoFleet,
} from "./fleet.ts";

let fleet: DemoFleet | undefined;
afterEach(() => fleet?.stop());

const start = async (
	options: Partial<DemoFleetOptions>,
): Promise<DemoFleet> => {
	fleet = await startDemoFleet({
		hosts: 5,
		seed: 1,
		port: 0,
		dialect: "new",
		clock: systemClock(),
		...options,
	});
	return fleet;
};
const target = (of: DemoFleet, id: string): ClientTarget => {
	const host = of.fleetFile.hosts.find((each) => each.id === id);
	if (host === undefined) throw new Error(`no ${id}`);
	return { ...host, ...of.identity };
};
const states = (job: JobTruth | undefined) =>
	Object.fromEntries(
		[...(job?.hosts ?? [])].map(([id, { state }]) => [id, state]),
	);
const faultOf = (trying: Promise<unknown>) =>
	trying.then(
		() => "started",
		(error) => (error instanceof FaultError ? error.fault : error),
	);

test("when the fleet is ready, the first job is queued on every host", async () => {
	const clock = handClock();
	const demo = await start({ hosts: 10, clock });
	expect(demo.fleetFile).toMatchObject({
		version: 1,
		name: "demo",
		defaults: { port: 12_443, minTls: "1.2" },
	});
	expect(demo.fleetFile.hosts).toHaveLength(10);
	for (const host of demo.fleetFile.hosts) {
		const answer = await ask(target(demo, host.id), "/api/v1/jobs");
		expect(answer.data()).toMatchObject({
			total: 1,
			jobs: [{ status: "pending", packages: ["openssl"] }],
		});
	}
	expect(new Set(Object.values(states(demo.truth()[0])))).toEqual(
		new Set(["queued"]),
	);
});

test.each(DIALECTS)(
	"what a fleet of %s agents did is what they answer",
	async (dialect) => {
		const demo = await start({ hosts: 12, dialect, speed: 40 });
		const job = await demo.jobEnded();
		expect(job.hosts.size).toBe(12);
		const words: Record<string, string> = {
			succeeded: "completed",
			failed: "failed",
		};
		for (const [id, truth] of job.hosts) {
			const path = `/api/v1/jobs/${truth.agentJobId}`;
			const detail = (await ask(target(demo, id), path)).data();
			expect(detail.status).toBe(words[truth.state]);
			expect(detail.error_code ?? null).toBe(truth.errorCode);
		}
		expect(Object.values(states(job))).toContain("failed");
	},
);

test("the same seed gives the same hosts, packages and outcomes, run after run", async () => {
	const story = async (seed: number) => {
		const demo = await start({ hosts: 20, seed, speed: 200 });
		const last = await demo.jobEnded(3);
		expect(last.number).toBe(3);
		await demo.stop();
		return demo.truth().map((job) => [job.label, states(job)]);
	};
	const first = await story(7);
	expect(await story(7)).toEqual(first);
	expect(await story(8)).not.toEqual(first);
});

test("in the mix one host forgets, one is a stub, one loses its socket, and the account says so", async () => {
	const clock = handClock();
	const demo = await start({ hosts: 50, dialect: undefined, clock });
	const ended = demo.jobEnded();
	const client = await live(target(demo, "worker-02"));
	await demo.agent("worker-02").waitForConnection();
	for (let second = 0; second < 60 && !demo.truth()[0]?.ended; second++) {
		clock.advance(1000);
		// Agents that died come back through the real event loop.
		await turn();
	}
	const job = await ended;
	expect(states(job)).toMatchObject({ "db-09": "lost", "db-07": "failed" });
	expect(job.hosts.get("db-07")?.errorCode).toBe("NETWORK_ERROR");
	expect((await client.closed).code).toBe(1006);
	await expect(live(target(demo, "web-12"))).rejects.toThrow(
		"Sec-WebSocket-Accept",
	);
	const counts = Object.values(states(job));
	expect(
		counts.filter((state) => state === "succeeded").length,
	).toBeGreaterThan(44);
});

test("a host that dies for good ends as unknown, and the job ends without it", async () => {
	const demo = await start({ hosts: 3, speed: 100 });
	demo.agent("db-01").kill();
	const job = await demo.jobEnded();
	expect(states(job)).toEqual({
		"web-01": "succeeded",
		"db-01": "unknown",
		"api-01": "succeeded",
	});
	await demo.agent("db-01").revive();
	expect(states(demo.truth()[0])).toMatchObject({ "db-01": "failed" });
});

test("faults of a plan reach the hosts that fit", async () => {
	const demo = await start({
		faults: { version: 1, hosts: { "web-*": [{ kind: "empty-405" }] } },
	});
	expect((await ask(target(demo, "web-01"), "/health")).status).toBe(405);
	expect((await ask(target(demo, "db-01"), "/health")).status).toBe(200);
});

test("two hundred agents start, serve and stop, and leave no socket and no timer", async () => {
	const clock = handClock();
	const demo = await start({ hosts: 200, clock });
	const clients = await Promise.all(
		demo.fleetFile.hosts.map(({ id }) => live(target(demo, id))),
	);
	expect(clock.pending()).toBeGreaterThan(0);
	await demo.stop();
	await Promise.all(clients.map((client) => client.closed));
	expect(clock.pending()).toBe(0);
	expect(demo.agents.filter((agent) => agent.openSockets() > 0)).toEqual([]);
	const refused = await ask(target(demo, "web-01"), "/health").catch(
		(error: NodeJS.ErrnoException) => error.code,
	);
	expect(refused).toBe("ECONNREFUSED");
});

test("ports are consecutive from the one that is asked for, and a taken one is named", async () => {
	const first = await start({ hosts: 3 });
	const [one] = first.fleetFile.hosts;
	await first.stop();
	const from = one?.port ?? 0;
	const again = await start({ hosts: 1, port: from });
	expect(again.fleetFile.hosts[0]?.port).toBe(from);
	const clash = await faultOf(start({ hosts: 2, port: from }));
	expect(clash).toMatchObject({
		code: "port.in-use",
		sentence: `port ${from} is in use`,
	});
	await again.stop();
	expect(await faultOf(start({ hosts: 10, port: 65_530 }))).toMatchObject({
		code: "input.invalid",
	});
});

test("a fleet that cannot start leaves nothing open", async () => {
	const blocker = createServer();
	await new Promise<void>((resolve) =>
		blocker.listen(0, "127.0.0.1", () => resolve()),
	);
	const address = blocker.address();
	const taken = typeof address === "object" && address ? address.port : 0;
	const clock = handClock();
	const fault = await faultOf(start({ hosts: 2, port: taken - 1, clock }));
	expect(fault).toMatchObject({ code: "port.in-use" });
	expect(clock.pending()).toBe(0);
	await new Promise((resolve) => blocker.close(resolve));
});
