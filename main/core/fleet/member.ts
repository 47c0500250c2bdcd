// One host of the fleet: its link, its reader and its event log, tied together, and its row for the window. It decides
// nothing about links (`link/`) or runs (`jobs/`); it carries facts between them.
import type { Clock } from "../../../shared/clock.ts";
import type { Fault, FaultCode, Result } from "../../../shared/fault.ts";
import { fault, ok } from "../../../shared/fault.ts";
import type {
	Channel,
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
import type { Link } from "../link/runner.ts";
import { startLink } from "../link/runner.ts";
import type { Log } from "../ports.ts";
import type { Transport } from "../transport/transport.ts";
import type { DialGate } from "./dialGate.ts";
import type { EventLog } from "./eventLog.ts";
import { openEventLog } from "./eventLog.ts";
import { openReader } from "./reader.ts";
import { openReconciler, RELIST_IDLE_MS, RELIST_OPEN_MS } from "./reconcile.ts";
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

export interface MemberPorts {
	readonly clock: Clock;
	readonly random: () => number;
	readonly log: Log;
	readonly book: JobBook;
	readonly transport: Transport;
	readonly gate: DialGate;
	readonly wheel: DeadlineWheel;
	openRest(entry: HostEntry): RestTransport;
	/** What a history knows of this host, once; absent: nothing of any. */
	takeKept?(entry: HostEntry): KeptHost | null;
	preflight(): Fault | null;
	signChallenge(nonce: string, servername: string): Result<string>;
	isAttended(id: HostId): boolean;
	/** The only host of the fleet that has this servername; null: none, or several. */
	ownerOf(servername: string): HostId | null;
	onTouched(id: HostId): void;
	onStatus(id: HostId, status: LinkStatus, before: LinkStatus): void;
	onEvent(): void;
	/** We missed something, or know that the agent restarted: then with the code. */
	onGap(id: HostId, sentence: string, code?: FaultCode): void;
	onDecodeFault(id: HostId, why: Fault): void;
}

export interface Member {
	readonly entry: HostEntry;
	readonly link: Link;
	row(): Host;
	relabel(labels: Readonly<Record<string, string>>): void;
	readonly reader: ReturnType<typeof openReader>;
	/** Its first list is in, or it is known that it will not come soon. */
	hasReported(): boolean;
	/** Its list has been read since the link came up, and nothing told by push waits for its detail. */
	hasListed(): boolean;
	/** A change of one of its runs was told. */
	runTold(event: HostEvent): void;
	/** After sleep or a change of networks: asks anew by new connections, and reads the list of a live host within seconds. */
	renew(): void;
	/** Wall time of the last sign of life, or null. */
	heardAt(): number | null;
	stop(): void;
}

export function openMember(given: HostEntry, ports: MemberPorts): Member {
	const { clock, book, wheel } = ports;
	let entry = given;
	const { id } = entry;
	let heardMs: number | null = null;
	let status: LinkStatus | null = null;
	let lastPollEmpty = false;
	let listed = false;
	let listedMs = 0;
	let openRuns = 0;

	const isConnected = (): boolean =>
		status?.channel === "live" || status?.channel === "polling";
	const expectedEveryMs = (): number => {
		if (status?.channel !== "polling") return LIVE_EVERY_MS;
		// A long-poll that is quiet answers after a minute.
		return book.openRuns(id) > 0 && !longPolls() ? POLL_OPEN_MS : POLL_IDLE_MS;
	};

	const restarts = openRestarts({
		clock,
		wheel,
		tell: (sentence) => ports.onGap(id, sentence, "agent.restarted"),
	});
	const kept = ports.takeKept?.(entry) ?? null;
	const reader = openReader(entry, {
		kept,
		clock,
		book,
		openRest: () => ports.openRest(entry),
		keepMs: () => (status?.channel === "live" ? KEEP_LIVE_MS : KEEP_POLLING_MS),
		classify: (failure) =>
			classify(failure, {
				wasLive: status?.channel === "live",
				skewMs: reader.facts.skewMs,
				servername: entry.servername,
				ownerOf: ports.ownerOf,
				freshTlsFailures: 0,
			}),
		onFacts: () => ports.onTouched(id),
		onHeard: () => {
			heardMs = clock.monotonicMs();
		},
		onVersionChanged(before, now) {
			// On one connection it is always the same process that speaks.
			if (status?.channel !== "live" || !listed)
				restarts.proven(
					`the agent restarted as version ${now}; before, it was ${before}`,
				);
			link.send({ kind: "probeAsked" });
		},
		onListed: (jobs) =>
			restarts.listed(jobs.some((job) => book.runs.has(runKey(id, job)))),
		onRead() {
			// An answer that comes after the link was lost tells how it was: an end stays, an open run is unknown again.
			if (!isConnected()) book.linkLost(id, clock.wallMs());
			noteOpenRuns();
		},
		onDecodeFault: (why) => ports.onDecodeFault(id, why),
	});
	/** Made when an agent turns out to keep a log: most do not, and thousands of empty ones are memory for nothing. */
	let madeLog: EventLog | null = null;
	const eventLog = (): EventLog => {
		madeLog ??= openEventLog({
			get: reader.get,
			apply,
			relist: (source, signal) => reader.relist(source, signal),
			onGap: (sentence) => ports.onGap(id, sentence),
			onRestarted: restarts.proven,
			onDecodeFault: (why) => ports.onDecodeFault(id, why),
		});
		return madeLog;
	};

	function apply(event: RunEvent, source: Source): void {
		ports.onEvent();
		const outcome = book.applyEvent(id, event, source, clock.wallMs());
		const before = openRuns;
		noteOpenRuns();
		// First sight and end: push does not carry what a person needs, so the detail is fetched.
		if (outcome === "held" || openRuns < before) reader.hint(event.agentJobId);
		if (outcome === "held") reconciler.hurry();
	}

	function noteOpenRuns(): void {
		const before = openRuns;
		openRuns = book.openRuns(id);
		if (openRuns === before) return;
		ports.onTouched(id);
		// The first open run: from now on the list is read every minute, in case the socket goes deaf.
		if (before === 0) reconciler.hurry();
	}

	const offers = (extension: string): boolean =>
		reader.facts.extensions?.includes(extension) ?? false;
	const longPolls = (): boolean => offers("longpoll.v1") && offers("events.v1");

	const reconciler = openReconciler({
		clock,
		wheel,
		random: ports.random,
		relist: (signal) => reader.relist("reconcile", signal),
		// A run that only events told of counts too: its detail may not have been to be had, and the list tells what it is.
		hasOpenRuns: () => book.openRuns(id) > 0 || book.held(id).length > 0,
		onRead(read) {
			listed ||= read;
			ports.onTouched(id);
		},
	});

	const poll = async (
		source: Source,
		signal: AbortSignal,
	): Promise<Result<void>> => {
		if (source === "longpoll" && followsLog()) {
			const page = await eventLog().poll(signal);
			lastPollEmpty = page.ok && page.value.events === 0;
			if (!page.ok) mistrustLog();
			return page.ok ? ok(undefined) : page;
		}
		lastPollEmpty = false;
		const read = await reader.relist(source, signal);
		listed = read.ok;
		listedMs = clock.monotonicMs();
		return read;
	};
	/** The agent may offer no log any more, e.g. after it was rolled back: everything is read anew, its health too. */
	const mistrustLog = (): void => {
		listed = false;
		reader.forget();
	};
	/** While the log is followed the list is read as often as on a live socket: health, reboots and what the log left out show there. */
	const followsLog = (): boolean => {
		const everyMs = book.openRuns(id) > 0 ? RELIST_OPEN_MS : RELIST_IDLE_MS;
		return listed && clock.monotonicMs() - listedMs < everyMs;
	};

	const link = startLink(entry, {
		clock,
		random: ports.random,
		log: ports.log,
		transport: ports.transport,
		gate: ports.gate,
		wheel,
		priority: () => (ports.isAttended(id) || book.openRuns(id) > 0 ? 0 : 1),
		decode: decodeFrame,
		preflight: ports.preflight,
		relist: poll,
		pollPlan: () =>
			longPolls()
				? {
						source: "longpoll",
						everyMs: lastPollEmpty ? EMPTY_POLL_MS : 0,
						timeoutMs: LONG_POLL_TIMEOUT_MS,
					}
				: {
						source: "poll",
						everyMs: book.openRuns(id) > 0 ? POLL_OPEN_MS : POLL_IDLE_MS,
						timeoutMs: POLL_TIMEOUT_MS,
					},
		extensions: () => reader.facts.extensions,
		learn: (signal) => reader.learn(signal),
		answerChallenge: (nonce) => ports.signChallenge(nonce, entry.servername),
		subscribeFrame: () =>
			offers("events.v1") ? eventLog().subscribeFrame() : null,
		skewMs: () => reader.facts.skewMs,
		ownerOf: ports.ownerOf,
		onMessage(message: AgentMessage) {
			if (message.kind !== "run") return;
			if (message.event.seq === null) apply(message.event, "push");
			else eventLog().take(message.event, "push", reconciler.signal);
		},
		onDecodeFault: (why) => ports.onDecodeFault(id, why),
		onGreeted() {
			listed = false;
			restarts.connected();
			reconciler.begin();
		},
		onLost() {
			reconciler.end();
			restarts.disconnected();
			reader.forget();
		},
		onStatus(next) {
			const before = status ?? IDLE;
			status = next;
			const connected = next.channel === "live" || next.channel === "polling";
			const wasConnected =
				before.channel === "live" || before.channel === "polling";
			if (wasConnected && !connected) book.linkLost(id, clock.wallMs());
			const isUnreachable = unreachability(next);
			if (isUnreachable !== null) reader.setUnreachable(isUnreachable);
			ports.onTouched(id);
			ports.onStatus(id, next, before);
		},
	});

	const heardAt = (): number | null => {
		const fromLink = link.heardAtMs();
		const lastMs = Math.max(fromLink ?? -1, heardMs ?? -1);
		return lastMs < 0
			? (kept?.heardAt ?? null)
			: Math.round(clock.wallMs() - (clock.monotonicMs() - lastMs));
	};

	return {
		get entry() {
			return entry;
		},
		link,
		reader,
		heardAt,
		runTold(event) {
			const run = book.runs.get(runKey(id, event.agentJobId));
			if (run !== undefined) restarts.runTold(event, run);
		},
		renew() {
			// Requests in flight, and connections kept for the next, went through the old network.
			reader.renew();
			reconciler.renew();
		},
		hasListed: () => listed && book.held(id).length === 0,
		hasReported: () =>
			listed ||
			reader.facts.fault !== null ||
			!AWAITED.has(link.status.channel),
		row: () =>
			hostRow(entry, link.status, reader.facts, {
				heardAt: heardAt(),
				staleAfterMs: 2 * expectedEveryMs() + STALE_SLACK_MS,
				openRuns: book.openRuns(id),
			}),
		relabel(labels) {
			entry = { ...entry, labels };
			ports.onTouched(id);
		},
		stop() {
			reconciler.end();
			restarts.stop();
			link.send({ kind: "stopped" });
			reader.close();
		},
	};
}

/** Channels on which a first list may still come soon. */
const AWAITED: ReadonlySet<Channel> = new Set([
	"connecting",
	"live",
	"polling",
]);

const IDLE: LinkStatus = {
	channel: "connecting",
	fault: null,
	sentence: null,
	nextStep: null,
	attempt: 0,
	sinceAt: 0,
	retryAt: null,
};

function hostRow(
	entry: HostEntry,
	link: LinkStatus,
	facts: ReturnType<typeof openReader>["facts"],
	more: Pick<Host, "heardAt" | "staleAfterMs" | "openRuns">,
): Host {
	return {
		id: entry.id,
		address: entry.address,
		port: entry.port,
		servername: entry.servername,
		labels: entry.labels as Record<string, string>,
		link: readableLink(link, facts.fault),
		health: facts.health,
		agentVersion: facts.version,
		extensions: [...(facts.extensions ?? [])],
		uptimeSeconds: facts.uptimeSeconds,
		pendingReboot: facts.pendingReboot,
		os: facts.os,
		skewMs: facts.skewMs,
		...more,
	};
}

/** A live socket whose agent does not let its jobs be read is not all well: the row says why. */
function readableLink(link: LinkStatus, why: Fault | null): LinkStatus {
	if (link.channel !== "live" || why === null) return link;
	return {
		...link,
		fault: why.code,
		sentence: `live, but its jobs cannot be read: ${why.sentence}`,
		nextStep: why.nextStep,
	};
}

/** A command named a host that is not, or no longer, in the fleet. */
export const unknownHost = (id: string): Fault =>
	fault("host.unknown", {
		sentence: `there is no host ${JSON.stringify(id)} in this fleet`,
	});
