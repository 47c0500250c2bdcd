// Asks one agent over HTTPS and hands what it said to the job book: the relist (on connect, while live, and as the poll
// when there is no socket), details of single runs, health, clock skew. It obeys the agent's budget and Retry-After. It
// knows nothing of sockets' states: the fleet tells it when the link is live.
import type { Clock } from "../../../shared/clock.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { AgentJobId, Health, Source } from "../../../shared/model.ts";
import type { RestResult } from "../agentApi/decode.ts";
import {
	agentTime,
	decodeHealth,
	decodeJobDetail,
	decodeJobPage,
	decodeSystem,
} from "../agentApi/decode.ts";
import type { AgentHealth, JobDetail } from "../agentApi/message.ts";
import { faultOf } from "../agentApi/refusal.ts";
import type { HttpAnswer, RestTransport } from "../agentApi/rest.ts";
import { RequestFailed } from "../agentApi/rest.ts";
import type { KeptHost } from "../history/kept.ts";
import type { JobBook } from "../jobs/book.ts";
import type { Failure } from "../transport/transport.ts";
import type { AgentFacts } from "./agentFacts.ts";
import { factsOf, NOTHING_KNOWN } from "./agentFacts.ts";
import { openBudget } from "./budget.ts";
import type { Hints } from "./hints.ts";
import { openHints } from "./hints.ts";
import { openLanes } from "./lanes.ts";
import type { HostEntry } from "./target.ts";
import { until } from "./until.ts";

/** Runs asked for in one relist; newest first, so what is missing is old. */
export const LIST_LIMIT = 200;
export const LIST_BYTES = 8 * 1024 * 1024;
/** A detail may carry 10 MB of logs; the decoder keeps the tail. */
const DETAIL_BYTES = 16 * 1024 * 1024;
const SMALL_BYTES = 256 * 1024;
/** Agents answer while their package manager blocks the worker; the manager itself allows 30 s. */
const ANSWER_MS = 30_000;
/** Health is read again at the first relist after this age. */
const HEALTH_EVERY_MS = 60_000;
/** System information blocks the agent's worker for seconds, so it is read rarely. */
const SYSTEM_EVERY_MS = 30 * 60_000;
/** Details of one list that are read before it counts as read. */
const DETAILS_INLINE = 5;
/** Above this many hints at once one list is cheaper than the details. */
const DETAILS_AT_ONCE = 3;
/** A blocked worker may answer with an uptime it read this much earlier; a reboot takes longer than that. */
const UPTIME_TOLERANCE_S = 30;

export interface ReaderPorts {
	readonly clock: Clock;
	readonly book: JobBook;
	readonly openRest: () => RestTransport;
	/** What a history knows of the host; absent or null: nothing. */
	readonly kept?: KeptHost | null;
	/** How long an idle request connection is kept. */
	keepMs(): number;
	readonly classify: (failure: Failure) => Fault;
	/** Facts changed; read them from `facts`. */
	onFacts(): void;
	/** An answer arrived: the host lives. */
	onHeard(): void;
	onVersionChanged(before: string, now: string): void;
	/** A list came, and is not in the book yet. */
	onListed(jobs: readonly AgentJobId[]): void;
	/** The book took in what was read: the host's open runs may be others now. */
	onRead(): void;
	/** A row or answer that could not be read was left out. */
	onDecodeFault(why: Fault): void;
}

export interface Reader {
	readonly facts: AgentFacts;
	/** Reads the list, health when it is old, and the details that the list calls for. */
	relist(source: Source, signal: AbortSignal): Promise<Result<void>>;
	/** Reads health alone, for its extensions; a failure changes nothing. */
	learn(signal: AbortSignal): Promise<void>;
	/** Something happened to this run: fetch what push did not carry, debounced. */
	hint(run: AgentJobId): void;
	/** One run in full, for a person who looks at it. */
	output(run: AgentJobId): Promise<Result<JobDetail>>;
	/** One GET within the agent's budget; for the event log. */
	get(path: string, options: GetOptions): Promise<Result<HttpAnswer>>;
	/** Marks the host unreachable, or back to what its health says. */
	setUnreachable(unreachable: boolean): void;
	/** Health and list will be read afresh at the next relist. */
	forget(): void;
	/** The next request goes by a new connection; those in flight fail. */
	renew(): void;
	close(): void;
}

export interface GetOptions {
	readonly maxBytes: number;
	readonly signal: AbortSignal;
	readonly timeoutMs?: number;
	/** A long-poll holds its connection for a minute, so it has one of its own. Both lanes share the budget. */
	readonly lane?: "long";
}

export function openReader(entry: HostEntry, ports: ReaderPorts): Reader {
	const { clock, book } = ports;
	const budget = openBudget();
	const closing = new AbortController();
	const later = new Set<AgentJobId>();
	const lanes = openLanes(clock, ports.openRest, ports.keepMs);
	let facts = factsOf(ports.kept ?? null);
	let reported: Health =
		facts.health.kind === "unreachable" ? NOTHING_KNOWN.health : facts.health;
	let healthReadMs = Number.NEGATIVE_INFINITY;
	let systemReadMs = Number.NEGATIVE_INFINITY;
	// A host that was up for less when asked than when it was last heard has rebooted, however long ago that was.
	let uptimeReadMs = clock.monotonicMs();

	const setFacts = (change: Partial<AgentFacts>): void => {
		facts = { ...facts, ...change };
		ports.onFacts();
	};

	/** Waits until one more request may go; the fault when it may not. */
	const turn = async (
		patienceMs: number,
		signal: AbortSignal,
	): Promise<Fault | null> => {
		for (;;) {
			const waitMs = budget.heldForMs(clock.monotonicMs());
			// The agent asked for a longer wait than anybody who asks us would have patience for.
			if (waitMs > patienceMs)
				return fault("http.429", { retryAfterMs: Math.ceil(waitMs) });
			const { holds } = budget;
			await until(clock, budget.reserve(clock.monotonicMs()), signal);
			if (signal.aborted) return fault("pipe.closed");
			// Asked to wait while this one stood in line: it goes to the end of the line, behind the wait.
			if (holds === budget.holds) return null;
		}
	};

	const get = async (
		path: string,
		{ maxBytes, signal, timeoutMs = ANSWER_MS, lane }: GetOptions,
	): Promise<Result<HttpAnswer>> => {
		const both = AbortSignal.any([signal, closing.signal]);
		const refused = await turn(timeoutMs, both);
		if (refused !== null) return failed(refused);
		const askedMs = clock.monotonicMs();
		const rest = lanes.take(lane ?? "short");
		try {
			const answer = await rest.get(path, {
				timeoutMs,
				maxBytes,
				signal: both,
			});
			ports.onHeard();
			noteSkew(answer, askedMs);
			if (answer.retryAfterMs !== null)
				budget.hold(clock.monotonicMs(), answer.retryAfterMs);
			return ok(answer);
		} catch (error) {
			if (error instanceof RequestFailed)
				return failed(ports.classify(error.failure));
			if (both.aborted) return failed(fault("pipe.closed"));
			const name = error instanceof Error ? error.message : "thrown";
			return failed(fault("internal.bug", { evidence: { causes: [name] } }));
		} finally {
			lanes.giveBack();
		}
	};

	const ask = async <T>(
		path: string,
		decode: (answer: HttpAnswer) => RestResult<T>,
		options: GetOptions,
	): Promise<RestResult<T>> => {
		const answer = await get(path, options);
		return answer.ok
			? decode(answer.value)
			: { kind: "fault", fault: answer.fault };
	};

	function noteSkew(answer: HttpAnswer, askedMs: number): void {
		const theirs = agentTime(answer);
		if (theirs === null) return;
		// The way is measured in monotonic time: our wall clock may have been put right while the answer was on it.
		const ours = clock.wallMs() - (clock.monotonicMs() - askedMs) / 2;
		const skewMs = Math.round(theirs - ours);
		if (facts.skewMs === null || Math.abs(facts.skewMs - skewMs) > 500)
			setFacts({ skewMs });
	}

	function noteHealth(health: AgentHealth): void {
		const now = clock.monotonicMs();
		healthReadMs = now;
		const { uptimeSeconds, version } = health;
		if (uptimeSeconds !== null) {
			const expected =
				facts.uptimeSeconds === null
					? null
					: facts.uptimeSeconds + (now - uptimeReadMs) / 1_000;
			uptimeReadMs = now;
			if (expected !== null && uptimeSeconds < expected - UPTIME_TOLERANCE_S)
				book.hostRebooted(entry.id, clock.wallMs());
		}
		const before = facts.version;
		reported = health.degraded
			? {
					kind: "degraded",
					sinceAt:
						reported.kind === "degraded" ? reported.sinceAt : clock.wallMs(),
					reasons: [...health.reasons],
				}
			: {
					kind: "healthy",
					sinceAt:
						reported.kind === "healthy" ? reported.sinceAt : clock.wallMs(),
				};
		setFacts({
			health: reported,
			version: version ?? facts.version,
			extensions: health.extensions,
			uptimeSeconds: uptimeSeconds ?? facts.uptimeSeconds,
		});
		if (before !== null && version !== null && version !== before)
			ports.onVersionChanged(before, version);
	}

	const readHealth = async (signal: AbortSignal): Promise<Fault | null> => {
		const health = await ask("/health", decodeHealth, {
			maxBytes: SMALL_BYTES,
			signal,
		});
		if (health.kind === "ok") noteHealth(health.value);
		return health.kind === "ok" ? null : faultOf(health);
	};

	const readSystem = async (signal: AbortSignal): Promise<void> => {
		systemReadMs = clock.monotonicMs();
		const system = await ask("/system/info", decodeSystem, {
			maxBytes: SMALL_BYTES,
			signal,
		});
		if (system.kind === "ok")
			setFacts({
				os: system.value.os,
				pendingReboot: system.value.pendingReboot,
			});
	};

	const readDetail = async (
		run: AgentJobId,
		source: Source,
		signal: AbortSignal,
	): Promise<RestResult<JobDetail>> => {
		const detail = await ask(
			`/jobs/${encodeURIComponent(run)}`,
			decodeJobDetail,
			{ maxBytes: DETAIL_BYTES, signal },
		);
		const receivedAt = clock.wallMs();
		if (detail.kind === "ok")
			book.applyDetail(entry.id, detail.value, {
				source,
				receivedAt,
				skewMs: facts.skewMs,
			});
		else if (detail.kind === "apiError" && detail.status === 404)
			book.applyNotFound(entry.id, run, receivedAt);
		ports.onRead();
		return detail;
	};

	const readList = async (
		source: Source,
		signal: AbortSignal,
	): Promise<Result<void>> => {
		const page = await ask(`/jobs?limit=${LIST_LIMIT}`, decodeJobPage, {
			maxBytes: LIST_BYTES,
			signal,
		});
		if (page.kind !== "ok") return failed(faultOf(page));
		if (page.value.broken > 0)
			ports.onDecodeFault(
				fault("ws.bad-frame", {
					sentence: `${page.value.broken} of ${page.value.rows} listed jobs cannot be read`,
				}),
			);
		ports.onListed(page.value.jobs.map((job) => job.agentJobId));
		const { detail } = book.applyPage(entry.id, page.value, {
			source,
			receivedAt: clock.wallMs(),
			skewMs: facts.skewMs,
			complete: page.value.rows < LIST_LIMIT,
		});
		ports.onRead();
		// The first few belong to this reading; a long list must not hold up the poll it is part of.
		for (const run of detail.slice(0, DETAILS_INLINE)) {
			if (signal.aborted) break;
			await readDetail(run, source, signal);
		}
		readLater(detail.slice(DETAILS_INLINE));
		return ok(undefined);
	};

	/** Details one by one, as the budget allows. What cannot be had now, the next list asks for again. */
	function readLater(runs: readonly AgentJobId[]): void {
		const isIdle = later.size === 0;
		for (const run of runs) later.add(run);
		if (isIdle && later.size > 0) void drainLater();
	}
	async function drainLater(): Promise<void> {
		for (const run of later) {
			const detail = await readDetail(run, "reconcile", closing.signal);
			later.delete(run);
			if (detail.kind === "fault") later.clear();
		}
	}

	const relist = async (
		source: Source,
		signal: AbortSignal,
	): Promise<Result<void>> => {
		if (clock.monotonicMs() - healthReadMs >= HEALTH_EVERY_MS) {
			const why = await readHealth(signal);
			if (why !== null) {
				// Whoever gave the question up learned nothing about the agent.
				if (!signal.aborted) setFacts({ fault: why });
				return failed(why);
			}
		}
		const listed = await readList(source, signal);
		const why = listed.ok ? null : listed.fault;
		if (why !== null && signal.aborted) return listed;
		if (facts.fault?.code !== why?.code) setFacts({ fault: why });
		if (listed.ok && clock.monotonicMs() - systemReadMs >= SYSTEM_EVERY_MS)
			void readSystem(closing.signal);
		return listed;
	};

	/** Made with the first hint: many hosts never have one. */
	let hints: Hints<AgentJobId> | null = null;
	const hint = (run: AgentJobId): void => {
		if (closing.signal.aborted) return;
		hints ??= openHints<AgentJobId>(clock, followHints);
		hints.add(run);
	};
	const followHints = async (ids: ReadonlySet<AgentJobId>): Promise<void> => {
		if (ids.size > DETAILS_AT_ONCE) await readList("reconcile", closing.signal);
		else
			for (const run of ids) await readDetail(run, "reconcile", closing.signal);
	};

	return {
		get facts() {
			return facts;
		},
		relist,
		get,
		hint,
		async learn(signal) {
			await readHealth(signal);
		},
		async output(run) {
			const detail = await readDetail(run, "reconcile", closing.signal);
			return detail.kind === "ok" ? ok(detail.value) : failed(faultOf(detail));
		},
		setUnreachable(unreachable) {
			if (unreachable === (facts.health.kind === "unreachable")) return;
			setFacts({
				health: unreachable
					? { kind: "unreachable", sinceAt: clock.wallMs() }
					: reported,
			});
		},
		forget() {
			healthReadMs = Number.NEGATIVE_INFINITY;
			// What failed over the old connection says nothing about the next one.
			if (facts.fault !== null) setFacts({ fault: null });
		},
		renew: lanes.renew,
		close() {
			closing.abort();
			hints?.close();
			lanes.close();
		},
	};
}
