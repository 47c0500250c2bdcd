// The shapes that scripts rely on, written out in full: a change here is a change of an interface.
import { expect, test } from "vitest";
import type { Activity, LinkStatus } from "../../shared/model.ts";
import { agentJobId, hostId, jobId } from "../../shared/model.ts";
import { activityLine, linkLine } from "./lines.ts";

const RECEIVED = Date.UTC(2026, 10, 21, 3, 0, 1);

test("a link line", () => {
	const status: LinkStatus = {
		channel: "polling",
		fault: "ws.accept-missing",
		sentence: "the agent does not prove that it speaks WebSocket",
		nextStep: "Update the agent.",
		attempt: 1,
		sinceAt: 0,
		retryAt: 7,
	};
	const now = Date.UTC(2026, 10, 21, 3);
	expect(JSON.stringify(linkLine(hostId("web-01"), status, now))).toBe(
		'{"kind":"link","host_id":"web-01","channel":"polling","fault":"ws.accept-missing","sentence":"the agent does not prove that it speaks WebSocket","attempt":1,"at":"2026-11-21T03:00:00.000Z"}',
	);
});

const hostEvent: Activity = {
	kind: "host",
	n: 4,
	receivedAt: RECEIVED,
	jobId: jobId("j-1"),
	hostId: hostId("web-01"),
	agentJobId: agentJobId("7f3a"),
	status: "failed",
	rawStatus: "Failed",
	message: "Installing",
	error: "apt-get failed (exit 100)",
	errorCode: "NETWORK_ERROR",
	at: "2026-11-21T03:00:00+00:00",
	source: "push",
};

test("a host event, with the agent's own time as it told it", () => {
	expect(JSON.stringify(activityLine(hostEvent))).toBe(
		'{"kind":"event","event_type":"host","job_id":"j-1","host_id":"web-01","agent_job_id":"7f3a","status":"failed","message":"Installing","error":"apt-get failed (exit 100)","error_code":"NETWORK_ERROR","at":"2026-11-21T03:00:00+00:00","received_at":"2026-11-21T03:00:01.000Z","source":"push"}',
	);
});

test("a host event of an agent that told no time has ours", () => {
	expect(activityLine({ ...hostEvent, at: null })).toMatchObject({
		at: "2026-11-21T03:00:01.000Z",
		received_at: "2026-11-21T03:00:01.000Z",
	});
});

test("a job event, with all nine counts", () => {
	const event: Activity = {
		kind: "job",
		n: 5,
		receivedAt: RECEIVED,
		jobId: jobId("j-1"),
		status: "running",
		origin: "observed",
		label: "patchapply · openssl",
		counts: {
			host: 50,
			queued: 0,
			running: 6,
			succeeded: 41,
			failed: 2,
			cancelled: 0,
			timed_out: 0,
			lost: 1,
			unknown: 0,
		},
		source: "push",
	};
	expect(JSON.stringify(activityLine(event))).toBe(
		'{"kind":"event","event_type":"job","job_id":"j-1","status":"running","origin":"observed","label":"patchapply · openssl","host_count":50,"queued_count":0,"running_count":6,"succeeded_count":41,"failed_count":2,"cancelled_count":0,"timed_out_count":0,"lost_count":1,"unknown_count":0,"at":"2026-11-21T03:00:01.000Z","received_at":"2026-11-21T03:00:01.000Z"}',
	);
});

test("a gap, of one host or of nobody in particular", () => {
	const gap: Activity = {
		kind: "gap",
		n: 6,
		receivedAt: RECEIVED,
		hostId: hostId("web-01"),
		fault: "agent.restarted",
		sentence: "the agent restarted",
	};
	expect(JSON.stringify(activityLine(gap))).toBe(
		'{"kind":"gap","host_id":"web-01","fault":"agent.restarted","sentence":"the agent restarted","at":"2026-11-21T03:00:01.000Z","received_at":"2026-11-21T03:00:01.000Z"}',
	);
	const { fault: _, ...unnamed } = gap;
	expect(activityLine({ ...unnamed, hostId: null })).toMatchObject({
		host_id: null,
		fault: null,
	});
});

test("M5: a run that is overdue", () => {
	const overdue: Activity = {
		kind: "overdue",
		n: 7,
		receivedAt: RECEIVED,
		jobId: jobId("j-1"),
		hostId: hostId("web-01"),
		agentJobId: agentJobId("a-1"),
		sentence: "overdue: still running",
	};
	expect(JSON.stringify(activityLine(overdue))).toBe(
		'{"kind":"overdue","job_id":"j-1","host_id":"web-01","agent_job_id":"a-1","sentence":"overdue: still running","at":"2026-11-21T03:00:01.000Z","received_at":"2026-11-21T03:00:01.000Z"}',
	);
});
