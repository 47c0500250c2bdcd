// Composes the whole core: this is the container. Everything else is given what it needs as arguments; only here is it
// decided who gets what.
import { randomUUID } from "node:crypto";
import type { Pipe } from "../../shared/bridge.ts";
import type { Cancel, Clock } from "../../shared/clock.ts";
import { every } from "../../shared/clock.ts";
import type { Fault, FaultCode } from "../../shared/fault.ts";
import type { HostId, JobId, LinkStatus, RunKey } from "../../shared/model.ts";
import { openActivityLog } from "./activityLog.ts";
import type { RestTransport } from "./agentApi/rest.ts";
import { handlers } from "./commands.ts";
import { openDoctor } from "./doctor/onePerHost.ts";
import type { Figures } from "./figures.ts";
import { openTally } from "./figures.ts";
import { sentenceOf, watchConsistency } from "./fleet/consistency.ts";
import type { DialGate } from "./fleet/dialGate.ts";
import { openDialGate } from "./fleet/dialGate.ts";
import type { Fleet } from "./fleet/fleet.ts";
import { openFleet } from "./fleet/fleet.ts";
import type { Inventory } from "./fleet/inventory.ts";
import { openOutages } from "./fleet/outages.ts";
import { openWheel } from "./fleet/wheel.ts";
import { openVitals } from "./health.ts";
import type { IdentityDesk } from "./identity/desk.ts";
import { identityHandlers } from "./identity/deskCommands.ts";
import { watchExpiry } from "./identity/expiryWatch.ts";
import { identityFault } from "./identity/preflight.ts";
import { answerChallenge } from "./identity/signChallenge.ts";
import type { JobBook } from "./jobs/book.ts";
import { openJobBook } from "./jobs/book.ts";
import type { ConsoleListener } from "./listeners.ts";
import { openListeners } from "./listeners.ts";
import type { NotifyPort } from "./notify/notes.ts";
import { openNotes } from "./notify/notes.ts";
import type { Identity, Ports } from "./ports.ts";
import { sessionReader } from "./session.ts";
import type { DialOptions } from "./transport/dial.ts";
import type { ProxyRules } from "./transport/proxyRules.ts";
import type { Lookup } from "./transport/resolve.ts";
import { openRest } from "./transport/rest.ts";
import type { TlsContexts } from "./transport/tlsContext.ts";
import { openTlsContexts } from "./transport/tlsContext.ts";
import type { Target, Transport } from "./transport/transport.ts";
import { openWebSocketTransport } from "./transport/webSocket.ts";
import type { Updates } from "./update/runner.ts";
import { updateHandlers } from "./update/updateCommands.ts";
import type { Windows } from "./windows.ts";
import { openWindows } from "./windows.ts";

const VITALS_EVERY_MS = 1_000;
/** Old runs go in small slices, of which most find nothing to do. */
const SWEEP_EVERY_MS = 5_000;
/** Observed jobs are issued after the first lists are in, or after this long. */
const GROUPING_HOLD_MS = 2_000;
const GROUPING_LOOK_MS = 50;

export interface ConsoleOptions {
	readonly version: string;
	readonly shell: "electron" | "node";
	readonly demo: boolean;
	readonly inventory: Inventory | null;
	readonly identity: Identity | null;
	/** Why there is no fleet or identity, for the window. */
	readonly fault: Fault | null;
	/** Why there is no identity, as the reason of blocked links; absent: `identity.absent`. */
	readonly identityFault?: Fault | null;
	/** A person asks to connect now, after the vault was unlocked perhaps. */
	readonly onRetry?: () => void;
	/** Compare what is shown of each host with its agent's list about this often (ms); off when absent. */
	readonly compareEveryMs?: number;
	/** What a person may do with identities; absent: only see the one in use. */
	readonly desk?: IdentityDesk;
	/** The updates of this app; absent, or null when asked: somebody else updates it. */
	readonly updates?: () => Updates | null;
	/** How names are resolved; as the system does when absent. */
	readonly lookup?: Lookup;
	/** Which hosts are reached through a proxy; none when absent or null. */
	readonly proxies?: ProxyRules | null;
	/** How the person is told and what of it is remembered; absent: the inbox alone, until the console ends. */
	readonly notify?: NotifyPort;
}

export interface Console {
	readonly fleetName: string;
	readonly fleet: Fleet;
	readonly book: JobBook;
	readonly figures: Figures;
	/** Failures in the inbox that nobody has read. */
	readonly unreadFailures: number;
	/** Serves the contract on this pipe until it closes. Who may speak on it is the shell's to have checked. */
	attach(pipe: Pipe): void;
	listen(listener: ConsoleListener): Cancel;
	/** The computer slept. */
	woke(): void;
	networkReturned(): void;
	/** A new identity: new dials use it, blocked links are tried again. `why`: the reason there is none. */
	setIdentity(identity: Identity | null, why?: Fault | null): void;
	/** Every socket closed and every timer gone within a second. */
	stop(): Promise<void>;
}

/** How agents are reached: over the network, unless a simulation brings its own. */
export interface Wire {
	readonly transport: Transport;
	openRest(
		target: Target,
		gate: (start: () => void) => () => void,
	): RestTransport;
}

export function openConsole(
	options: ConsoleOptions,
	ports: Ports,
	wireOf: typeof overNetwork = overNetwork,
): Console {
	const { clock, log, random } = ports;
	const decodeFaults = openTally();
	const reconnects = openTally();
	const refused = openTally();
	const events = openTally();
	const comparisons = openTally();
	const activity = openActivityLog();
	const listeners = openListeners(activity);
	const vitals = openVitals(clock);
	const contexts = openTlsContexts(options.identity);
	const wire = wireOf(contexts, clock, options);
	const gate = openDialGate({ clock });
	const fleetName = options.inventory?.name ?? "";
	const { onRetry = () => {} } = options;
	let absence = options.identityFault ?? null;
	const whyAbsent = (): Fault | null =>
		contexts.identity === null ? absence : null;
	const identities = identityHandlers(
		options.desk ?? null,
		() => contexts.identity,
	);
	const session = sessionReader(options, contexts, clock.wallMs(), whyAbsent);
	let loopLagMs = 0;

	const doctor = openDoctor({
		clock,
		contexts,
		get identityFault() {
			return whyAbsent();
		},
		consoleVersion: options.version,
		ownerOf: (servername) => fleet.ownerOf(servername),
		lookup: options.lookup,
		proxies: options.proxies,
	});
	const windows: Windows = openWindows({
		clock,
		rows: {
			epoch: randomUUID(),
			fleetName: () => fleetName,
			host: (id) => fleet.row(id),
			run: (key) => book.runs.get(key),
			job: (id) => book.jobs.get(id),
			allHosts: () => fleet.rows(),
			allRuns: () => [...book.runs.values()],
			allJobs: () => [...book.jobs.values()],
			recentActivity: activity.recent,
		},
		handlers: (batch) =>
			handlers({ ...toAsk, batch, notes: notes.handlersOf(batch) }),
		inbox: () => ({ unread: notes.unread }),
		onClosed: (batch) => notes.closed(batch),
		onRefused(why) {
			refused.add(why.code);
			const { code, sentence } = why;
			log("warn", "a window's message was refused", { code, sentence });
		},
	});
	activity.listen((line) => {
		events.add(line.kind);
		windows.activity(line);
		if (line.kind === "host") fleet.runTold(line);
	});
	const book = openJobBook({
		wallMs: () => clock.wallMs(),
		onActivity: activity.tell,
		onTouched(kind, key) {
			if (kind === "run") windows.touchRun(key as RunKey);
			else windows.touchJob(key as JobId);
		},
	});
	const tellGap = (
		hostId: HostId | null,
		sentence: string,
		code?: FaultCode,
	): void =>
		activity.tell({
			kind: "gap",
			receivedAt: clock.wallMs(),
			hostId,
			sentence,
			...(code === undefined ? {} : { fault: code }),
		});
	const outages = openOutages({ clock, tell: tellGap });
	const fleet: Fleet = openFleet({
		clock,
		random,
		log,
		book,
		gate,
		wheel: openWheel(clock),
		transport: wire.transport,
		openRest: (entry) =>
			wire.openRest({ ...entry, hostId: entry.id }, restGate(gate)),
		preflight: () =>
			whyAbsent() ??
			identityFault(contexts.identity, contexts.fault, clock.wallMs()),
		signChallenge: (nonce, servername) =>
			answerChallenge({
				nonce,
				servername,
				identity: contexts.identity,
				consoleVersion: options.version,
			}),
		onEvent: vitals.countEvent,
		onTouched: windows.touchHost,
		onRemoved(id) {
			book.removeHost(id);
			outages.forget(id);
			windows.touchHost(id);
		},
		onStatus(id, status, before) {
			if (!isNews(status, before)) return;
			outages.note(id, status);
			if (status.channel === "reconnecting" && status.fault !== null)
				reconnects.add(status.fault);
			listeners.link(id, status);
		},
		onGap: tellGap,
		onDecodeFault(host, { code, sentence }) {
			decodeFaults.add(code);
			log("warn", "an agent said something unreadable", {
				host,
				code,
				sentence,
			});
		},
	});

	const notes = openNotes({
		clock,
		profile: fleetName,
		book,
		fleet,
		port: options.notify ?? {},
		listen: listeners.listen,
		onInbox: (unread) => windows.inbox({ unread }),
	});
	const updates = updateHandlers(options.updates ?? (() => null));
	const toAsk = { fleet, book, doctor, session, onRetry, identities, updates };
	const stopVitals = every(clock, VITALS_EVERY_MS, () => {
		const reading = vitals.read();
		loopLagMs = reading.loopLagMs;
		const { inFlight, waiting } = gate;
		const at = clock.wallMs();
		windows.health({ at, ...reading, dialing: inFlight, queued: waiting });
	});
	const stopSweep = every(clock, SWEEP_EVERY_MS, () =>
		book.sweep(clock.wallMs()),
	);
	const stopHolding = holdGroupsUntilListed(clock, book, fleet);
	const stopComparing =
		options.compareEveryMs === undefined
			? () => {}
			: compareLists(options.compareEveryMs);
	fleet.apply(options.inventory?.hosts ?? []);
	const expiry = watchExpiry(
		clock,
		() => contexts.identity,
		(news) => {
			log("warn", "the identity expires", { days: news.mark });
			listeners.expiry(news);
		},
	);

	function compareLists(everyMs: number): Cancel {
		return watchConsistency({
			clock,
			fleet,
			book,
			everyMs,
			onChecked: () => comparisons.add("compared"),
			onFound(finding) {
				const { hostId, differences, lasting } = finding;
				const sentence = sentenceOf(finding);
				comparisons.add(lasting > 0 ? "lasting" : "mended");
				log("warn", "what was shown differed from an agent's list", {
					host: hostId,
					differences,
					lasting,
				});
				const receivedAt = clock.wallMs();
				activity.tell({ kind: "gap", receivedAt, hostId, sentence });
			},
		});
	}

	return {
		fleetName,
		fleet,
		book,
		figures: {
			events: events.counts,
			decodeFaults: decodeFaults.counts,
			reconnects: reconnects.counts,
			refused: refused.counts,
			comparisons: comparisons.counts,
			framesSent: windows.framesSent,
			loopLagMs: () => loopLagMs,
		},
		get unreadFailures() {
			return notes.unread;
		},
		attach: windows.attach,
		listen: listeners.listen,
		woke() {
			fleet.woke();
			expiry.look();
		},
		networkReturned: fleet.networkReturned,
		setIdentity(identity, why = null) {
			absence = why;
			contexts.replace(identity);
			fleet.identityChanged();
			expiry.look();
		},
		async stop() {
			stopVitals();
			stopSweep();
			stopHolding();
			stopComparing();
			// Before the links are hung up: that is no loss of the fleet.
			notes.stop();
			expiry.stop();
			vitals.close();
			doctor.close();
			fleet.stop();
			outages.stop();
			windows.close();
			listeners.clear();
		},
	};
}

function overNetwork(
	contexts: TlsContexts,
	clock: Clock,
	{ lookup, proxies }: Pick<ConsoleOptions, "lookup" | "proxies">,
): Wire {
	const dialing: DialOptions = { contexts, clock, lookup, proxies };
	return {
		transport: openWebSocketTransport(dialing),
		openRest: (target, gate) => openRest(target, { ...dialing, gate }),
	};
}

/** A script is told when the channel, its reason or the attempt changed, not for every new date of the next attempt. */
const isNews = (now: LinkStatus, before: LinkStatus): boolean =>
	now.channel !== before.channel ||
	now.fault !== before.fault ||
	now.attempt !== before.attempt;

/** Observed jobs wait for the first lists; their ids then do not depend on who answered first. */
function holdGroupsUntilListed(
	clock: Clock,
	book: JobBook,
	fleet: Fleet,
): Cancel {
	book.holdGroups(true);
	const untilMs = clock.monotonicMs() + GROUPING_HOLD_MS;
	const stop = every(clock, GROUPING_LOOK_MS, () => {
		const reported = [...fleet.members()].every((one) => one.hasReported());
		if (!reported && clock.monotonicMs() < untilMs) return;
		stop();
		book.holdGroups(false);
	});
	return stop;
}

/** REST handshakes count in the same cap as sockets, so that a storm of polls does not stall the loop either. */
const restGate =
	(gate: DialGate) =>
	(start: () => void): (() => void) =>
		gate.request({ priority: () => 0, granted: start });
