import { expect, test } from "vitest";
import type { Activity, HostRun } from "../../../shared/model.ts";
import { agentJobId, hostId, jobId, runKey } from "../../../shared/model.ts";
import { appended, EMPTY_LOG } from "../eventLog.ts";
import { parseFilter } from "../filter.ts";
import {
	countsOf,
	hostRow,
	jobRow,
	NOW,
	runRow,
	snapshotOf,
} from "../fixtures.ts";
import { newestRuns } from "../hostRuns.ts";
import { fleetOf } from "../replica.ts";
import { createHostSelection, createRunSelection } from "../select.ts";
import { activityListing, shownLines } from "./activityList.ts";
import { activityFilter, runFilter } from "./filterWords.ts";
import { hostsListing, jobsListing } from "./fleetLists.ts";
import type { Listing } from "./listing.ts";
import { hostJobsListing, jobHostsListing } from "./runLists.ts";

const facts = { fleetName: "prod", filter: "", now: NOW, utc: true };
const words = {
	stateWords: (run: HostRun) => run.state,
	runLine: (run: HostRun) => run.error ?? run.message,
};
const AT = "2027-01-15T08:00:00.000Z";

/** The rows as objects, as JSON has them. */
const read = ({ columns, rows }: Listing) =>
	rows.map((row) =>
		Object.fromEntries(columns.map((name, at) => [name, row[at]])),
	);
const inMarkdown = ({ rows, brief }: Listing) =>
	rows.map((_, at) => [brief.rank(at), ...brief.cells(at)]);

const fleet = fleetOf(
	snapshotOf({
		hosts: [
			hostRow("web-1", { labels: { role: "web" } }),
			hostRow("web-2", {
				labels: { role: "web" },
				link: {
					...hostRow("x").link,
					channel: "blocked",
					fault: "tls.unknown-ca",
					sentence: "why",
				},
				heardAt: null,
			}),
			hostRow("db-1", {
				health: { kind: "degraded", sinceAt: NOW, reasons: ["disk", "swap"] },
				skewMs: 2_000,
			}),
		],
		jobs: [
			jobRow("j-1", {
				status: "failed",
				counts: countsOf({ host: 3, failed: 1, succeeded: 2 }),
				endedAt: NOW + 1_000,
			}),
			jobRow("j-2"),
		],
		runs: [
			runRow("web-1", "j-1", { state: "succeeded", completedAt: NOW }),
			runRow("web-2", "j-1", {
				state: "failed",
				error: "broke",
				errorCode: "X",
				exitCode: 100,
			}),
			runRow("db-1", "j-1", {
				state: "succeeded",
				completedAt: NOW + 1_000,
				changedAt: NOW + 5_000,
			}),
		],
	}),
);

test("a host is one row with both facts apart, its reasons and its labels", () => {
	const ids = createHostSelection()(fleet, parseFilter("role=web"), NOW);
	const listing = hostsListing(fleet, ids, facts, () => "why");
	expect(read(listing).map((row) => row.host_id)).toEqual(ids);
	expect(read(listing)).toMatchObject([
		{
			host_id: "web-1",
			channel: "live",
			health: "healthy",
			stale: false,
			heard_at: AT,
			labels: { role: "web" },
		},
		{
			channel: "blocked",
			fault: "tls.unknown-ca",
			stale: true,
			heard_at: null,
		},
	]);
	expect(inMarkdown(listing)).toEqual([
		[2, "web-1", "live", "healthy", "why"],
		[0, "web-2", "blocked", "healthy", "why"],
	]);
	const degraded = hostsListing(fleet, [hostId("db-1")], facts, () => "");
	expect(read(degraded)[0]?.health_reasons).toEqual(["disk", "swap"]);
	expect(inMarkdown(degraded)[0]?.[0]).toBe(1);
});

test("jobs have all nine counts, and what failed is first in a message", () => {
	const listing = jobsListing(fleet, fleet.jobOrder, facts, () => "1 failed");
	expect(read(listing)).toHaveLength(2);
	expect(read(listing).find((row) => row.job_id === "j-1")).toMatchObject({
		host_count: 3,
		failed_count: 1,
		succeeded_count: 2,
		running_count: 0,
		started_at: AT,
		ended_at: "2027-01-15T08:00:01.000Z",
	});
	const told = inMarkdown(listing).sort();
	expect(told[0]).toEqual([
		0,
		"patchapply · j-1",
		"failed",
		"1 failed of 3",
		"2027-01-15 08:00:00",
	]);
	expect(told[1]?.[0]).toBe(1);
});

test("a job's hosts are exactly those of the screen, in its order", () => {
	const job = fleet.replica.jobs.get(jobId("j-1"));
	if (job === undefined) throw new Error("no job");
	const select = createRunSelection();
	const all = select(fleet, job.id, null, parseFilter(""));
	const listing = jobHostsListing(fleet, job, all, facts, words);
	expect(read(listing)).toMatchObject([
		{ host_id: "web-2", state: "failed", error: "broke", exit_code: 100 },
		{ host_id: "db-1", state: "succeeded" },
		{ host_id: "web-1", channel: "live", labels: { role: "web" } },
	]);
	// The host's clock is 2 s ahead of ours: its time is corrected.
	expect(read(listing)[1]?.ended_at).toBe("2027-01-15T07:59:59.000Z");
	expect(listing.about).toEqual({
		job_id: "j-1",
		label: "patchapply · j-1",
		status: "failed",
	});
	const failed = select(fleet, job.id, "failed", parseFilter(""));
	expect(read(jobHostsListing(fleet, job, failed, facts, words))).toHaveLength(
		1,
	);
	expect(inMarkdown(listing)[0]).toEqual([0, "web-2", "failed", "broke", "X"]);
});

test("runs that are gone meanwhile are no rows, and open ones have no end", () => {
	const job = jobRow("j-2");
	const gone = runKey(hostId("gone"), agentJobId("x"));
	expect(jobHostsListing(fleet, job, [gone], facts, words).rows).toEqual([]);
	const open = fleetOf(snapshotOf({ runs: [runRow("a", "j-2")] }));
	const listing = jobHostsListing(
		open,
		job,
		open.runsOfJob.get(job.id) ?? [],
		facts,
		words,
	);
	expect(read(listing)[0]).toMatchObject({
		ended_at: null,
		channel: null,
		labels: {},
		job_label: null,
	});
});

test("a host's jobs come with what is known of the host, as many as its panel lists", () => {
	const many = fleetOf(
		snapshotOf({
			hosts: [hostRow("a", { agentVersion: "1.4.2" })],
			runs: Array.from({ length: 12 }, (_, at) => runRow("a", `j-${at}`)),
		}),
	);
	const host = many.replica.hosts.get(hostId("a"));
	if (host === undefined) throw new Error("no host");
	const keys = newestRuns(many.runsOfHost.get(host.id) ?? []);
	const listing = hostJobsListing(many, host, keys, facts, words);
	expect(read(listing).map((row) => row.job_id)).toEqual(
		[11, 10, 9, 8, 7, 6, 5, 4].map((n) => `j-${n}`),
	);
	expect(listing.about).toMatchObject({ host_id: "a", agent_version: "1.4.2" });
});

const event = (n: number, change: object): Activity =>
	({
		kind: "host",
		n,
		receivedAt: NOW,
		jobId: jobId("j-1"),
		hostId: hostId(`h-${n}`),
		agentJobId: agentJobId("x"),
		status: "failed",
		rawStatus: "failed",
		message: "m",
		error: null,
		errorCode: null,
		at: null,
		source: "push",
		...change,
	}) as Activity;

test("the activity has every kind of line, newest first, and those too that were not looked through yet", () => {
	const lines = [
		event(1, {}),
		event(2, {
			kind: "job",
			label: "l",
			status: "failed",
			counts: countsOf({ host: 2, failed: 1, succeeded: 1 }),
		}),
		event(3, { kind: "gap", hostId: null, sentence: "s" }),
		event(4, { kind: "overdue", sentence: "late" }),
	];
	const log = appended(EMPTY_LOG, "e", lines);
	const all = shownLines(log, null, parseFilter(""), null);
	const listing = activityListing(all, facts, () => "1 failed");
	expect(read(listing)).toMatchObject([
		{ kind: "overdue", host_id: "h-4", message: "late" },
		{ kind: "gap", host_id: null, message: "s" },
		{ kind: "job", label: "l", host_count: 2, failed_count: 1, host_id: null },
		{ kind: "host", host_id: "h-1", status: "failed", received_at: AT },
	]);
	expect(inMarkdown(listing).map(([, ...cells]) => cells)).toEqual([
		["08:00:00", "h-4", "overdue", "late"],
		["08:00:00", "", "gap", "s"],
		["08:00:00", "l", "failed", "1 failed of 2"],
		["08:00:00", "h-1", "failed", "m"],
	]);
	expect(shownLines(log, "job", parseFilter(""), null)).toHaveLength(2);
	expect(shownLines(log, null, parseFilter(""), 2)).toHaveLength(2);
});

test("a filter that fits few of many lines finds all of them", () => {
	const lines = Array.from({ length: 20_000 }, (_, n) =>
		event(n, { status: n % 5_000 === 0 ? "lost" : "queued" }),
	);
	const log = appended(EMPTY_LOG, "e", lines);
	expect(shownLines(log, null, parseFilter("is:lost"), null)).toHaveLength(4);
});

test("what is chosen beside the filter box is said with it", () => {
	const place = { q: " db ", state: "timed_out" as const };
	expect(runFilter(place, true)).toBe("is:timed-out db");
	expect(
		runFilter({ q: "", state: null, ended: { from: NOW, to: NOW + 1 } }, true),
	).toBe(`ended:${AT}/2027-01-15T08:00:00.001Z`);
	expect(activityFilter({ q: "db", kind: "host" })).toBe("is:host db");
	expect(activityFilter({ q: "", kind: null })).toBe("");
});
