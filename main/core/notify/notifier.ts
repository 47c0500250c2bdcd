// Turns what the console tells into notes for a person: feeds the rules, keeps their time, files what they say, and hands
// effects to the shell. It decides nothing itself.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import type {
	Activity,
	Channel,
	HostId,
	Job,
	JobId,
	LinkStatus,
	RunState,
} from "../../../shared/model.ts";
import type { LocalTime } from "../../../shared/quietHours.ts";
import type { Expiring } from "../identity/expiry.ts";
import { stillAway } from "./fleetLoss.ts";
import type { Inbox } from "./inbox.ts";
import { clamped, filed, read, unreadFailures } from "./inbox.ts";
import type { NotifyMemory } from "./memory.ts";
import { memoryText } from "./memory.ts";
import type { Note, NoteEffect } from "./note.ts";
import { failuresIn } from "./note.ts";
import type { NotifyEvent, NotifySettings } from "./rules.ts";
import { nextAt, notice } from "./rules.ts";

/** Changes come in bursts, and a file is written for each. */
const KEEP_AFTER_MS = 1_000;
/** First failures remembered, of the jobs that failed last. */
const FIRST_FAILED_MOST = 1_000;

export interface NotifierPorts {
	readonly clock: Clock;
	/** The console, as far as it is needed here. */
	readonly console: {
		readonly book: { readonly jobs: ReadonlyMap<JobId, Job> };
		readonly fleet: { readonly size: number };
		listen(listener: {
			link(host: HostId, status: LinkStatus): void;
			activity(event: Activity): void;
		}): Cancel;
	};
	readonly memory: NotifyMemory;
	settings(): NotifySettings;
	/** Wall time (epoch ms) as the person's wall shows it. */
	localTime(at: number): LocalTime;
	/** The job before the person's eyes; null when there is none. */
	watching(): JobId | null;
	/** Shows or withdraws. Must not throw. */
	present(effect: NoteEffect): void;
	/** The inbox or its unread failures changed. */
	onInbox(inbox: Inbox, unread: number): void;
	/** Keeps the memory's text over a restart; called at most once a second, and at the end. */
	keep(text: string): void;
}

/** A job that came back from a history. */
export interface CameBack {
	readonly id: JobId;
	readonly firstFailed: HostId | null;
	/** It ended lately: if that was not told before Foredeck ended, it is told now. */
	readonly isNews: boolean;
}

export interface Notifier {
	readonly inbox: Inbox;
	readonly unread: number;
	/** What dropped together and has not healed, told or not; null: nothing did. */
	readonly loss: { readonly at: number; readonly away: number } | null;
	/** Marks these notes as read; all when null. */
	markRead(keys: readonly string[] | null): void;
	/** The identity in use was looked at: when it may be near its end, and when it is another one. */
	identityLooked(identity: Expiring | null): void;
	/** Puts a note into the inbox alone, unless the same words lie there under its key. */
	file(note: Note): void;
	cameBack(jobs: readonly CameBack[]): void;
	/** Keeps what was not yet kept, and tells nothing any more. */
	stop(): void;
}

const FAILURES: ReadonlySet<RunState> = new Set<RunState>([
	"failed",
	"timed_out",
	"lost",
]);
const UP: ReadonlySet<Channel> = new Set(["live", "polling"]);

export function openNotifier(ports: NotifierPorts): Notifier {
	const { clock, console } = ports;
	let { state, inbox } = ports.memory;
	let cancelTime: Cancel = () => {};
	let cancelKeep: Cancel | null = null;
	const firstFailed = new Map<JobId, HostId>();
	const up = new Set<HostId>();

	const keepSoon = (): void => {
		cancelKeep ??= clock.at(clock.monotonicMs() + KEEP_AFTER_MS, () => {
			cancelKeep = null;
			ports.keep(memoryText({ state, inbox }));
		});
	};
	const setInbox = (next: Inbox): void => {
		inbox = next;
		keepSoon();
		ports.onInbox(inbox, unreadFailures(inbox));
	};
	const send = (event: NotifyEvent): void => {
		const now = clock.wallMs();
		const [next, effects] = notice(state, event, {
			now,
			local: ports.localTime(now),
			settings: ports.settings(),
			watching: ports.watching(),
			hosts: console.fleet.size,
		});
		if (next === state) return;
		state = next;
		armTime(now);
		for (const effect of effects) {
			if (effect.kind === "show") setInbox(filed(inbox, effect.note));
			ports.present(effect);
		}
		if (effects.length > 0) keepSoon();
	};
	const armTime = (now: number): void => {
		cancelTime();
		const due = nextAt(state, now);
		if (due === null) return;
		cancelTime = clock.at(clock.monotonicMs() + Math.max(0, due - now), () =>
			send({ kind: "time" }),
		);
	};

	const jobTold = (id: JobId): void => {
		const job = console.book.jobs.get(id);
		if (job === undefined) return;
		// Most changes of most jobs; the rules would say the same after looking at the clock and the settings.
		if (job.endedAt === null && failuresIn(job.counts) === 0) return;
		send({
			kind: "jobChanged",
			job,
			openJobs: job.endedAt === null ? 0 : openJobs(id),
			firstFailed: firstFailed.get(id) ?? null,
		});
	};
	/** Counted only when a job has ended, which is rare. */
	const openJobs = (id: JobId): number => {
		let open = 0;
		for (const other of console.book.jobs.values())
			if (other.endedAt === null && other.id !== id) open++;
		return open;
	};
	const stopListening = console.listen({
		activity(line) {
			if (line.kind === "job") jobTold(line.jobId);
			if (line.kind !== "host" || !FAILURES.has(line.status)) return;
			if (firstFailed.has(line.jobId)) return;
			const [oldest] = firstFailed.keys();
			if (firstFailed.size >= FIRST_FAILED_MOST && oldest !== undefined)
				firstFailed.delete(oldest);
			firstFailed.set(line.jobId, line.hostId);
		},
		link(host, { channel }) {
			const isUp = UP.has(channel);
			// What was never there cannot drop, and what a person paused did not.
			if (isUp === up.has(host)) return;
			if (isUp) up.add(host);
			else up.delete(host);
			send({ kind: "linkChanged", host, up: isUp || channel === "paused" });
		},
	});
	armTime(clock.wallMs());

	return {
		get inbox() {
			return inbox;
		},
		get unread() {
			return unreadFailures(inbox);
		},
		get loss() {
			const { loss } = state;
			return loss.dropped.length === 0
				? null
				: { at: loss.at, away: stillAway(loss) };
		},
		markRead: (keys) =>
			setInbox(read(inbox, keys === null ? null : new Set(keys))),
		identityLooked: (identity) => send({ kind: "identity", identity }),
		file(asked) {
			const note = clamped(asked);
			const isThere = inbox.some(
				({ note: { key, body } }) => key === note.key && body === note.body,
			);
			if (!isThere) setInbox(filed(inbox, note));
		},
		cameBack(jobs) {
			for (const { id, firstFailed: host, isNews } of jobs) {
				if (host !== null) firstFailed.set(id, host);
				if (isNews) jobTold(id);
			}
		},
		stop() {
			stopListening();
			cancelTime();
			if (cancelKeep === null) return;
			cancelKeep();
			ports.keep(memoryText({ state, inbox }));
		},
	};
}
