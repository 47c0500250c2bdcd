// Everything that reads what an agent sends: frames, the bodies of its REST answers, and the few words of HTTP and of
// WebSocket closes that steer a link.
import {
	agentTime,
	decodeEventPage,
	decodeFrame,
	decodeHealth,
	decodeJobDetail,
	decodeJobPage,
	decodeSystem,
	type RestResult,
} from "../../core/agentApi/decode.ts";
import { isObject, parseJson } from "../../core/agentApi/json.ts";
import { readRunEvent } from "../../core/agentApi/reading.ts";
import { faultOf } from "../../core/agentApi/refusal.ts";
import type { HttpAnswer } from "../../core/agentApi/rest.ts";
import { LIMITS, runEventSchema } from "../../core/agentApi/wire.ts";
import { classify } from "../../core/link/classify.ts";
import { failureIn } from "../../core/transport/failure.ts";
import { retryAfterMs } from "../../core/transport/httpFacts.ts";
import type { Chance } from "./chance.ts";
import {
	CLOSE_REASONS,
	EVENT_PAGES,
	FRAMES,
	HEALTHS,
	JOB_DETAILS,
	JOB_LISTS,
	RETRY_AFTERS,
	SYSTEMS,
} from "./corpus.ts";
import { TEXTS } from "./hostile.ts";
import { bytesOf } from "./mutate.ts";
import type { Fed, FuzzTarget } from "./target.ts";
import { fedResult } from "./target.ts";

/** A message, an error, and the small fields of one event. */
const EVENT_CHARS = LIMITS.messageChars + LIMITS.errorChars + 2_000;
const PACKAGES_CHARS = LIMITS.packages * LIMITS.packageChars;
const DAY_MS = 86_400_000;

/** The hand-written reader and the schema must agree on broken events too. */
function checkReaders(text: string): void {
	const value = parseJson(text);
	if (!isObject(value)) return;
	const byHand = readRunEvent(value);
	const bySchema = runEventSchema.safeParse(value);
	const shaped = bySchema.success ? bySchema.data : null;
	if (JSON.stringify(byHand) !== JSON.stringify(shaped))
		throw new Error(
			`the reader and the schema disagree: ${JSON.stringify(byHand)?.slice(0, 300)} and ${JSON.stringify(shaped)?.slice(0, 300)}`,
		);
}

const frames: FuzzTarget = {
	name: "frames",
	seeds: FRAMES,
	field: "message",
	list: "jobs",
	mostChars: EVENT_CHARS,
	feed(text, chance) {
		if (chance.happens(0.1)) checkReaders(text);
		return fedResult(decodeFrame(text));
	},
};

const STATUSES = [
	200, 200, 200, 200, 204, 201, 301, 400, 401, 404, 429, 500, 503, 0,
];
const CONTENT_TYPES: readonly (string | null)[] = [
	"application/json",
	"application/json; charset=utf-8",
	"application/problem+json",
	null,
	"text/html",
	"x".repeat(16_000),
	...TEXTS,
];

/** An answer with this body; now and then with another status or content type than agents give. */
function answerWith(text: string, chance: Chance): HttpAnswer {
	const isPlain = chance.happens(0.7);
	return {
		status: isPlain ? 200 : chance.pick(STATUSES),
		contentType: isPlain ? "application/json" : chance.pick(CONTENT_TYPES),
		retryAfterMs: isPlain ? null : chance.pick([null, 0, 1_000, DAY_MS]),
		body: bytesOf(text, chance),
	};
}

/** A REST decoder as a target. `rows`: of a list in its value, of which at most LIMITS.rows are kept. */
const rest = <T>(
	name: string,
	seeds: readonly string[],
	mostChars: number,
	decode: (answer: HttpAnswer) => RestResult<T>,
	field: string,
	list = "jobs",
	rows: (value: T) => number = () => 0,
): FuzzTarget => ({
	name,
	seeds,
	field,
	list,
	mostChars,
	feed(text, chance): Fed {
		const answer = answerWith(text, chance);
		const at = agentTime(answer);
		const result = decode(answer);
		if (result.kind !== "ok") {
			const { code } = faultOf(result);
			return {
				outcome: result.kind === "fault" ? code : `apiError as ${code}`,
				kept: { at, result, fault: faultOf(result) },
			};
		}
		if (rows(result.value) > LIMITS.rows)
			throw new Error(`${rows(result.value)} rows were kept`);
		return { outcome: "value", kept: { at, value: result.value } };
	},
});

const ANY = Number.POSITIVE_INFINITY;

const retryAfter: FuzzTarget = {
	name: "Retry-After",
	seeds: RETRY_AFTERS,
	field: "x",
	list: "x",
	mostChars: 0,
	feed(text, chance) {
		const header = chance.happens(0.1) ? [text, "5"] : text;
		const ms = retryAfterMs(header, 1_800_000_000_000);
		if (ms !== null && !(ms >= 0 && ms <= DAY_MS))
			throw new Error(`a wait of ${ms} ms`);
		return { outcome: ms === null ? "refused" : "value", kept: ms };
	},
};

/** A sentence of a link as it crosses to the window (shared/model.ts). */
const SENTENCE_CHARS = 1_000;

const closes: FuzzTarget = {
	name: "close reasons",
	seeds: CLOSE_REASONS,
	field: "x",
	list: "x",
	mostChars: 4_000,
	feed(text, chance) {
		// No more than 123 bytes fit into a close frame (RFC 6455 section 5.5).
		const reason = Buffer.from(text, "utf8").subarray(0, 123).toString("utf8");
		const code = chance.pick([
			1000,
			1001,
			1005,
			1006,
			1008,
			1011,
			1012,
			4000,
			4001,
			chance.below(5_000),
		]);
		const why = classify(failureIn("live", { close: { code, reason } }), {
			wasLive: chance.happens(0.5),
			skewMs: null,
			servername: "web-1",
			freshTlsFailures: 0,
		});
		if (why.sentence.length > SENTENCE_CHARS)
			throw new Error(`a sentence of ${why.sentence.length} characters`);
		return { outcome: why.code, kept: why };
	},
};

/** Decoders of what agents send. */
export const AGENT_TARGETS: readonly FuzzTarget[] = [
	frames,
	rest(
		"job lists",
		JOB_LISTS,
		ANY,
		decodeJobPage,
		"operation",
		"jobs",
		(page) => page.jobs.length,
	),
	rest(
		"job details",
		JOB_DETAILS,
		LIMITS.logChars +
			LIMITS.logLines +
			2 * LIMITS.outputChars +
			PACKAGES_CHARS +
			EVENT_CHARS,
		decodeJobDetail,
		"command_stdout",
		"logs",
	),
	rest("health", HEALTHS, 8_000, decodeHealth, "version", "extensions"),
	rest("system facts", SYSTEMS, 8_000, decodeSystem, "os"),
	rest(
		"event pages",
		EVENT_PAGES,
		ANY,
		decodeEventPage,
		"epoch",
		"events",
		(page) => page?.events.length ?? 0,
	),
	retryAfter,
	closes,
];
