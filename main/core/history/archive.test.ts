import { afterEach, expect, test } from "vitest";
import { jobId } from "../../../shared/model.ts";
import {
	BEGAN,
	keptHost,
	keptJob,
	keptRun,
	rowsOf,
} from "../../testkit/historyRows.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { historyHandlers } from "./historyCommands.ts";
import type { HistoryPort } from "./kept.ts";
import { RETENTION } from "./kept.ts";
import { openHistory } from "./openHistory.ts";

const opened: HistoryPort[] = [];
afterEach(() => {
	for (const history of opened.splice(0)) history.close();
});

function stage() {
	const history = openHistory(":memory:", () => {});
	opened.push(history);
	const clock = openVirtualClock({ wallMs: BEGAN });
	const ask = historyHandlers(history, clock);
	const found = async (words: string, before: number | null = null) => {
		const answer = await ask["history.search"]({ words, before });
		if (!answer.ok) throw new Error(answer.fault.sentence);
		return answer.value;
	};
	return { history, clock, ask, found };
}
/** Until all words are in the index. */
function index(history: HistoryPort): void {
	while (history.prune(BEGAN, RETENTION));
}
const story = (history: HistoryPort): unknown =>
	history.write(
		rowsOf({
			jobs: [keptJob("j-1"), keptJob("j-2", { label: "install · jq" })],
			runs: [
				keptRun("j-1", "db-07", "failed", {
					error: "E: could not resolve mirror_x.fleet.test",
					errorCode: "NETWORK_ERROR",
				}),
				keptRun("j-1", "web-01", "running", { message: "Fetching openssl" }),
				keptRun("j-2", "web-01", "succeeded", { changedAt: BEGAN + 9 }),
			],
			hosts: [keptHost("db-07")],
		}),
	);

test.each([
	["before the words are in the index", false],
	["from the index", true],
])(
	"finds errors, codes, hosts, jobs and messages %s",
	async (_when, indexed) => {
		const { history, found } = stage();
		story(history);
		if (indexed) index(history);
		const hosts = async (words: string) =>
			(await found(words)).found.map(
				({ hostId, jobId }) => `${hostId} ${jobId}`,
			);
		expect(await hosts("resolve mirr")).toEqual(["db-07 j-1"]);
		expect(await hosts("network_error")).toEqual(["db-07 j-1"]);
		expect(await hosts("db-07")).toEqual(["db-07 j-1"]);
		expect(await hosts("jq")).toEqual(["web-01 j-2"]);
		expect(await hosts("fetching")).toEqual(["web-01 j-1"]);
		expect(await hosts("fetching mirror")).toEqual([]);
		expect(await hosts("  ")).toEqual([]);
	},
);

test("what a person types is never syntax", async () => {
	const { history, found } = stage();
	story(history);
	index(history);
	for (const words of [
		'"',
		'" OR 1',
		"error:*",
		"NEAR(a b)",
		"-x",
		"%",
		"_",
		"\\",
		"a AND",
	])
		expect((await found(words)).found).toBeInstanceOf(Array);
	expect((await found("%")).found).toEqual([]);
	expect((await found("mirror_x")).found).toHaveLength(1);
});

test("findings come in pages, the newest first, each once", async () => {
	const { history, found } = stage();
	const runs = Array.from({ length: 120 }, (_, at) =>
		keptRun("j-1", `web-${at}`, "succeeded"),
	);
	history.write(rowsOf({ jobs: [keptJob("j-1")], runs }));
	history.prune(BEGAN, RETENTION);
	const hosts: string[] = [];
	let next: number | null = null;
	do {
		const page = await found("openssl", next);
		hosts.push(...page.found.map(({ hostId }) => hostId));
		next = page.next;
	} while (next !== null);
	expect(hosts).toEqual(runs.map(({ run }) => run.hostId).reverse());
});

test("older jobs come in pages with counts, and one job with all its runs", async () => {
	const { history, ask } = stage();
	for (let at = 0; at < 5; at++)
		history.write(
			rowsOf({
				jobs: [keptJob(`j-${at}`)],
				runs: [
					keptRun(`j-${at}`, "web-01", "failed", { changedAt: BEGAN + at }),
					keptRun(`j-${at}`, "web-02", "running", { changedAt: BEGAN }),
				],
			}),
		);
	const first = await ask["history.jobs"]({ before: null, limit: 3 });
	if (!first.ok) throw new Error(first.fault.sentence);
	const rest = await ask["history.jobs"]({
		before: first.value.next,
		limit: 3,
	});
	if (!rest.ok) throw new Error(rest.fault.sentence);
	expect(rest.value.next).toBeNull();
	const jobs = [...first.value.jobs, ...rest.value.jobs];
	expect(jobs.map(({ id }) => id)).toEqual(
		[4, 3, 2, 1, 0].map((at) => `j-${at}`),
	);
	expect(jobs[0]).toMatchObject({
		status: "running",
		counts: { host: 2, failed: 1, running: 1, succeeded: 0 },
		endedAt: null,
		startedAt: BEGAN,
	});
	expect(
		await ask["history.job"]({ id: jobId("j-3"), after: 0 }),
	).toMatchObject({
		value: {
			job: { id: "j-3" },
			runs: [{ hostId: "web-01" }, { hostId: "web-02" }],
			next: null,
		},
	});
	expect(
		await ask["history.job"]({ id: jobId("j-9"), after: 0 }),
	).toMatchObject({
		value: { job: null, runs: [] },
	});
});

test("a large job comes in pages that fit an answer", async () => {
	const { history, ask } = stage();
	history.write(
		rowsOf({
			jobs: [keptJob("j-1")],
			runs: Array.from({ length: 700 }, (_, at) =>
				keptRun("j-1", `web-${at}`, "failed", { error: "x".repeat(3_000) }),
			),
		}),
	);
	const hosts = new Set<string>();
	let after: number | null = 0;
	while (after !== null) {
		const page = await ask["history.job"]({ id: jobId("j-1"), after });
		if (!page.ok) throw new Error(page.fault.sentence);
		expect(JSON.stringify(page.value).length).toBeLessThan(500_000);
		for (const { hostId } of page.value.runs) hosts.add(hostId);
		after = page.value.next;
	}
	expect(hosts.size).toBe(700);
});

test("all is forgotten after a person confirmed it, once and within a minute, and what comes later is kept", async () => {
	const { history, clock, ask, found } = stage();
	story(history);
	index(history);
	const offer = async (): Promise<string> => {
		const answer = await ask["history.offerForget"]({});
		return answer.ok ? answer.value.nonce : "";
	};
	const late = await offer();
	clock.advance(60_001);
	expect(await ask["history.forget"]({ nonce: late })).toMatchObject({
		fault: { code: "input.invalid" },
	});
	expect((await found("db-07")).found).toHaveLength(1);
	const nonce = await offer();
	expect(await ask["history.forget"]({ nonce })).toEqual({
		ok: true,
		value: {},
	});
	expect(await ask["history.forget"]({ nonce })).toMatchObject({ ok: false });
	expect((await found("db-07")).found).toEqual([]);
	expect(history.load(0, 100)).toEqual({ jobs: [], hosts: [] });
	story(history);
	index(history);
	expect((await found("db-07")).found).toHaveLength(1);
});

test("history.refused: where nothing is kept, that is said and no empty answer given", async () => {
	const ask = historyHandlers(undefined, openVirtualClock());
	expect(
		await ask["history.search"]({ words: "x", before: null }),
	).toMatchObject({ ok: false, fault: { code: "history.refused" } });
});
