// Follows the numbered event log of an agent that keeps one (extensions events.v1 and longpoll.v1, 03-BEHAVIOUR section 6):
// resumes where we were, fills gaps, notices that the agent lost its memory, and says so when something is missing for good.
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { Source } from "../../../shared/model.ts";
import { decodeEventPage } from "../agentApi/decode.ts";
import type { RunEvent } from "../agentApi/message.ts";
import type { Cursor } from "./cursor.ts";
import { place } from "./cursor.ts";
import type { GetOptions, Reader } from "./reader.ts";

const PAGE_LIMIT = 1_000;
const PAGE_BYTES = 4 * 1024 * 1024;
/** The agent answers after 60 s at the latest; 5 s for the way. */
const WAIT_S = 60;
const WAIT_TIMEOUT_MS = 65_000;
/** Events that may wait for a gap to be filled; beyond it everything is read again. */
const WAITING_MOST = 2_000;

export interface EventLogPorts {
	get: Reader["get"];
	/** An event in its order, exactly once. */
	apply(event: RunEvent, source: Source): void;
	relist(source: Source, signal: AbortSignal): Promise<Result<void>>;
	/** We know that we missed something. */
	onGap(sentence: string): void;
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

export function openEventLog(ports: EventLogPorts): EventLog {
	let cursor: Cursor | null = null;
	let waiting: { event: RunEvent; source: Source }[] = [];
	let filling = false;

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

	const startAgain = async (
		epoch: string,
		seq: number,
		sentence: string,
		source: Source,
		signal: AbortSignal,
	): Promise<void> => {
		ports.onGap(sentence);
		cursor = { epoch, seq };
		await ports.relist(source, signal);
	};

	/** Applies a page; where it does not continue our log, everything is read again. */
	const takePage = async (
		page: NonNullable<Awaited<ReturnType<typeof readPage>>>,
		source: Source,
		signal: AbortSignal,
	): Promise<void> => {
		const last = page.events.at(-1)?.seq ?? page.next;
		if (cursor === null)
			// The first page repeats what the relist told; what came in between is told here alone, so all of it is applied.
			cursor = {
				epoch: page.epoch,
				seq: (page.events[0]?.seq ?? page.next + 1) - 1,
			};
		else if (page.epoch !== cursor.epoch)
			return startAgain(
				page.epoch,
				last,
				"the agent restarted and began a new event log; its jobs were read again",
				source,
				signal,
			);
		else if (page.oldest > cursor.seq + 1)
			return startAgain(
				page.epoch,
				last,
				`${page.oldest - cursor.seq - 1} events are no longer in the agent’s log; its jobs were read again`,
				source,
				signal,
			);
		for (const event of page.events) step(event, source);
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

	let lastFault: Fault | null = null;
	function failedPage(why: Fault): undefined {
		lastFault = why;
		return undefined;
	}

	const fill = async (signal: AbortSignal): Promise<void> => {
		filling = true;
		const since = cursor?.seq ?? 0;
		const page = await readPage(
			`/events?since=${since}&limit=${PAGE_LIMIT}`,
			signal,
		);
		if (page === undefined) {
			const newest = waiting.at(-1)?.event;
			if (newest?.seq != null && newest.epoch !== null && !signal.aborted)
				await startAgain(
					newest.epoch,
					newest.seq,
					"events are missing and the agent’s log could not be read; its jobs were read again",
					"reconcile",
					signal,
				);
		} else if (page !== null) await takePage(page, "reconcile", signal);
		const held = waiting;
		waiting = [];
		filling = false;
		for (const { event, source } of held) {
			const where = step(event, source);
			// Still not contiguous after reading the log: what the log holds is the truth, go on from here.
			if (where === "gap" && event.seq !== null && event.epoch !== null) {
				cursor = { epoch: event.epoch, seq: event.seq };
				ports.apply(event, source);
			}
		}
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
			if (filling) {
				if (waiting.length < WAITING_MOST) waiting.push({ event, source });
				return;
			}
			const where = step(event, source);
			if (where === "apply" || where === "duplicate") return;
			waiting.push({ event, source });
			void fill(signal);
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
