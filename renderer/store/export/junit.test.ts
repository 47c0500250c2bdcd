import fc from "fast-check";
import { expect, test } from "vitest";
import type { HostRun } from "../../../shared/model.ts";
import { RUN_STATES } from "../../../shared/model.ts";
import { countsOf, jobRow, NOW, runRow } from "../fixtures.ts";
import { HOSTILE_SIGNS } from "./hostileSigns.ts";
import { junit } from "./junit.ts";

/** Any text, and text made of signs that somebody obeys. */
const hostileText = (): fc.Arbitrary<string> =>
	fc.oneof(
		fc.string({ unit: "binary" }),
		fc.string({ unit: fc.constantFrom(...HOSTILE_SIGNS) }),
	);

const job = jobRow("j-1", {
	label: "install · curl",
	status: "failed",
	counts: countsOf({ host: 8 }),
	endedAt: NOW + 61_500,
});
const facts = { fleetName: "prod", filter: "is:failed", now: NOW, utc: true };
const report = (runs: readonly HostRun[], of = job): string =>
	junit(
		{
			job: of,
			runs,
			skewOf: () => 0,
			reason: (run) => run.error ?? run.message,
		},
		facts,
	);
const run = (change: Partial<HostRun>): HostRun =>
	runRow("db-07", "j-1", change);

test("the suite is the job, with its time, its counts, as of when and by which filter", () => {
	const runs = RUN_STATES.map((state, at) =>
		runRow(`h-${at}`, "j-1", { state }),
	);
	expect(report(runs)).toContain(
		'<testsuite name="install · curl" tests="8" failures="1" errors="2" skipped="4" time="61.500" timestamp="2027-01-15T08:00:00">',
	);
	expect(report(runs).match(/<testcase /g)).toHaveLength(8);
	for (const property of [
		'name="as_of" value="2027-01-15T08:00:00.000Z"',
		'name="fleet" value="prod"',
		'name="filter" value="is:failed"',
		'name="job_id" value="j-1"',
	])
		expect(report(runs)).toContain(`<property ${property}/>`);
});

test.each([
	["succeeded", /time="0.000"\/>/],
	[
		"failed",
		/<failure message="broke" type="NETWORK_ERROR"><!\[CDATA\[broke\n/,
	],
	["timed_out", /<error message="broke" type="NETWORK_ERROR">/],
	["lost", /<error message="broke" type="NETWORK_ERROR">/],
	["cancelled", /<skipped message="broke"\/>/],
	["queued", /<skipped message="had not ended: queued"\/>/],
	["running", /<skipped message="had not ended: running"\/>/],
	["unknown", /<skipped message="had not ended: unknown"\/>/],
] as const)("a host that is %s is told so", (state, told) => {
	const text = report([
		run({ state, error: "broke", errorCode: "NETWORK_ERROR" }),
	]);
	expect(text).toMatch(told);
	expect(text).toMatch(/<testcase name="db-07" classname="install · curl"/);
});

test("without an error code the type is the state, and without a word the message is", () => {
	expect(report([run({ state: "timed_out" })])).toContain(
		'<error message="timed out" type="timed_out">',
	);
});

test("a case takes as long as it ran by our clock, else by its agent's alone", () => {
	const ended = { state: "succeeded", changedAt: NOW + 9_000 } as const;
	const times = (change: Partial<HostRun>) =>
		/classname="[^"]*" time="([^"]*)"/.exec(
			report([run({ ...ended, ...change })]),
		)?.[1];
	expect(times({ runningAt: NOW + 1_500 })).toBe("7.500");
	expect(times({ createdAt: 5, completedAt: 2_005 })).toBe("2.000");
	expect(times({ createdAt: 5 })).toBe("0.000");
	expect(times({ runningAt: NOW + 60_000 })).toBe("0.000");
	expect(times({ runningAt: NOW, state: "running" })).toBe("0.000");
});

test("the end of a CDATA section inside a message ends nothing", () => {
	const text = report([run({ state: "failed", error: "a]]>b<c&d" })]);
	expect(text).toContain("<![CDATA[a]]]]><![CDATA[>b<c&d");
	expect(text).toContain('message="a]]&gt;b&lt;c&amp;d"');
});

test("whatever a host says, only characters of XML 1.0 are written, and no sign that is not seen", () => {
	fc.assert(
		fc.property(hostileText(), (text) => {
			const written = report(
				[
					runRow(text, "j-1", {
						state: "failed",
						error: text,
						errorCode: text,
						remark: text,
					}),
				],
				{ ...job, label: text },
			);
			expect(written).not.toMatch(
				/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u,
			);
			expect(written).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
			// Outside of CDATA sections the only signs of markup are ours.
			const markup = written.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, "");
			expect(markup.match(/</g)).toHaveLength(markup.match(/>/g)?.length ?? 0);
		}),
	);
});
