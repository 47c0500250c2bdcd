// Composes the whole core: this is the container. Everything else is given what it needs as arguments; only here is it
// decided who gets what.
import { randomUUID } from "node:crypto";
import type { Pipe, ServedPipe } from "../../shared/bridge.ts";
import { serve } from "../../shared/bridge.ts";
import type { Cancel } from "../../shared/clock.ts";
import type { Answer } from "../../shared/contract.ts";
import type { Fault } from "../../shared/fault.ts";
import { fault } from "../../shared/fault.ts";
import type {
	Activity,
	HostId,
	JobId,
	LinkStatus,
	RunKey,
} from "../../shared/model.ts";
import type { Batch, Rows } from "./batch.ts";
import { openBatch } from "./batch.ts";
import { handlers } from "./commands.ts";
import { openDialGate } from "./fleet/dialGate.ts";
import type { Fleet } from "./fleet/fleet.ts";
import { openFleet } from "./fleet/fleet.ts";
import type { Inventory } from "./fleet/inventory.ts";
import { openWheel } from "./fleet/wheel.ts";
import { openVitals } from "./health.ts";
import { answerChallenge } from "./identity/signChallenge.ts";
import type { JobBook } from "./jobs/book.ts";
import { openJobBook } from "./jobs/book.ts";
import type { Identity, Ports } from "./ports.ts";
import { openRest } from "./transport/rest.ts";
import { openTlsContexts } from "./transport/tlsContext.ts";
import { openWebSocketTransport } from "./transport/webSocket.ts";

/** Activity lines kept for new windows. */
const ACTIVITY_KEPT = 5_000;
const VITALS_EVERY_MS = 1_000;
/** Observed jobs are issued after the first lists are in, or after this long: their ids then do not depend on who answered first. */
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
}

/** Told of every change as it happens; for `watch` and the notifier. Must not throw. */
export interface ConsoleListener {
	link?(host: HostId, status: LinkStatus): void;
	activity?(event: Activity): void;
}

/** Counters since the start, for the metrics. */
export interface Figures {
	readonly events: ReadonlyMap<string, number>;
	readonly decodeFaults: ReadonlyMap<string, number>;
	readonly reconnects: ReadonlyMap<string, number>;
	readonly refused: ReadonlyMap<string, number>;
	framesSent(): number;
	readonly loopLagMs: number;
}

export interface Console {
	readonly fleetName: string;
	readonly fleet: Fleet;
	readonly book: JobBook;
	readonly figures: Figures;
	/** Serves the contract on this pipe until it closes. Who may speak on it is the shell's to have checked. */
	attach(pipe: Pipe): void;
	listen(listener: ConsoleListener): Cancel;
	/** The computer slept. */
	woke(): void;
	networkReturned(): void;
	/** A new identity: new dials use it, blocked links are tried again. */
	setIdentity(identity: Identity | null): void;
	/** Every socket closed and every timer gone within a second. */
	stop(): Promise<void>;
}

export function openConsole(options: ConsoleOptions, ports: Ports): Console {
	const { clock, log, random } = ports;
	const counts = {
		events: new Map<string, number>(),
		decodeFaults: new Map<string, number>(),
		reconnects: new Map<string, number>(),
		refused: new Map<string, number>(),
	};
	const windows = new Map<ServedPipe, Batch>();
	const listeners = new Set<ConsoleListener>();
	const vitals = openVitals(clock);
	const contexts = openTlsContexts(options.identity);
	const wheel = openWheel(clock);
	const gate = openDialGate({ clock });
	const epoch = randomUUID();
	const startedAt = clock.wallMs();
	let recent: Activity[] = [];
	let activityCount = 0;
	let framesOfClosed = 0;
	let loopLagMs = 0;
	let stopped = false;

	const eachBatch = (act: (batch: Batch) => void): void => {
		for (const batch of windows.values()) act(batch);
	};
	const tell = (event: Activity): void => {
		add(counts.events, event.kind);
		recent.push(event);
		if (recent.length > ACTIVITY_KEPT * 1.2)
			recent = recent.slice(-ACTIVITY_KEPT);
		eachBatch((batch) => batch.activity(event));
		for (const listener of listeners) listener.activity?.(event);
	};
	const book = openJobBook({
		wallMs: () => clock.wallMs(),
		onActivity: (event) => tell({ ...event, n: activityCount++ } as Activity),
		onTouched(kind, key) {
			if (kind === "run") eachBatch((batch) => batch.touchRun(key as RunKey));
			else eachBatch((batch) => batch.touchJob(key as JobId));
		},
	});
	const fleet = openFleet({
		clock,
		random,
		log,
		book,
		gate,
		wheel,
		transport: openWebSocketTransport({ clock, contexts }),
		openRest: (entry) =>
			openRest(
				{ ...entry, hostId: entry.id },
				{ clock, contexts, gate: restGate(gate) },
			),
		preflight: () => identityFault(contexts.identity, clock.wallMs()),
		signChallenge: (nonce, servername) =>
			answerChallenge({
				nonce,
				servername,
				identity: contexts.identity,
				consoleVersion: options.version,
			}),
		onEvent: vitals.countEvent,
		onTouched: (id) => eachBatch((batch) => batch.touchHost(id)),
		onRemoved(id) {
			book.removeHost(id);
			eachBatch((batch) => batch.touchHost(id));
		},
		onStatus(id, status, before) {
			if (
				status.channel === before.channel &&
				status.fault === before.fault &&
				status.attempt === before.attempt
			)
				return;
			if (status.channel === "reconnecting" && status.fault !== null)
				add(counts.reconnects, status.fault);
			for (const listener of listeners) listener.link?.(id, status);
		},
		onGap: (hostId, sentence) =>
			tell({
				kind: "gap",
				n: activityCount++,
				receivedAt: clock.wallMs(),
				hostId,
				sentence,
			}),
		onDecodeFault(hostId, why) {
			add(counts.decodeFaults, why.code);
			log("warn", "an agent said something unreadable", {
				hostId,
				code: why.code,
				sentence: why.sentence,
			});
		},
	});
	const rows: Rows = {
		epoch,
		fleetName: () => options.inventory?.name ?? "",
		host: fleet.row,
		run: (key) => book.runs.get(key),
		job: (id) => book.jobs.get(id),
		allHosts: fleet.rows,
		allRuns: () => [...book.runs.values()],
		allJobs: () => [...book.jobs.values()],
		recentActivity: (most) => recent.slice(-most),
	};

	const session = (): Answer<"session.read"> => ({
		version: options.version,
		shell: options.shell,
		fleet: rows.fleetName(),
		demo: options.demo,
		identity: contexts.identity === null ? null : shown(contexts.identity),
		startedAt,
		fault: options.fault as Answer<"session.read">["fault"],
	});

	const every = (ms: number, act: () => void): Cancel => {
		let cancel: Cancel = () => {};
		const arm = (): void => {
			cancel = clock.at(clock.monotonicMs() + ms, () => {
				act();
				arm();
			});
		};
		arm();
		return () => cancel();
	};
	const cancelVitals = every(VITALS_EVERY_MS, () => {
		const reading = vitals.read();
		loopLagMs = reading.loopLagMs;
		for (const served of windows.keys())
			void served.post("health", {
				at: clock.wallMs(),
				...reading,
				dialing: gate.inFlight,
				queued: gate.waiting,
			});
	});

	book.holdGroups(true);
	const holdUntilMs = clock.monotonicMs() + GROUPING_HOLD_MS;
	const cancelHold = every(GROUPING_LOOK_MS, () => {
		const all = [...fleet.members()].every((member) => member.hasReported());
		if (!all && clock.monotonicMs() < holdUntilMs) return;
		cancelHold();
		book.holdGroups(false);
	});
	fleet.apply(options.inventory?.hosts ?? []);

	return {
		fleetName: rows.fleetName(),
		fleet,
		book,
		figures: {
			...counts,
			framesSent: () =>
				[...windows.values()].reduce(
					(sum, { framesSent }) => sum + framesSent,
					framesOfClosed,
				),
			get loopLagMs() {
				return loopLagMs;
			},
		},
		attach(pipe) {
			// The batch exists before the bridge can be asked for a resync, and posts only after the bridge exists.
			let served: ServedPipe | null = null;
			const batch = openBatch({
				clock,
				rows,
				post: (frame) => served?.post("fleet", frame) ?? Promise.resolve(false),
			});
			served = serve(
				pipe,
				handlers({ fleet, book, batch, session }),
				(why) => {
					add(counts.refused, why.code);
					log("warn", "a window's message was refused", {
						code: why.code,
						sentence: why.sentence,
					});
				},
				() => {
					framesOfClosed += batch.framesSent;
					batch.close();
					if (served !== null) windows.delete(served);
				},
			);
			if (stopped) served.close();
			else windows.set(served, batch);
		},
		listen(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		woke: fleet.woke,
		networkReturned: fleet.networkReturned,
		setIdentity(identity) {
			contexts.replace(identity);
			fleet.identityChanged();
		},
		async stop() {
			stopped = true;
			cancelVitals();
			cancelHold();
			vitals.close();
			fleet.stop();
			for (const served of [...windows.keys()]) served.close();
			windows.clear();
			listeners.clear();
		},
	};
}

const add = (counts: Map<string, number>, name: string): void => {
	counts.set(name, (counts.get(name) ?? 0) + 1);
};

const shown = ({
	facts,
}: Identity): NonNullable<Answer<"session.read">["identity"]> => ({
	subject: facts.subject,
	expiresAt: facts.expiresAt,
	fingerprint256: facts.fingerprint256,
	home: facts.home,
});

/** Told before dialing, so that no agent sees a certificate that cannot work. */
function identityFault(identity: Identity | null, now: number): Fault | null {
	if (identity === null) return fault("identity.absent");
	const { expiresAt } = identity.facts;
	if (expiresAt > now) return null;
	return fault("tls.client-expired", {
		sentence: `your client certificate expired on ${new Date(expiresAt).toISOString().slice(0, 10)}`,
	} satisfies { sentence: string });
}

/** REST handshakes count in the same cap as sockets, so that a storm of polls does not stall the loop either. */
const restGate =
	(gate: ReturnType<typeof openDialGate>) =>
	(start: () => void): (() => void) =>
		gate.request({ priority: () => 0, granted: start });
