// The layer rest of one host: reads its health and one job over HTTPS, on a connection of its own, and says what a person
// would be told of them. Health is read once, whoever asks first: the greeting needs its extensions.
import type { Clock } from "../../../shared/clock.ts";
import type { DiagnosisEvidence } from "../../../shared/diagnosis.ts";
import type { Fault } from "../../../shared/fault.ts";
import type { RestResult } from "../agentApi/decode.ts";
import { agentTime, decodeHealth, decodeJobPage } from "../agentApi/decode.ts";
import type { AgentHealth } from "../agentApi/message.ts";
import { faultOf } from "../agentApi/refusal.ts";
import type { HttpAnswer, RestTransport } from "../agentApi/rest.ts";
import { RequestFailed } from "../agentApi/rest.ts";
import type { Failure } from "../transport/transport.ts";
import type { Chart } from "./chart.ts";

/** What a look at the REST side needs. */
export interface RestPorts {
	readonly clock: Clock;
	readonly rest: RestTransport;
	readonly requestMs: number;
	readonly classify: (failure: Failure) => Fault;
}

/** One answer and how long it took. */
interface Read<T> {
	readonly result: RestResult<T>;
	readonly ms: number;
	/** Agent's clock minus ours; null: not told. */
	readonly skewMs: number | null;
}

/** The REST side of one host. */
export interface RestSide {
	/** Reads health, once; resolves in any case. */
	learn(): Promise<void>;
	/** Null: not known. */
	extensions(): readonly string[] | null;
	/** Tells the step. `socketWorks`: whether a live stream is there too. */
	tell(chart: Chart, socketWorks: boolean): Promise<void>;
}

const MOST_BYTES = 1024 * 1024;
/** As in the window: a clock this far off deserves a look (03-BEHAVIOUR section 3). */
const SKEW_SHOWN_MS = 2_000;
const SKEW_WARNED_MS = 30_000;

/** Nothing is asked before `learn` or `tell`. A signal that aborts ends what is on its way. */
export function openRestSide(ports: RestPorts, signal: AbortSignal): RestSide {
	let health: Promise<Read<AgentHealth>> | null = null;
	let offered: readonly string[] | null = null;
	const readHealth = (): Promise<Read<AgentHealth>> => {
		health ??= ask("/health", decodeHealth, ports, signal).then((read) => {
			if (read.result.kind === "ok") offered = read.result.value.extensions;
			return read;
		});
		return health;
	};
	return {
		async learn() {
			await readHealth();
		},
		extensions: () => offered,
		async tell(chart, socketWorks) {
			const told = await readHealth();
			if (signal.aborted) return;
			if (told.result.kind !== "ok")
				return chart.fails("rest", faultOf(told.result), told.ms, {
					request: "GET /health",
				});
			const jobs = await ask("/jobs?limit=1", decodeJobPage, ports, signal);
			if (signal.aborted) return;
			const ms = told.ms + jobs.ms;
			if (jobs.result.kind !== "ok")
				return chart.fails("rest", faultOf(jobs.result), ms, {
					...healthEvidence(told.result.value, told),
					request: "GET /jobs",
				});
			chart.works("rest", {
				ms,
				sentence: sentenceOf(told.result.value, socketWorks),
				evidence: {
					...healthEvidence(told.result.value, told),
					jobs_ms: tenths(jobs.ms),
				},
				warnings: warningsOf(told.result.value, told.skewMs),
			});
		},
	};
}

async function ask<T>(
	path: string,
	decode: (answer: HttpAnswer) => RestResult<T>,
	{ clock, rest, requestMs, classify }: RestPorts,
	signal: AbortSignal,
): Promise<Read<T>> {
	const sinceMs = clock.monotonicMs();
	const askedAt = clock.wallMs();
	try {
		const answer = await rest.get(path, {
			timeoutMs: requestMs,
			maxBytes: MOST_BYTES,
			signal,
		});
		const theirs = agentTime(answer);
		return {
			result: decode(answer),
			ms: clock.monotonicMs() - sinceMs,
			skewMs:
				theirs === null
					? null
					: Math.round(theirs - (askedAt + clock.wallMs()) / 2),
		};
	} catch (error) {
		if (!(error instanceof RequestFailed)) throw error;
		return {
			result: { kind: "fault", fault: classify(error.failure) },
			ms: clock.monotonicMs() - sinceMs,
			skewMs: null,
		};
	}
}

function sentenceOf(
	{ degraded, version }: AgentHealth,
	socketWorks: boolean,
): string {
	const state = degraded ? "it answers" : "healthy";
	const agent = version === null ? "" : `, agent ${version}`;
	return socketWorks
		? `${state}${agent}; its jobs can be read`
		: `${state}${agent}; its jobs can be polled, without a live stream`;
}

function warningsOf(health: AgentHealth, skewMs: number | null): string[] {
	const warnings: string[] = [];
	if (health.degraded)
		warnings.push(
			["the host is degraded", ...health.reasons.slice(0, 5)].join(": "),
		);
	if (skewMs !== null && Math.abs(skewMs) >= SKEW_WARNED_MS)
		warnings.push(`its clock is ${skewText(skewMs)}`);
	return warnings;
}

const skewText = (skewMs: number): string =>
	`${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? "ahead of" : "behind"} this computer’s`;

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

function healthEvidence(
	{ degraded, reasons, version, extensions }: AgentHealth,
	{ ms, skewMs }: Read<AgentHealth>,
): DiagnosisEvidence {
	return {
		health: degraded ? "degraded" : "healthy",
		...(reasons.length === 0 ? {} : { reasons: [...reasons] }),
		...(version === null ? {} : { agent_version: version }),
		...(extensions.length === 0 ? {} : { extensions: [...extensions] }),
		...(skewMs === null
			? {}
			: {
					clock:
						Math.abs(skewMs) < SKEW_SHOWN_MS
							? "agrees within 2 s"
							: skewText(skewMs),
					skew_ms: skewMs,
				}),
		health_ms: tenths(ms),
	};
}
