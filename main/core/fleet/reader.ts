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
import type { HttpAnswer } from "../agentApi/rest.ts";
import { RequestFailed } from "../agentApi/rest.ts";
import type { JobBook } from "../jobs/book.ts";
import type { AgentFacts } from "./agentFacts.ts";
import { factsOf, healthAfter, NOTHING_KNOWN } from "./agentFacts.ts";
import { openBudget } from "./budget.ts";
import type { Hints } from "./hints.ts";
import { openHints } from "./hints.ts";
import type { Lanes } from "./lanes.ts";
import { openLanes } from "./lanes.ts";
import type { GetOptions, Reader, ReaderPorts } from "./readerTypes.ts";
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

export const openReader = (entry: HostEntry, ports: ReaderPorts): Reader =>
	new AgentReader(entry, ports);

/** A class, so that 10,000 hosts share its methods: as closures they took a host 4 KB. */
class AgentReader implements Reader {
	facts: AgentFacts;
	readonly #entry: HostEntry;
	readonly #ports: ReaderPorts;
	readonly #clock: Clock;
	readonly #book: JobBook;
	readonly #budget = openBudget();
	readonly #closing = new AbortController();
	readonly #lanes: Lanes;
	/** Details that are read in the background. */
	#later: Set<AgentJobId> | null = null;
	/** Made with the first hint: many hosts never have one. */
	#hints: Hints<AgentJobId> | null = null;
	#reported: Health;
	#healthReadMs = Number.NEGATIVE_INFINITY;
	#systemReadMs = Number.NEGATIVE_INFINITY;
	// A host that was up for less when asked than when it was last heard has rebooted, however long ago that was.
	#uptimeReadMs: number;

	constructor(entry: HostEntry, ports: ReaderPorts) {
		this.#entry = entry;
		this.#ports = ports;
		this.#clock = ports.clock;
		this.#book = ports.book;
		this.#lanes = openLanes(ports);
		this.facts = factsOf(ports.kept ?? null);
		this.#reported =
			this.facts.health.kind === "unreachable"
				? NOTHING_KNOWN.health
				: this.facts.health;
		this.#uptimeReadMs = ports.clock.monotonicMs();
	}

	#setFacts(change: Partial<AgentFacts>): void {
		this.facts = { ...this.facts, ...change };
		this.#ports.onFacts();
	}

	/** Waits until one more request may go; the fault when it may not. */
	async #turn(patienceMs: number, signal: AbortSignal): Promise<Fault | null> {
		const budget = this.#budget;
		for (;;) {
			const waitMs = budget.heldForMs(this.#clock.monotonicMs());
			// The agent asked for a longer wait than anybody who asks us would have patience for.
			if (waitMs > patienceMs)
				return fault("http.429", { retryAfterMs: Math.ceil(waitMs) });
			const { holds } = budget;
			await until(
				this.#clock,
				budget.reserve(this.#clock.monotonicMs()),
				signal,
			);
			if (signal.aborted) return fault("pipe.closed");
			// Asked to wait while this one stood in line: it goes to the end of the line, behind the wait.
			if (holds === budget.holds) return null;
		}
	}

	async get(
		path: string,
		{ maxBytes, signal, timeoutMs = ANSWER_MS, lane }: GetOptions,
	): Promise<Result<HttpAnswer>> {
		const both = AbortSignal.any([signal, this.#closing.signal]);
		const refused = await this.#turn(timeoutMs, both);
		if (refused !== null) return failed(refused);
		const askedMs = this.#clock.monotonicMs();
		const rest = this.#lanes.take(lane ?? "short");
		try {
			const answer = await rest.get(path, {
				timeoutMs,
				maxBytes,
				signal: both,
			});
			this.#ports.onHeard();
			this.#noteSkew(answer, askedMs);
			if (answer.retryAfterMs !== null)
				this.#budget.hold(this.#clock.monotonicMs(), answer.retryAfterMs);
			return ok(answer);
		} catch (error) {
			if (error instanceof RequestFailed)
				return failed(this.#ports.classify(error.failure));
			if (both.aborted) return failed(fault("pipe.closed"));
			const name = error instanceof Error ? error.message : "thrown";
			return failed(fault("internal.bug", { evidence: { causes: [name] } }));
		} finally {
			this.#lanes.giveBack();
		}
	}

	async #ask<T>(
		path: string,
		decode: (answer: HttpAnswer) => RestResult<T>,
		options: GetOptions,
	): Promise<RestResult<T>> {
		const answer = await this.get(path, options);
		return answer.ok
			? decode(answer.value)
			: { kind: "fault", fault: answer.fault };
	}

	#noteSkew(answer: HttpAnswer, askedMs: number): void {
		const theirs = agentTime(answer);
		if (theirs === null) return;
		// The way is measured in monotonic time: our wall clock may have been put right while the answer was on it.
		const ours =
			this.#clock.wallMs() - (this.#clock.monotonicMs() - askedMs) / 2;
		const skewMs = Math.round(theirs - ours);
		if (
			this.facts.skewMs === null ||
			Math.abs(this.facts.skewMs - skewMs) > 500
		)
			this.#setFacts({ skewMs });
	}

	#noteHealth(health: AgentHealth): void {
		const now = this.#clock.monotonicMs();
		this.#healthReadMs = now;
		const { uptimeSeconds, version } = health;
		if (uptimeSeconds !== null) {
			const expected =
				this.facts.uptimeSeconds === null
					? null
					: this.facts.uptimeSeconds + (now - this.#uptimeReadMs) / 1_000;
			this.#uptimeReadMs = now;
			if (expected !== null && uptimeSeconds < expected - UPTIME_TOLERANCE_S)
				this.#book.hostRebooted(this.#entry.id, this.#clock.wallMs());
		}
		const before = this.facts.version;
		this.#reported = healthAfter(this.#reported, health, this.#clock.wallMs());
		this.#setFacts({
			health: this.#reported,
			version: version ?? this.facts.version,
			extensions: health.extensions,
			uptimeSeconds: uptimeSeconds ?? this.facts.uptimeSeconds,
		});
		if (before !== null && version !== null && version !== before)
			this.#ports.onVersionChanged(before, version);
	}

	async #readHealth(signal: AbortSignal): Promise<Fault | null> {
		const health = await this.#ask("/health", decodeHealth, {
			maxBytes: SMALL_BYTES,
			signal,
		});
		if (health.kind === "ok") this.#noteHealth(health.value);
		return health.kind === "ok" ? null : faultOf(health);
	}

	async #readSystem(signal: AbortSignal): Promise<void> {
		this.#systemReadMs = this.#clock.monotonicMs();
		const system = await this.#ask("/system/info", decodeSystem, {
			maxBytes: SMALL_BYTES,
			signal,
		});
		if (system.kind === "ok")
			this.#setFacts({
				os: system.value.os,
				pendingReboot: system.value.pendingReboot,
			});
	}

	async #readDetail(
		run: AgentJobId,
		source: Source,
		signal: AbortSignal,
	): Promise<RestResult<JobDetail>> {
		const detail = await this.#ask(
			`/jobs/${encodeURIComponent(run)}`,
			decodeJobDetail,
			{ maxBytes: DETAIL_BYTES, signal },
		);
		const receivedAt = this.#clock.wallMs();
		if (detail.kind === "ok")
			this.#book.applyDetail(this.#entry.id, detail.value, {
				source,
				receivedAt,
				skewMs: this.facts.skewMs,
			});
		else if (detail.kind === "apiError" && detail.status === 404)
			this.#book.applyNotFound(this.#entry.id, run, receivedAt);
		this.#ports.onRead();
		return detail;
	}

	async #readList(source: Source, signal: AbortSignal): Promise<Result<void>> {
		const page = await this.#ask(`/jobs?limit=${LIST_LIMIT}`, decodeJobPage, {
			maxBytes: LIST_BYTES,
			signal,
		});
		if (page.kind !== "ok") return failed(faultOf(page));
		if (page.value.broken > 0)
			this.#ports.onDecodeFault(
				fault("ws.bad-frame", {
					sentence: `${page.value.broken} of ${page.value.rows} listed jobs cannot be read`,
				}),
			);
		this.#ports.onListed(page.value.jobs.map((job) => job.agentJobId));
		const { detail } = this.#book.applyPage(this.#entry.id, page.value, {
			source,
			receivedAt: this.#clock.wallMs(),
			skewMs: this.facts.skewMs,
			complete: page.value.rows < LIST_LIMIT,
		});
		this.#ports.onRead();
		// The first few belong to this reading; a long list must not hold up the poll it is part of.
		for (const run of detail.slice(0, DETAILS_INLINE)) {
			if (signal.aborted) break;
			await this.#readDetail(run, source, signal);
		}
		this.#readLater(detail.slice(DETAILS_INLINE));
		return ok(undefined);
	}

	/** Details one by one, as the budget allows. What cannot be had now, the next list asks for again. */
	#readLater(runs: readonly AgentJobId[]): void {
		if (runs.length === 0) return;
		if (this.#later !== null) {
			for (const run of runs) this.#later.add(run);
			return;
		}
		this.#later = new Set(runs);
		void this.#drainLater(this.#later);
	}

	async #drainLater(later: Set<AgentJobId>): Promise<void> {
		for (const run of later) {
			const detail = await this.#readDetail(
				run,
				"reconcile",
				this.#closing.signal,
			);
			later.delete(run);
			if (detail.kind === "fault") later.clear();
		}
		this.#later = null;
	}

	async relist(source: Source, signal: AbortSignal): Promise<Result<void>> {
		if (this.#clock.monotonicMs() - this.#healthReadMs >= HEALTH_EVERY_MS) {
			const why = await this.#readHealth(signal);
			if (why !== null) {
				// Whoever gave the question up learned nothing about the agent.
				if (!signal.aborted) this.#setFacts({ fault: why });
				return failed(why);
			}
		}
		const listed = await this.#readList(source, signal);
		const why = listed.ok ? null : listed.fault;
		if (why !== null && signal.aborted) return listed;
		if (this.facts.fault?.code !== why?.code) this.#setFacts({ fault: why });
		if (
			listed.ok &&
			this.#clock.monotonicMs() - this.#systemReadMs >= SYSTEM_EVERY_MS
		)
			void this.#readSystem(this.#closing.signal);
		return listed;
	}

	hint(run: AgentJobId): void {
		if (this.#closing.signal.aborted) return;
		this.#hints ??= openHints<AgentJobId>(this.#clock, (ids) =>
			this.#followHints(ids),
		);
		this.#hints.add(run);
	}

	async #followHints(ids: ReadonlySet<AgentJobId>): Promise<void> {
		if (ids.size > DETAILS_AT_ONCE)
			await this.#readList("reconcile", this.#closing.signal);
		else
			for (const run of ids)
				await this.#readDetail(run, "reconcile", this.#closing.signal);
	}

	async learn(signal: AbortSignal): Promise<void> {
		await this.#readHealth(signal);
	}

	async output(run: AgentJobId): Promise<Result<JobDetail>> {
		const detail = await this.#readDetail(
			run,
			"reconcile",
			this.#closing.signal,
		);
		return detail.kind === "ok" ? ok(detail.value) : failed(faultOf(detail));
	}

	setUnreachable(unreachable: boolean): void {
		if (unreachable === (this.facts.health.kind === "unreachable")) return;
		this.#setFacts({
			health: unreachable
				? { kind: "unreachable", sinceAt: this.#clock.wallMs() }
				: this.#reported,
		});
	}

	forget(): void {
		this.#healthReadMs = Number.NEGATIVE_INFINITY;
		// What failed over the old connection says nothing about the next one.
		if (this.facts.fault !== null) this.#setFacts({ fault: null });
	}

	renew(): void {
		this.#lanes.renew();
	}

	close(): void {
		this.#closing.abort();
		this.#hints?.close();
		this.#lanes.close();
	}
}
