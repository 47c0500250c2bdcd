// Hostile input for everything that reads what agents send: mutations of well-formed messages, arbitrary JSON, and texts
// that are huge, deep or no Unicode. Nothing is thrown, what is kept is bounded, and no shared prototype changes.
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { AGENT_TARGETS } from "../../testkit/fuzz/agentTargets.ts";
import {
	feedCase,
	feedMonsters,
	feedText,
	figureLines,
	noFigures,
} from "../../testkit/fuzz/campaign.ts";
import { KEYS, TEXTS } from "../../testkit/fuzz/hostile.ts";
import { decodeJobPage } from "./decode.ts";
import { LIMITS } from "./wire.ts";

/** 104,000 in all; `npm run fuzz` runs for as long as it is asked to. */
const CASES = 13_000;
const SEED = 20_261_121;
/** Fields that some decoder looks at, so that arbitrary objects are more than noise. */
const FIELDS = [
	...["event", "type", "event_type", "job_id", "agent_job_id", "status"],
	...["progress", "message", "error", "timestamp", "seq", "epoch", "nonce"],
	...["success", "data", "jobs", "events", "next", "oldest", "logs"],
	...["packages", "extensions", "version", "code", ...KEYS],
];

const figures = noFigures();
afterAll(() => console.info(figureLines(figures).join("\n")));

const text = fc.oneof(
	fc.string({ unit: "binary", maxLength: 60 }),
	fc.constantFrom(...TEXTS),
	fc.constantFrom("job_status", "connected", "running", "a"),
);
const json = fc
	.letrec((tie) => ({
		value: fc.oneof(
			{ depthSize: "small", withCrossShrink: true },
			fc.oneof(
				text,
				fc.double(),
				fc.integer(),
				fc.boolean(),
				fc.constant(null),
			),
			fc.array(tie("value"), { maxLength: 6 }),
			fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), text), tie("value"), {
				maxKeys: 8,
			}),
		),
	}))
	.value.map((value) => JSON.stringify(value));

describe.each(AGENT_TARGETS)("$name", (target) => {
	test(`${CASES} mutated inputs yield a value or a named fault, bounded`, async () => {
		for (let index = 0; index < CASES; index++)
			await feedCase(target, SEED, index, figures);
		expect(figures.outcomes.get(target.name)?.size).toBeGreaterThan(1);
	});

	test("arbitrary JSON and arbitrary text yield a value or a named fault, bounded", async () => {
		await fc.assert(
			fc.asyncProperty(fc.oneof(json, text), fc.nat(), (input, seed) =>
				feedText(target, input, seed, figures),
			),
			{ numRuns: 1_000 },
		);
	});

	test("huge, deep and repeated input ends, and little of it is kept", () =>
		feedMonsters(target, figures));
});

test("of a list of 200,000 rows no more than the limit is kept", () => {
	const rows = '{"job_id":"a","status":"running"},'.repeat(200_000);
	const page = decodeJobPage({
		status: 200,
		contentType: "application/json",
		retryAfterMs: null,
		body: Buffer.from(`[${rows}0]`),
	});
	if (page.kind !== "ok") throw new Error(page.kind);
	expect(page.value.rows).toBe(200_001);
	expect(page.value.jobs).toHaveLength(LIMITS.rows);
});
