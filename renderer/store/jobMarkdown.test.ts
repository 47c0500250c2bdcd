import fc from "fast-check";
import { expect, test } from "vitest";
import { countsOf, jobRow, NOW, runRow } from "./fixtures.ts";
import type { JobNews } from "./jobMarkdown.ts";
import { escaped, jobMarkdown, NAMED_HOSTS } from "./jobMarkdown.ts";

const news = (change: Partial<JobNews> = {}): JobNews => ({
	job: jobRow("j-1", {
		label: "patchapply · openssl",
		counts: countsOf({ host: 50, failed: 2, succeeded: 48 }),
		startedAt: NOW - 372_000,
		endedAt: NOW,
		status: "failed",
	}),
	bad: [
		runRow("db-07", "j-1", {
			state: "failed",
			error: "could not resolve mirror",
			errorCode: "NETWORK_ERROR",
		}),
		runRow("db-09", "j-1", { state: "lost" }),
	],
	scope: { hosts: 50, wholeFleet: true, only: null, shared: ["env=prod"] },
	counts: "2 failed · 48 succeeded",
	stuck: 0,
	now: NOW + 60_000,
	utc: true,
	link: "https://console/#/jobs/j-1",
	stateWords: (run) => run.state,
	reason: (run) => run.error ?? "the agent no longer knows it",
	...change,
});

test("a job as Markdown is its state with its age, a table of what failed and why, and the link", () => {
	expect(
		jobMarkdown(news()),
	).toBe(`**patchapply · openssl**: 2 failed · 48 succeeded of 50 hosts (env=prod)

ended, started 2027-01-15 07:53:48 Z, took 6 m 12 s; as of 2027-01-15 08:01:00 Z

| Host | State | Reason | Code |
| --- | --- | --- | --- |
| db-07 | failed | could not resolve mirror | NETWORK\\_ERROR |
| db-09 | lost | the agent no longer knows it |  |

<https://console/#/jobs/j-1>
`);
});

test("nothing failed: no table; quiet hosts are told; many are counted", () => {
	const calm = jobMarkdown(news({ bad: [], stuck: 2 }));
	expect(calm).not.toContain("| Host");
	expect(calm).toContain("2 running without progress for long");
	const many = jobMarkdown(
		news({
			bad: Array.from({ length: NAMED_HOSTS + 12 }, (_, n) =>
				runRow(`h-${n}`, "j-1", { state: "failed" }),
			),
		}),
	);
	expect(many).toContain("… and 12 more");
	expect(many.match(/^\| h-/gm)).toHaveLength(NAMED_HOSTS);
});

test("a fleet's text makes no markup, mentions nobody, links nowhere and stays in its cell", () => {
	expect(escaped("a|b\n<!channel> @here [x](http://evil) `c` ~~d~~")).toBe(
		"a\\|b \\<\\!channel\\> @\u200ahere \\[x\\]\\(http:/\u200a/evil\\) \\`c\\` \\~\\~d\\~\\~",
	);
	fc.assert(
		fc.property(fc.string(), fc.string(), (name, error) => {
			const text = jobMarkdown(
				news({
					bad: [runRow(name, "j-1", { state: "failed", error })],
				}),
			);
			const row = text.split("\n")[6] ?? "";
			expect(row.replace(/\\./g, " ").match(/\|/g)).toHaveLength(5);
			expect(row.replace(/\\./g, " ")).not.toMatch(/[<>[\]`]|:\/\/|@\w/);
		}),
	);
});

test("a reason that is very long is cut", () => {
	const text = jobMarkdown(
		news({
			bad: [runRow("a", "j-1", { state: "failed", error: "x".repeat(4_000) })],
		}),
	);
	expect(text).toContain("x…");
	expect(text.length).toBeLessThan(900);
});
