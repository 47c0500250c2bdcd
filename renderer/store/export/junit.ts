// A job as JUnit XML, for tools that show test reports: the job is a suite, each host a case. Pure.
//
// failed: `failure`, with the error code as its type. timed out, lost: `error`, because nobody knows what became of the host.
// cancelled: `skipped`. queued, running, unknown: `skipped` too, and the message says that it had not ended: the report is of
// its own time. succeeded: a plain case.
import type { HostRun, Job } from "../../../shared/model.ts";
import { isOpen } from "../../../shared/model.ts";
import { visible, visibleLines } from "../../../shared/visibleText.ts";
import { endOf } from "../timeline.ts";
import type { ListingFacts } from "./listing.ts";
import { isoTime } from "./listing.ts";

export interface JobReport {
	readonly job: Job;
	/** The runs on the screen, in its order. */
	readonly runs: readonly HostRun[];
	/** The clock of a run's host against ours, ms; null: not known. */
	readonly skewOf: (run: HostRun) => number | null;
	/** Why, in one line. */
	readonly reason: (run: HostRun) => string;
}

/** A report in UTF-8, well-formed XML 1.0 whatever the hosts say. Counts are of the runs given. */
export function junit(
	{ job, runs, skewOf, reason }: JobReport,
	facts: ListingFacts,
): string {
	const cases = runs.map((run) => testCase(job, run, skewOf(run), reason(run)));
	const count = (verdict: Verdict): number =>
		runs.filter((run) => VERDICTS[run.state] === verdict).length;
	const took = seconds((job.endedAt ?? facts.now) - job.startedAt);
	const counts = `tests="${runs.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}" time="${took}"`;
	const properties: readonly (readonly [string, string])[] = [
		["as_of", isoTime(facts.now, facts.utc)],
		["fleet", facts.fleetName],
		["filter", facts.filter],
		["job_id", job.id],
		["status", job.status],
		["origin", job.origin],
		["operation", job.operation],
		["packages", job.packages.join(", ")],
	];
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		`<testsuites name="Foredeck" ${counts}>`,
		`  <testsuite name="${attribute(job.label)}" ${counts} timestamp="${isoTime(job.startedAt, true).slice(0, 19)}">`,
		"    <properties>",
		...properties.map(
			([name, value]) =>
				`      <property name="${name}" value="${attribute(value)}"/>`,
		),
		"    </properties>",
		...cases,
		"  </testsuite>",
		"</testsuites>",
		"",
	].join("\n");
}

type Verdict = "failure" | "error" | "skipped" | null;

/** What each state is in a report. */
export const VERDICTS: Readonly<Record<HostRun["state"], Verdict>> = {
	succeeded: null,
	failed: "failure",
	timed_out: "error",
	lost: "error",
	cancelled: "skipped",
	queued: "skipped",
	running: "skipped",
	unknown: "skipped",
};

function testCase(
	job: Job,
	run: HostRun,
	skewMs: number | null,
	reason: string,
): string {
	const verdict = VERDICTS[run.state];
	const took = isOpen(run.state) ? 0 : tookMs(run, skewMs);
	const open = `    <testcase name="${attribute(run.hostId)}" classname="${attribute(job.label)}" time="${seconds(took)}"`;
	if (verdict === null) return `${open}/>`;
	const words = run.state.replace("_", " ");
	const told = isOpen(run.state)
		? `had not ended: ${words}`
		: reason === ""
			? words
			: reason;
	return [
		`${open}>`,
		verdict === "skipped"
			? `      <skipped message="${attribute(told)}"/>`
			: `      <${verdict} message="${attribute(told)}" type="${attribute(run.errorCode ?? run.state)}">${cdata(body(run))}</${verdict}>`,
		"    </testcase>",
	].join("\n");
}

/** How long it ran: by our clock where we saw it begin, else by its agent's. Never one clock less another. */
function tookMs(run: HostRun, skewMs: number | null): number {
	if (run.runningAt !== null) return endOf(run, skewMs) - run.runningAt;
	return run.createdAt === null || run.completedAt === null
		? 0
		: run.completedAt - run.createdAt;
}

/** All that is known of why, line by line. */
const body = (run: HostRun): string =>
	[
		run.error ?? run.message,
		...(run.remark === null ? [] : [run.remark]),
		...(run.exitCode === null ? [] : [`exit code ${run.exitCode}`]),
		`agent job ${run.agentJobId}`,
	]
		.filter((line) => line !== "")
		.join("\n");

const seconds = (ms: number): string => (Math.max(0, ms) / 1_000).toFixed(3);

/** U+FFFE and U+FFFF are not characters of XML; controls are gone already, because they were made visible. */
const NO_CHARACTER = /[\ufffe\uffff]/g;

const SIGNS: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&apos;",
};

const attribute = (text: string): string =>
	visible(text)
		.replace(NO_CHARACTER, "\ufffd")
		.replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? "");

/** Text as it is, with its end cut in two where it would end too early. Tabs stay. */
const cdata = (text: string): string =>
	`<![CDATA[${visibleLines(text)
		.join("\n")
		.replace(NO_CHARACTER, "\ufffd")
		.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
