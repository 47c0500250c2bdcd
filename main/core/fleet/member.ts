// One host of the fleet: its link, its reader and its event log, tied together, and its row for the window. It decides
// nothing about links (`link/`) or runs (`jobs/`); it carries facts between them.
import type { Clock } from "../../../shared/clock.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import { ok } from "../../../shared/fault.ts";
import type {
	AgentJobId,
	Host,
	HostEvent,
	HostId,
	LinkStatus,
	Source,
} from "../../../shared/model.ts";
import { runKey } from "../../../shared/model.ts";
import { decodeFrame } from "../agentApi/decode.ts";
import type { AgentMessage, RunEvent } from "../agentApi/message.ts";
import type { RestTransport } from "../agentApi/rest.ts";
import type { KeptHost } from "../history/kept.ts";
import type { JobBook } from "../jobs/book.ts";
import { classify } from "../link/classify.ts";
import type { Link, LinkPorts } from "../link/runner.ts";
import { startLink } from "../link/runner.ts";
import type { Log } from "../ports.ts";
import type { Failure, Transport } from "../transport/transport.ts";
import type { DialGate } from "./dialGate.ts";
import type { EventLog } from "./eventLog.ts";
import { openEventLog } from "./eventLog.ts";
import { AWAITED, hostRow, IDLE, isConnected } from "./hostRow.ts";
import type { Member, MemberPorts } from "./memberTypes.ts";
import { openReader } from "./reader.ts";
import type { Reader, ReaderPorts } from "./readerTypes.ts";
import type { ReconcilePorts, Reconciler } from "./reconcile.ts";
import { openReconciler, RELIST_IDLE_MS, RELIST_OPEN_MS } from "./reconcile.ts";
import type { Restarts, RestartsPorts } from "./restarts.ts";
import { openRestarts } from "./restarts.ts";
import type { HostEntry } from "./target.ts";
import { unreachability } from "./unreachable.ts";
import type { DeadlineWheel } from "./wheel.ts";

/** Poll periods of 03-BEHAVIOUR section 1. */
const POLL_OPEN_MS = 10_000;
const POLL_IDLE_MS = 60_000;
const POLL_TIMEOUT_MS = 35_000;
const LONG_POLL_TIMEOUT_MS = 70_000;
/** Between two long-polls that brought nothing: an agent that answers at once must not be hammered. */
const EMPTY_POLL_MS = 1_000;
/** While polling the connection outlasts the time between polls; beside a live socket the next request is a minute away. */
const KEEP_POLLING_MS = 13_000;
const KEEP_LIVE_MS = 2_000;
/** A live link is heard from every 30 s at the latest, or pinged. */
const LIVE_EVERY_MS = 30_000;
const STALE_SLACK_MS = 20_000;

export const openMember = (entry: HostEntry, ports: MemberPorts): Member =>
	new HostMember(entry, ports);

/**
 * Itself what its parts need of their surroundings: with ports of closures for each of them a host of 10,000 took 4 KB more.
 * Whoever holds a `Member` sees none of that.
 */
class HostMember
	implements Member, LinkPorts, ReaderPorts, ReconcilePorts, RestartsPorts
{
	entry: HostEntry;
	readonly link: Link;
	readonly reader: Reader;
	readonly clock: Clock;
	readonly random: () => number;
	readonly log: Log;
	readonly book: JobBook;
	readonly transport: Transport;
	readonly gate: DialGate;
	readonly wheel: DeadlineWheel;
	readonly kept: KeptHost | null;
	readonly decode = decodeFrame;
	readonly preflight: MemberPorts["preflight"];
	readonly ownerOf: MemberPorts["ownerOf"];
	readonly #id: HostId;
	readonly #ports: MemberPorts;
	readonly #restarts: Restarts;
	readonly #reconciler: Reconciler;
	/** Made when an agent turns out to keep a log: most do not, and thousands of empty ones are memory for nothing. */
	#eventLog: EventLog | null = null;
	#heardMs: number | null = null;
	#status: LinkStatus | null = null;
	#lastPollEmpty = false;
	#listed = false;
	#listedMs = 0;
	#openRuns = 0;

	constructor(entry: HostEntry, ports: MemberPorts) {
		this.entry = entry;
		this.#id = entry.id;
		this.#ports = ports;
		this.clock = ports.clock;
		this.random = ports.random;
		this.log = ports.log;
		this.book = ports.book;
		this.transport = ports.transport;
		this.gate = ports.gate;
		this.wheel = ports.wheel;
		this.preflight = ports.preflight;
		this.ownerOf = ports.ownerOf;
		this.kept = ports.takeKept?.(entry) ?? null;
		this.#restarts = openRestarts(this);
		this.reader = openReader(entry, this);
		this.#reconciler = openReconciler(this);
		this.link = startLink(entry, this);
	}

	// What others ask of a host.

	heardAt(): number | null {
		const lastMs = this.#lastHeardMs();
		return lastMs < 0
			? (this.kept?.heardAt ?? null)
			: Math.round(this.clock.wallMs() - (this.clock.monotonicMs() - lastMs));
	}

	/** Of this process's life; below 0: never. */
	#lastHeardMs(): number {
		return Math.max(this.link.heardAtMs() ?? -1, this.#heardMs ?? -1);
	}

	runTold(event: HostEvent): void {
		const run = this.book.runs.get(runKey(this.#id, event.agentJobId));
		if (run !== undefined) this.#restarts.runTold(event, run);
	}

	renew(): void {
		// Requests in flight, and connections kept for the next, went through the old network.
		this.reader.renew();
		this.#reconciler.renew();
	}

	hasListed(): boolean {
		return this.#listed && this.book.held(this.#id).length === 0;
	}

	hasReported(): boolean {
		return (
			this.#listed ||
			this.reader.facts.fault !== null ||
			!AWAITED.has(this.link.status.channel)
		);
	}

	row(): Host {
		return hostRow(this.entry, this.link.status, this.reader.facts, {
			heardAt: this.heardAt(),
			...((this.kept?.heardAt ?? null) !== null && this.#lastHeardMs() < 0
				? { lastKnown: true as const }
				: {}),
			staleAfterMs: 2 * this.#expectedEveryMs() + STALE_SLACK_MS,
			openRuns: this.book.openRuns(this.#id),
		});
	}

	relabel(labels: Readonly<Record<string, string>>): void {
		this.entry = { ...this.entry, labels };
		this.onFacts();
	}

	stop(): void {
		this.#reconciler.end();
		this.#restarts.stop();
		this.link.send({ kind: "stopped" });
		this.reader.close();
	}

	// What the reader needs and tells.

	openRest(): RestTransport {
		return this.#ports.openRest(this.entry);
	}

	keepMs(): number {
		return this.#status?.channel === "live" ? KEEP_LIVE_MS : KEEP_POLLING_MS;
	}

	classify(failure: Failure): Fault {
		return classify(failure, {
			wasLive: this.#status?.channel === "live",
			skewMs: this.reader.facts.skewMs,
			servername: this.entry.servername,
			ownerOf: this.ownerOf,
			freshTlsFailures: 0,
		});
	}

	onFacts(): void {
		this.#ports.onTouched(this.#id);
	}

	onHeard(): void {
		this.#heardMs = this.clock.monotonicMs();
	}

	onVersionChanged(before: string, now: string): void {
		// On one connection it is always the same process that speaks.
		if (this.#status?.channel !== "live" || !this.#listed)
			this.#restarts.proven(
				`the agent restarted as version ${now}; before, it was ${before}`,
			);
		this.link.send({ kind: "probeAsked" });
	}

	onListed(jobs: readonly AgentJobId[]): void {
		const { runs } = this.book;
		this.#restarts.listed(jobs.some((job) => runs.has(runKey(this.#id, job))));
	}

	onRead(): void {
		// An answer that comes after the link was lost tells how it was: an end stays, an open run is unknown again.
		if (!isConnected(this.#status))
			this.book.linkLost(this.#id, this.clock.wallMs());
		this.#noteOpenRuns();
	}

	onDecodeFault(why: Fault): void {
		this.#ports.onDecodeFault(this.#id, why);
	}

	onRestart(sentence: string): void {
		this.#ports.onGap(this.#id, sentence, "agent.restarted");
	}

	// What keeps the list of a live host read.

	readList(signal: AbortSignal): Promise<Result<void>> {
		return this.reader.relist("reconcile", signal);
	}

	hasOpenRuns(): boolean {
		// A run that only events told of counts too: its detail may not have been to be had, and the list tells what it is.
		return (
			this.book.openRuns(this.#id) > 0 || this.book.held(this.#id).length > 0
		);
	}

	onListRead(read: boolean): void {
		this.#listed ||= read;
		this.onFacts();
	}

	// What the link needs and tells.

	priority(): number {
		return this.#ports.isAttended(this.#id) || this.book.openRuns(this.#id) > 0
			? 0
			: 1;
	}

	async relist(source: Source, signal: AbortSignal): Promise<Result<void>> {
		if (source === "longpoll" && this.#followsLog()) {
			const page = await this.#log().poll(signal);
			this.#lastPollEmpty = page.ok && page.value.events === 0;
			if (!page.ok) this.#mistrustLog();
			return page.ok ? ok(undefined) : page;
		}
		this.#lastPollEmpty = false;
		const read = await this.reader.relist(source, signal);
		this.#listed = read.ok;
		this.#listedMs = this.clock.monotonicMs();
		return read;
	}

	pollPlan(): ReturnType<LinkPorts["pollPlan"]> {
		if (this.#longPolls())
			return {
				source: "longpoll",
				everyMs: this.#lastPollEmpty ? EMPTY_POLL_MS : 0,
				timeoutMs: LONG_POLL_TIMEOUT_MS,
			};
		const isOpen = this.book.openRuns(this.#id) > 0;
		return {
			source: "poll",
			everyMs: isOpen ? POLL_OPEN_MS : POLL_IDLE_MS,
			timeoutMs: POLL_TIMEOUT_MS,
		};
	}

	extensions(): readonly string[] | null {
		return this.reader.facts.extensions;
	}

	learn(signal: AbortSignal): Promise<void> {
		return this.reader.learn(signal);
	}

	answerChallenge(nonce: string): Result<string> {
		return this.#ports.signChallenge(nonce, this.entry.servername);
	}

	subscribeFrame(): string | null {
		return this.#offers("events.v1") ? this.#log().subscribeFrame() : null;
	}

	skewMs(): number | null {
		return this.reader.facts.skewMs;
	}

	onMessage(message: AgentMessage): void {
		if (message.kind !== "run") return;
		const { event } = message;
		if (event.seq === null) this.#apply(event, "push");
		else this.#log().take(event, "push", this.#reconciler.signal);
	}

	onGreeted(): void {
		this.#listed = false;
		this.#restarts.connected();
		this.#reconciler.begin();
	}

	onLost(): void {
		this.#reconciler.end();
		this.#restarts.disconnected();
		this.reader.forget();
	}

	onStatus(next: LinkStatus): void {
		const before = this.#status ?? IDLE;
		this.#status = next;
		if (isConnected(before) && !isConnected(next))
			this.book.linkLost(this.#id, this.clock.wallMs());
		const isUnreachable = unreachability(next);
		if (isUnreachable !== null) this.reader.setUnreachable(isUnreachable);
		this.onFacts();
		this.#ports.onStatus(this.#id, next, before);
	}

	#apply(event: RunEvent, source: Source): void {
		this.#ports.onEvent();
		const before = this.#openRuns;
		const receivedAt = this.clock.wallMs();
		const outcome = this.book.applyEvent(this.#id, event, source, receivedAt);
		this.#noteOpenRuns();
		// First sight and end: push does not carry what a person needs, so the detail is fetched.
		if (outcome === "held" || this.#openRuns < before)
			this.reader.hint(event.agentJobId);
		if (outcome === "held") this.#reconciler.hurry();
	}

	#noteOpenRuns(): void {
		const before = this.#openRuns;
		this.#openRuns = this.book.openRuns(this.#id);
		if (this.#openRuns === before) return;
		this.onFacts();
		// The first open run: from now on the list is read every minute, in case the socket goes deaf.
		if (before === 0) this.#reconciler.hurry();
	}

	#expectedEveryMs(): number {
		if (this.#status?.channel !== "polling") return LIVE_EVERY_MS;
		// A long-poll that is quiet answers after a minute.
		return this.book.openRuns(this.#id) > 0 && !this.#longPolls()
			? POLL_OPEN_MS
			: POLL_IDLE_MS;
	}

	#offers(extension: string): boolean {
		return this.reader.facts.extensions?.includes(extension) ?? false;
	}

	#longPolls(): boolean {
		return this.#offers("longpoll.v1") && this.#offers("events.v1");
	}

	#log(): EventLog {
		const { reader } = this;
		this.#eventLog ??= openEventLog({
			get: (path, options) => reader.get(path, options),
			apply: (event, source) => this.#apply(event, source),
			relist: (source, signal) => reader.relist(source, signal),
			onGap: (sentence) => this.#ports.onGap(this.#id, sentence),
			onRestarted: (sentence) => this.#restarts.proven(sentence),
			onDecodeFault: (why) => this.onDecodeFault(why),
		});
		return this.#eventLog;
	}

	/** The agent may offer no log any more, e.g. after it was rolled back: everything is read anew, its health too. */
	#mistrustLog(): void {
		this.#listed = false;
		this.reader.forget();
	}

	/** While the log is followed the list is read as often as on a live socket: health, reboots and what the log left out show there. */
	#followsLog(): boolean {
		const everyMs =
			this.book.openRuns(this.#id) > 0 ? RELIST_OPEN_MS : RELIST_IDLE_MS;
		return this.#listed && this.clock.monotonicMs() - this.#listedMs < everyMs;
	}
}
