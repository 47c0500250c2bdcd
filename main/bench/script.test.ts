// The generated agents say what real ones say: their frames and bodies go through the console's own decoder.
import { expect, test } from "vitest";
import {
	decodeFrame,
	decodeHealth,
	decodeJobDetail,
	decodeJobPage,
	decodeSystem,
} from "../core/agentApi/decode.ts";
import type { HttpAnswer } from "../core/agentApi/rest.ts";
import { makeScript, textFrame } from "./script.ts";

const script = makeScript({
	parts: [{ runs: 1 }, { runs: 2 }],
	eventsPerRun: 150,
	eventsPerRecord: 16,
});

/** The text of a frame that textFrame made. */
const textOf = (frame: Buffer): string =>
	frame.subarray((frame[1] ?? 0) < 126 ? 2 : 4).toString("utf8");

const answer = (path: string, ended = 0): HttpAnswer => ({
	status: 200,
	contentType: "application/json",
	retryAfterMs: null,
	body: Buffer.from(script.body(path, ended) ?? ""),
});

test("each run is queued, runs with rising progress, and succeeds", () => {
	const events = (script.parts[1]?.frames ?? []).map((frame) => {
		const read = decodeFrame(textOf(frame));
		if (!read.ok || read.value.kind !== "run") throw new Error("no run event");
		return read.value.event;
	});
	expect(events).toHaveLength(300);
	const first = events.slice(0, 150);
	expect(new Set(first.map(({ agentJobId }) => agentJobId)).size).toBe(1);
	expect(first.map(({ state }) => state)).toEqual([
		"queued",
		...new Array(148).fill("running"),
		"succeeded",
	]);
	const progress = first.map((event) => event.progress ?? -1);
	expect(progress).toEqual([...progress].sort((a, b) => a - b));
});

test("records hold the same bytes as the frames, so many events each", () => {
	for (const { frames, records } of script.parts) {
		expect(Buffer.concat(records)).toEqual(Buffer.concat(frames));
		expect(records).toHaveLength(Math.ceil(frames.length / 16));
	}
});

test("a frame of 126 bytes or more tells its length in two more", () => {
	expect([...textFrame("a".repeat(300)).subarray(0, 4)]).toEqual([
		0x81, 126, 1, 44,
	]);
});

test("the greeting is read as one", () => {
	expect(decodeFrame(textOf(script.connected))).toMatchObject({
		value: { kind: "connected" },
	});
});

test("the list has every run, open until its part was sent", () => {
	const states = (ended: number): string[] => {
		const page = decodeJobPage(answer("/api/v1/jobs?limit=200", ended));
		if (page.kind !== "ok") throw new Error(page.kind);
		expect(page.value.broken).toBe(0);
		return page.value.jobs.map(({ state }) => state);
	};
	expect(states(0)).toEqual(["queued", "queued", "queued"]);
	expect(states(1)).toEqual(["succeeded", "queued", "queued"]);
});

test("a detail is of the run that was asked for, and no further than the list", () => {
	const page = decodeJobPage(answer("/api/v1/jobs?limit=200"));
	if (page.kind !== "ok") throw new Error(page.kind);
	for (const { agentJobId, packages, state } of page.value.jobs)
		expect(decodeJobDetail(answer(`/api/v1/jobs/${agentJobId}`))).toMatchObject(
			{ kind: "ok", value: { agentJobId, packages, state } },
		);
});

test("health and system information are readable, and no extension is offered", () => {
	expect(decodeHealth(answer("/api/v1/health"))).toMatchObject({
		kind: "ok",
		value: { degraded: false, extensions: [] },
	});
	expect(decodeSystem(answer("/api/v1/system/info"))).toMatchObject({
		kind: "ok",
		value: { os: "Debian GNU/Linux 12 (bookworm)" },
	});
});
