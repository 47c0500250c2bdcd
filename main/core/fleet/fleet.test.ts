// Whole hosts, each with its link, reader and event log, on one virtual clock: sockets and answers are played, everything
// between them is real.
import { afterEach, describe, expect, test } from "vitest";
import type { LinkStatus } from "../../../shared/model.ts";
import { hostId } from "../../../shared/model.ts";
import { openPlay, playedEntry } from "../../testkit/fleetPlay.ts";
import { CONNECTED } from "../../testkit/memoryTransport.ts";
import { isSettled } from "./fleet.ts";

let play: ReturnType<typeof openPlay> | null = null;
afterEach(() => {
	play?.end();
	play = null;
});

async function openLive(...ids: string[]) {
	play = openPlay(ids);
	await play.clock.pass(2_000);
	for (const id of ids) expect(play.channel(id)).toBe("live");
	return play;
}

describe("first contact", () => {
	test("a host is live, healthy and listed, and everyone was told", async () => {
		const { row, fleet, links } = await openLive("a");
		expect(row("a")).toMatchObject({
			id: "a",
			link: { channel: "live", fault: null, attempt: 0 },
			health: { kind: "healthy" },
			agentVersion: "1.4.0",
			openRuns: 0,
		});
		expect(row("a").heardAt).not.toBeNull();
		expect(fleet.member(hostId("a"))?.hasReported()).toBe(true);
		expect(links.at(-1)?.status.channel).toBe("live");
	});

	test("a host that refuses has reported as well: nobody waits for its list", async () => {
		play = openPlay(["a"]);
		play.agent("a").socket = "refuses";
		await play.clock.pass(500);
		expect(play.channel("a")).toBe("reconnecting");
		expect(play.fleet.member(hostId("a"))?.hasReported()).toBe(true);
	});

	test("C19: what ended while we were away is told in its order, though agents list the newest first", async () => {
		const { agent, clock, socket, push, events } = await openLive("a");
		for (const id of ["3", "2", "1"])
			agent("a").jobs.set(id, { status: "running", message: "" });
		for (const id of ["1", "2", "3"]) push("a", id, "running");
		await clock.pass(5_000);
		agent("a").socket = "refuses";
		socket("a").end();
		await clock.pass(500);
		for (const [id, status] of [
			["1", "completed"],
			["2", "cancelled"],
			["3", "timed_out"],
		] as const)
			agent("a").jobs.set(id, { status, message: "" });
		events.length = 0;
		agent("a").socket = "opens";
		await clock.pass(10_000);
		expect(events).toEqual(["a succeeded", "a cancelled", "a timed_out"]);
	});

	test("C20: a job that ends between the list and the push of it is told once", async () => {
		play = openPlay(["a"]);
		play.agent("a").jobs.set("1", { status: "completed", message: "" });
		await play.clock.pass(7);
		// Before the list is in, its end is pushed too.
		expect(play.socket("a").stage).toBe("open");
		expect(play.run("a", "1")).toBeUndefined();
		play.push("a", "1", "completed");
		await play.clock.pass(5_000);
		play.push("a", "1", "completed");
		await play.clock.pass(5_000);
		expect(play.run("a", "1")?.state).toBe("succeeded");
		expect(play.events.filter((one) => one === "a succeeded")).toHaveLength(1);
	});
});

describe("pushed events", () => {
	test("of an unknown run are held until its detail explains them", async () => {
		const { push, run, clock, row, agent } = await openLive("a");
		push("a", "1", "running");
		expect(run("a", "1")).toBeUndefined();
		await clock.pass(100);
		expect(run("a", "1")).toMatchObject({
			state: "running",
			operation: "patchapply",
		});
		expect(row("a").openRuns).toBe(1);
		expect(agent("a").asked.map(({ path }) => path)).toContain("/jobs/1");
	});

	test("of one host say nothing about another's run of the same name", async () => {
		const { push, run, clock } = await openLive("a", "b");
		push("a", "1", "running");
		push("b", "1", "running");
		await clock.pass(1_000);
		push("a", "1", "failed");
		await clock.pass(1_000);
		expect(run("a", "1")?.state).toBe("failed");
		expect(run("b", "1")?.state).toBe("running");
	});

	test("make the list be read every minute while a run is open, and every ten otherwise", async () => {
		const { push, clock, lists } = await openLive("a");
		await clock.pass(30 * 60_000);
		const idle = lists("a").length;
		expect(idle).toBe(4);
		push("a", "1", "running");
		await clock.pass(10 * 60_000);
		expect(lists("a").length - idle).toBeGreaterThanOrEqual(9);
		expect(lists("a").length - idle).toBeLessThanOrEqual(11);
	});
});

describe("one bad agent among good ones", () => {
	test("whose frames cannot be read stays a fault of its own", async () => {
		const { socket, push, clock, unreadable, channel, run } = await openLive(
			"a",
			"bad",
			"c",
		);
		for (const text of ["{", "[]", "null", '{"event":"job_status"}'])
			socket("bad").say(text);
		push("a", "1", "running");
		push("c", "1", "running");
		push("bad", "1", "running");
		await clock.pass(1_000);
		expect(unreadable).toEqual(Array(4).fill("bad ws.bad-frame"));
		for (const id of ["a", "bad", "c"]) {
			expect(channel(id)).toBe("live");
			expect(run(id, "1")?.state).toBe("running");
		}
	});

	test("whose list cannot be read is live, and its row says that its jobs cannot be read", async () => {
		play = openPlay(["a", "bad"]);
		const { agent, clock, row, fleet } = play;
		agent("bad").rest = "nonsense";
		await clock.pass(60_000);
		expect(row("bad").link).toMatchObject({
			channel: "live",
			fault: "http.unexpected",
			sentence: expect.stringMatching(/^live, but its jobs cannot be read/),
		});
		expect(fleet.member(hostId("bad"))?.hasReported()).toBe(true);
		expect(row("a").link.fault).toBeNull();
		// Tried again after 2 s, 4 s, 8 s …, not at each tick.
		expect(agent("bad").asked.length).toBeLessThanOrEqual(8);
		agent("bad").rest = "answers";
		await clock.pass(60_000);
		expect(row("bad").link.fault).toBeNull();
	});

	test("C23: an agent that floods us costs its own hints: 1,000 events a second are a few requests", async () => {
		const { push, clock, agent } = await openLive("a");
		const before = agent("a").asked.length;
		for (let ms = 0; ms < 1_000; ms++) {
			push("a", String(ms), "running");
			await clock.pass(1);
		}
		expect(agent("a").asked.length - before).toBeLessThanOrEqual(40);
	});
});

describe("silence", () => {
	test("three misses in a row make every host of a silent fleet unreachable, by our own timer; one changes nothing", async () => {
		const ids = ["a", "b", "c"];
		const { agent, socket, clock, row, channel } = await openLive(...ids);
		for (const id of ids) {
			agent(id).socket = "refuses";
			agent(id).rest = "refuses";
			socket(id).fail({ causes: [{ code: "ECONNRESET", message: "reset" }] });
		}
		await clock.pass(500);
		for (const id of ids) expect(row(id).health.kind).toBe("healthy");
		await clock.pass(30_000);
		for (const id of ids) {
			expect(row(id).health.kind).toBe("unreachable");
			expect(channel(id)).toBe("reconnecting");
			agent(id).socket = "opens";
			agent(id).rest = "answers";
		}
		await clock.pass(90_000);
		for (const id of ids) {
			expect(channel(id)).toBe("live");
			expect(row(id).health.kind).toBe("healthy");
		}
	});

	test("a link that is lost makes open runs unknown, not failed, and their truth comes back with it", async () => {
		const { agent, push, socket, clock, run } = await openLive("a");
		for (const id of ["1", "2", "3"]) push("a", id, "running");
		await clock.pass(3_000);
		agent("a").socket = "refuses";
		socket("a").end();
		await clock.pass(1);
		for (const id of ["1", "2", "3"])
			expect(run("a", id)?.state).toBe("unknown");
		agent("a").jobs.set("1", { status: "completed", message: "" });
		agent("a").jobs.set("2", { status: "failed", message: "" });
		agent("a").socket = "opens";
		await clock.pass(90_000);
		expect(["1", "2", "3"].map((id) => run("a", id)?.state)).toEqual([
			"succeeded",
			"failed",
			"running",
		]);
	});

	test("the age of what was heard is brought to the window every 10 s, a slice of the fleet at a time", async () => {
		const { clock, socket, touched } = await openLive("a", "b");
		await clock.pass(20_000);
		touched.length = 0;
		for (let second = 0; second < 60; second++) {
			socket("a").beat();
			socket("b").beat();
			await clock.pass(1_000);
		}
		expect(touched.filter((id) => id === "a").length).toBeGreaterThanOrEqual(5);
		expect(touched.filter((id) => id === "a").length).toBeLessThanOrEqual(8);
	});
});

describe("a host whose socket is not possible", () => {
	test("C3: a host whose socket is not possible is polled, every minute while idle and every 10 s while a run is open; the others stay live", async () => {
		play = openPlay(["a", "b", "c"]);
		const { agent, clock, channel, lists, events } = play;
		agent("b").socket = "forbids-upgrade";
		await clock.pass(10 * 60_000);
		expect(["a", "b", "c"].map(channel)).toEqual(["live", "polling", "live"]);
		const idle = lists("b").length;
		expect(idle).toBeGreaterThanOrEqual(10);
		expect(idle).toBeLessThanOrEqual(16);
		agent("b").jobs.set("1", { status: "running", message: "" });
		await clock.pass(60_000);
		const open = lists("b").length;
		await clock.pass(60_000);
		expect(lists("b").length - open).toBeGreaterThanOrEqual(5);
		expect(lists("b").length - open).toBeLessThanOrEqual(7);
		agent("b").jobs.set("1", { status: "completed", message: "" });
		await clock.pass(15_000);
		expect(events).toEqual(["b running", "b succeeded"]);
		// And back to the socket, once, without telling anything twice.
		agent("b").socket = "opens";
		await clock.pass(6 * 60_000);
		expect(channel("b")).toBe("live");
		expect(events).toEqual(["b running", "b succeeded"]);
	});
});

describe("an agent with a numbered log", () => {
	const numbered = (
		seq: number,
		status: string,
		epoch = "a",
	): Record<string, unknown> => ({
		event: "job_status",
		job_id: "1",
		status,
		seq,
		epoch,
	});

	test("C21: an agent with a numbered log is resumed where it was, and what was missed on the way is read from its log", async () => {
		play = openPlay(["a"]);
		const { agent, clock, socket, run, gaps } = play;
		agent("a").extensions = ["events.v1"];
		await clock.pass(2_000);
		agent("a").jobs.set("1", { status: "running", message: "" });
		agent("a").log.push(numbered(1, "running"));
		socket("a").say(JSON.stringify(numbered(1, "running")));
		await clock.pass(1_000);
		agent("a").log.push(
			numbered(2, "running"),
			numbered(3, "completed"),
			numbered(4, "completed"),
		);
		agent("a").jobs.set("1", { status: "completed", message: "" });
		socket("a").say(JSON.stringify(numbered(4, "completed")));
		await clock.pass(1_000);
		expect(run("a", "1")?.state).toBe("succeeded");
		expect(agent("a").asked.map(({ path }) => path)).toContain(
			"/events?since=1&limit=1000",
		);
		expect(gaps).toEqual([]);
		socket("a").end();
		await clock.pass(5_000);
		expect(socket("a").sent).toContain(
			JSON.stringify({ action: "subscribe", since: 4, epoch: "a" }),
		);
	});

	test("C21: one that lost its memory is read again and the gap is told", async () => {
		play = openPlay(["a"]);
		const { agent, clock, socket, gaps, lists } = play;
		agent("a").extensions = ["events.v1"];
		await clock.pass(2_000);
		socket("a").say(JSON.stringify(numbered(1, "running")));
		await clock.pass(2_000);
		const before = lists("a").length;
		agent("a").epoch = "b";
		agent("a").log = [numbered(1, "running", "b")];
		socket("a").say(JSON.stringify(numbered(1, "running", "b")));
		await clock.pass(2_000);
		expect(gaps).toEqual([expect.stringMatching(/^a: the agent restarted/)]);
		expect(lists("a").length).toBe(before + 1);
	});

	test("C6: an agent that answers long-polls at once with nothing is asked once a second at the most", async () => {
		play = openPlay(["a"]);
		const { agent, clock, channel } = play;
		agent("a").extensions = ["events.v1", "longpoll.v1"];
		agent("a").socket = "forbids-upgrade";
		await clock.pass(10_000);
		expect(channel("a")).toBe("polling");
		const polls = () =>
			agent("a").asked.filter(({ path }) => path.includes("wait="));
		const before = polls().length;
		await clock.pass(60_000);
		expect(polls().length - before).toBeGreaterThan(10);
		expect(polls().length - before).toBeLessThanOrEqual(60);
		const gaps = polls()
			.slice(1)
			.map(({ atMs }, index) => atMs - (polls()[index]?.atMs ?? 0));
		expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
	});
});

describe("what a person does", () => {
	test("a paused host is hung up on and left alone, also through wake and return of the network", async () => {
		const { fleet, clock, transport, channel } = await openLive("a", "b");
		expect(fleet.pause([hostId("a"), hostId("nobody")], true)).toBe(1);
		await clock.pass(1_000);
		expect(channel("a")).toBe("paused");
		expect(isSettled(fleet.row(hostId("a"))?.link as LinkStatus)).toBe(true);
		fleet.woke();
		fleet.networkReturned();
		await clock.pass(60 * 60_000);
		expect(transport.socketsOf(hostId("a"))).toHaveLength(0);
		expect(channel("b")).toBe("live");
		fleet.pause([hostId("a")], false);
		await clock.pass(2_000);
		expect(channel("a")).toBe("live");
	});

	test("retry does not wait for the back-off, and counts the hosts that there are", async () => {
		play = openPlay(["a"]);
		const { agent, fleet, clock, channel } = play;
		agent("a").socket = "refuses";
		await clock.pass(60_000);
		agent("a").socket = "opens";
		expect(fleet.retry([hostId("a"), hostId("nobody")])).toBe(1);
		await clock.pass(1_500);
		expect(channel("a")).toBe("live");
	});

	test("every host that is neither live nor paused is tried again at once, blocked ones included", async () => {
		play = openPlay(["live", "gone", "blocked", "paused"]);
		const { agent, fleet, clock, channel } = play;
		agent("gone").socket = "refuses";
		agent("gone").rest = "refuses";
		agent("blocked").socket = {
			kind: "fails",
			phase: "tls",
			facts: { causes: [{ code: "CERT_HAS_EXPIRED", message: "expired" }] },
		};
		fleet.pause([hostId("paused")], true);
		await clock.pass(60_000);
		expect(channel("gone")).toMatch(/reconnecting|offline/);
		expect(channel("blocked")).toBe("blocked");
		for (const id of ["gone", "blocked"]) {
			agent(id).socket = "opens";
			agent(id).rest = "answers";
		}
		expect(fleet.retryLost()).toBe(2);
		await clock.pass(2_000);
		expect(["live", "gone", "blocked"].map(channel)).toEqual([
			"live",
			"live",
			"live",
		]);
		expect(channel("paused")).toBe("paused");
		expect(fleet.retryLost()).toBe(0);
	});
});

describe("another fleet file", () => {
	test("C26: of another fleet file, new hosts start, gone ones end with their runs, changed ones are dialed anew, relabelled ones keep their link and have their new labels", async () => {
		const { fleet, push, clock, run, transport, row, channel } = await openLive(
			"stays",
			"goes",
			"moves",
		);
		push("goes", "1", "running");
		await clock.pass(1_000);
		const [kept] = transport.socketsOf(hostId("stays"));
		const [moved] = transport.socketsOf(hostId("moves"));
		fleet.apply([
			playedEntry("stays", { labels: { role: "web" } }),
			playedEntry("moves", { port: 4_444 }),
			playedEntry("new"),
		]);
		await clock.pass(2_000);
		expect(fleet.size).toBe(3);
		expect(fleet.row(hostId("goes"))).toBeUndefined();
		expect(run("goes", "1")).toBeUndefined();
		expect(transport.socketsOf(hostId("goes"))).toHaveLength(0);
		expect(transport.socketsOf(hostId("stays"))).toEqual([kept]);
		expect(transport.socketsOf(hostId("moves"))).not.toContain(moved);
		expect(row("stays").labels).toEqual({ role: "web" });
		for (const id of ["stays", "moves", "new"])
			expect(channel(id)).toBe("live");
		expect(fleet.channels()).toMatchObject({ live: 3, connecting: 0 });
	});

	test("a host that is paused and changed stays paused", async () => {
		const { fleet, clock, transport, channel } = await openLive("a");
		fleet.pause([hostId("a")], true);
		fleet.apply([playedEntry("a", { port: 4_444 })]);
		await clock.pass(60_000);
		expect(transport.socketsOf(hostId("a"))).toHaveLength(0);
		expect(channel("a")).toBe("paused");
	});
});

test("C30: stopping while everything is under way leaves no socket and no timer, and twice is once", async () => {
	play = openPlay(["a", "b", "c"]);
	const { agent, clock, fleet, socket } = play;
	agent("b").socket = "refuses";
	agent("c").socket = "forbids-upgrade";
	await clock.pass(2_000);
	socket("a").say(CONNECTED);
	play.push("a", "1", "running");
	fleet.stop();
	fleet.stop();
});
