// When it is said that an agent restarted: with proof alone, once, and with all that was lost by it.
import { expect, test } from "vitest";
import type { HostEvent, HostRun, RunState } from "../../../shared/model.ts";
import { agentJobId, hostId, jobId } from "../../../shared/model.ts";
import { runRow } from "../../testkit/modelRows.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { openRestarts } from "./restarts.ts";
import { openWheel } from "./wheel.ts";

function open() {
	const clock = openVirtualClock();
	const told: string[] = [];
	const restarts = openRestarts({
		clock,
		wheel: openWheel(clock),
		onRestart: (sentence) => told.push(sentence),
	});
	const seen = (): HostRun => ({ ...runRow("web-01"), seenAt: clock.wallMs() });
	const run = (
		known: HostRun,
		status: RunState,
		errorCode: string | null = null,
	): void => restarts.runTold(event(status, errorCode, clock.wallMs()), known);
	return { clock, told, restarts, seen, run };
}

const event = (
	status: RunState,
	errorCode: string | null,
	receivedAt: number,
): HostEvent => ({
	kind: "host",
	n: 0,
	receivedAt,
	jobId: jobId("j-1"),
	hostId: hostId("web-01"),
	agentJobId: agentJobId("1"),
	status,
	rawStatus: status,
	message: "",
	error: null,
	errorCode,
	at: null,
	source: "reconcile",
});

/** A run is seen, the socket is lost, and another one comes up; its first list has nothing that was known. */
function afterReconnect(remembers = false) {
	const stage = open();
	stage.restarts.connected();
	stage.restarts.listed(false);
	stage.clock.advance(1_000);
	const known = stage.seen();
	stage.clock.advance(1_000);
	stage.restarts.disconnected();
	stage.clock.advance(5_000);
	stage.restarts.connected();
	stage.restarts.listed(remembers);
	stage.clock.advance(100);
	return { ...stage, known };
}

test("open runs that are gone with everything else are told together, once", () => {
	const { clock, told, run, known } = afterReconnect();
	run(known, "lost");
	clock.advance(500);
	run(known, "lost");
	expect(told).toEqual([]);
	clock.advance(2_000);
	expect(told).toEqual(["the agent restarted and forgot 2 open jobs"]);
	run(known, "lost");
	clock.advance(3_600_000);
	expect(told).toHaveLength(1);
});

test("runs that the agent itself calls interrupted are proof, whatever else it remembers", () => {
	const { clock, told, run, known } = afterReconnect(true);
	run(known, "failed", "AGENT_REBOOTED");
	run(known, "failed", "NETWORK_ERROR");
	clock.advance(2_000);
	expect(told).toEqual(["the agent restarted and interrupted 1 open job"]);
});

test("one run that is gone may have been deleted: an agent that remembers others did not restart", () => {
	const { clock, told, run, known } = afterReconnect(true);
	run(known, "lost");
	clock.advance(60_000);
	expect(told).toEqual([]);
});

test("only the first list of a connection can show a restart: what goes later was deleted", () => {
	const { clock, told, restarts, run, known } = afterReconnect(true);
	clock.advance(60_000);
	restarts.listed(false);
	run(known, "lost");
	clock.advance(60_000);
	expect(told).toEqual([]);
});

test("on one and the same connection nothing that is gone proves a restart", () => {
	const { clock, told, restarts, seen, run } = afterReconnect();
	const late = seen();
	clock.advance(60_000);
	restarts.listed(false);
	run(late, "lost");
	run(late, "failed", "AGENT_REBOOTED");
	clock.advance(60_000);
	expect(told).toEqual([]);
});

test("a first look at an agent that restarted some time ago tells nothing", () => {
	const { clock, told, restarts, seen, run } = open();
	restarts.listed(false);
	run(seen(), "failed", "AGENT_REBOOTED");
	restarts.connected();
	restarts.listed(false);
	run(seen(), "lost");
	clock.advance(60_000);
	expect(told).toEqual([]);
});

test("between two polls an agent may restart as well", () => {
	const { clock, told, restarts, seen, run } = open();
	const known = seen();
	clock.advance(10_000);
	restarts.listed(false);
	run(known, "lost");
	clock.advance(2_000);
	expect(told).toEqual(["the agent restarted and forgot 1 open job"]);
});

test("one restart that shows in several ways is told once, the next one again", () => {
	const { clock, told, restarts, run, known } = afterReconnect();
	run(known, "lost");
	clock.advance(2_000);
	clock.advance(600_000);
	restarts.proven("a new log begins");
	expect(told).toHaveLength(1);
	restarts.disconnected();
	clock.advance(1_000);
	restarts.connected();
	restarts.proven("another version");
	// Within a minute after the last proof it may still be the same one.
	expect(told).toHaveLength(1);
	restarts.disconnected();
	clock.advance(61_000);
	restarts.connected();
	restarts.proven("another log");
	expect(told).toEqual([
		"the agent restarted and forgot 1 open job",
		"another log",
	]);
});

test("an agent that restarts every 40 s is told of again and again, also while it is polled", () => {
	const { clock, told, restarts } = afterReconnect();
	for (let nth = 0; nth < 6; nth++) {
		restarts.proven(`log ${nth}`);
		restarts.disconnected();
		clock.advance(40_000);
		if (nth % 2 === 0) restarts.connected();
	}
	expect(told).toEqual(["log 0", "log 2", "log 4"]);
});

test("nothing is told after the host is gone", () => {
	const { clock, told, restarts, run, known } = afterReconnect();
	run(known, "lost");
	restarts.stop();
	clock.advance(60_000);
	expect(told).toEqual([]);
	expect(clock.timers).toBe(0);
});
