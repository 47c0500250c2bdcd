// Follows the numbered event log of an agent that keeps one (extensions events.v1 and longpoll.v1, 03-BEHAVIOUR section 6):
// resumes where we were, fills gaps, notices that the agent lost its memory, and says so when something is missing for good.
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { Source } from "../../../shared/model.ts";
import { decodeEventPage } from "../agentApi/decode.ts";
import type { EventPage, RunEvent } from "../agentApi/message.ts";
import type { Cursor } from "./cursor.ts";
import { place } from "./cursor.ts";
import type { GetOptions, Reader } from "./readerTypes.ts";

const PAGE_LIMIT = 1_000;
const PAGE_BYTES = 4 * 1024 * 1024;
/** The agent answers after 60 s at the latest; 5 s for the way. */
const WAIT_S = 60;
const WAIT_TIMEOUT_MS = 65_000;
/** Events that may wait for a gap to be filled; beyond it only the newest waits, and the log tells what came before it. */
const WAITING_MOST = 2_000;

const NEW_LOG =
	"the agent restarted and began a new event log; its jobs were read again";

export interface EventLogPorts {
	get: Reader["get"];
	/** An event in its order, exactly once. */
	apply(event: RunEvent, source: Source): void;
	relist(source: Source, signal: AbortSignal): Promise<Result<void>>;
	/** We know that we missed something. */
	onGap(sentence: string): void;
	/** As onGap; the agent began a new log, so it restarted. */
	onRestarted(sentence: string): void;
	onDecodeFault(why: Fault): void;
}

export interface EventLog {
	/** What to send after `connected` to resume; null: nothing to resume from. */
	subscribeFrame(): string | null;
	/** A pushed event that carries `seq` and `epoch`. */
	take(event: RunEvent, source: Source, signal: AbortSignal): void;
	/** One long-poll: answers when there are events, or nothing for a minute. */
	poll(signal: AbortSignal): Promise<Result<{ events: number }>>;
	readonly cursor: Cursor | null;
}

/** An event that could not be taken in yet. */
interface Waiting {
	readonly event: RunEvent;
	readonly source: Source;
	/** Of the connection it came by. When that is gone, the next one resumes from the cursor. */
	readonly signal: AbortSignal;
}

export function openEventLog(ports: EventLogPorts): EventLog {
	let cursor: Cursor | null = null;
	const waiting: Waiting[] = [];
	let filling = false;
	let lastFault: Fault | null = null;

	/** Takes an event that stands at its place; others are left to the caller. */
	const step = (event: RunEvent, source: Source) => {
		const { seq, epoch } = event;
		if (seq === null || epoch === null) {
			ports.apply(event, source);
			return "apply" as const;
		}
		const where = place(cursor, seq, epoch);
		if (where === "apply") {
			cursor = { epoch, seq };
			ports.apply(event, source);
		}
		return where;
	};

	/** A new log says by itself why the old one ends; a gap in a log is told with `sentence`. */
	const startAgain = async (
		at: Cursor,
		sentence: string,
		source: Source,
		signal: AbortSignal,
	): Promise<void> => {
		if (cursor !== null && cursor.epoch !== at.epoch)
			ports.onRestarted(NEW_LOG);
		else ports.onGap(sentence);
		cursor = at;
		await ports.relist(source, signal);
	};

	/** Applies a page; where it does not continue our log, everything is read again. */
	const takePage = async (
		page: EventPage,
		source: Source,
		signal: AbortSignal,
	): Promise<void> => {
		const { epoch, next, oldest } = page;
		const end = { epoch, seq: page.events.at(-1)?.seq ?? next };
		if (cursor === null)
			// The first page repeats what the relist told; what came in between is told here alone, so all of it is applied.
			cursor = { epoch, seq: (page.events[0]?.seq ?? next + 1) - 1 };
		else if (epoch !== cursor.epoch)
			return startAgain(end, NEW_LOG, source, signal);
		else if (oldest > cursor.seq + 1)
			return startAgain(
				end,
				`${oldest - cursor.seq - 1} events are no longer in the agent’s log; its jobs were read again`,
				source,
				signal,
			);
		const { broken } = page;
		const missing = applyAll(page, source) - broken;
		if (broken > 0)
			ports.onDecodeFault(
				fault("ws.bad-frame", {
					sentence: `${broken} logged events cannot be read`,
				}),
			);
		if (missing > 0)
			ports.onGap(
				`${missing} events are missing in the agent’s log; its jobs were read again`,
			);
		if (broken > 0 || missing > 0) await ports.relist(source, signal);
	};

	/** The log is the truth: what is missing inside a page will not come by asking again. @returns how many are missing, those that cannot be read included. */
	const applyAll = ({ events, epoch, next }: EventPage, source: Source) => {
		let missing = 0;
		for (const event of events) {
			if (step(event, source) !== "gap" || event.seq === null) continue;
			missing += event.seq - (cursor?.seq ?? 0) - 1;
			cursor = { epoch, seq: event.seq - 1 };
			step(event, source);
		}
		const seq = cursor?.seq ?? next;
		if (next <= seq) return missing;
		cursor = { epoch, seq: next };
		return missing + next - seq;
	};

	const readPage = async (
		path: string,
		signal: AbortSignal,
		more: Pick<GetOptions, "lane" | "timeoutMs"> = {},
	) => {
		const answer = await ports.get(path, {
			maxBytes: PAGE_BYTES,
			signal,
			...more,
		});
		if (!answer.ok) return failedPage(answer.fault);
		const page = decodeEventPage(answer.value);
		if (page.kind === "ok") return page.value;
		const why =
			page.kind === "fault"
				? page.fault
				: fault("http.unexpected", { sentence: page.message });
		ports.onDecodeFault(why);
		return failedPage(why);
	};

	function failedPage(why: Fault): undefined {
		lastFault = why;
		return undefined;
	}

	const isAhead = ({ seq, epoch }: RunEvent): boolean => {
		if (seq === null || epoch === null) return false;
		const where = place(cursor, seq, epoch);
		return where === "gap" || where === "newEpoch";
	};

	/** Reads the log until it reaches the event, or has no more to tell. */
	const readUpTo = async ({ event, signal }: Waiting): Promise<void> => {
		for (let before: Cursor | null = null; isAhead(event); ) {
			if (cursor === before) return;
			before = cursor;
			const page = await readPage(
				`/events?since=${cursor?.seq ?? 0}&limit=${PAGE_LIMIT}`,
				signal,
			);
			if (page === undefined || page === null || signal.aborted) return;
			await takePage(page, "reconcile", signal);
		}
	};

	const fill = async (): Promise<void> => {
		filling = true;
		for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
			const { event, source, signal } = first;
			if (!signal.aborted && isAhead(event)) await readUpTo(first);
			waiting.shift();
			if (signal.aborted) continue;
			const { seq, epoch } = event;
			if (isAhead(event) && seq !== null && epoch !== null)
				await startAgain(
					{ epoch, seq: seq - 1 },
					"events are missing and the agent’s log does not tell them; its jobs were read again",
					"reconcile",
					signal,
				);
			step(event, source);
		}
		filling = false;
	};

	return {
		get cursor() {
			return cursor;
		},
		subscribeFrame: () =>
			cursor === null
				? null
				: JSON.stringify({
						action: "subscribe",
						since: cursor.seq,
						epoch: cursor.epoch,
					}),
		take(event, source, signal) {
			if (!filling) {
				const where = step(event, source);
				if (where === "apply" || where === "duplicate") return;
			}
			// The first one is being worked on.
			if (waiting.length >= WAITING_MOST) waiting.splice(1);
			waiting.push({ event, source, signal });
			if (!filling) void fill();
		},
		async poll(signal) {
			const page = await readPage(
				`/events?since=${cursor?.seq ?? 0}&wait=${WAIT_S}`,
				signal,
				{ lane: "long", timeoutMs: WAIT_TIMEOUT_MS },
			);
			if (page === undefined)
				return failed(lastFault ?? fault("http.unexpected"));
			if (page === null) return ok({ events: 0 });
			await takePage(page, "longpoll", signal);
			return ok({ events: page.events.length });
		},
	};
}
