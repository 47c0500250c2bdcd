// `foredeck watch`: events and links on stdout, as JSON lines for scripts or as a live summary for people.
import type { Cancel, Clock } from "../../shared/clock.ts";
import type { Job } from "../../shared/model.ts";
import type { Console } from "../core/console.ts";
import { isSettled } from "../core/fleet/fleet.ts";
import type { Io } from "./io.ts";
import { EXIT } from "./io.ts";
import { activityLine, linkLine } from "./lines.ts";
import { jobEndText, overdueText, summaryText } from "./summary.ts";

export interface WatchOptions {
	readonly json: boolean;
	readonly untilIdle: boolean;
	/** Seconds; null: no limit. */
	readonly timeoutS: number | null;
}

/** How often the summary is redrawn and idleness looked at. */
const LOOK_EVERY_MS = 200;
/** Without a terminal the summary is written as lines, and not more often than this. */
const LINE_EVERY_MS = 2_000;

/**
 * Follows the console until it is told to stop, is idle (with `untilIdle`) or the time is over.
 * @returns an exit code of 04-INTERFACES section 1.
 */
export function watch(
	console: Console,
	options: WatchOptions,
	io: Io,
	clock: Clock,
): Promise<number> {
	const stopListening = options.json
		? printJson(console, io, clock)
		: printSummary(console, io, clock);
	return new Promise((resolve) => {
		let cancel: Cancel = () => {};
		const deadlineMs =
			options.timeoutS === null
				? Number.POSITIVE_INFINITY
				: clock.monotonicMs() + options.timeoutS * 1_000;
		const finish = (code: number): void => {
			cancel();
			stopListening();
			io.signal.removeEventListener("abort", interrupt);
			resolve(code);
		};
		const interrupt = (): void => finish(EXIT.interrupted);
		const look = (): void => {
			if (options.untilIdle && isIdle(console)) {
				finish(verdict(console));
				return;
			}
			if (clock.monotonicMs() >= deadlineMs) {
				io.err(
					`foredeck: the time of ${options.timeoutS} s is over${options.untilIdle ? " and the fleet is not idle" : ""}`,
				);
				finish(EXIT.timeout);
				return;
			}
			cancel = clock.at(
				Math.min(clock.monotonicMs() + LOOK_EVERY_MS, deadlineMs),
				look,
			);
		};
		if (io.signal.aborted) interrupt();
		else {
			io.signal.addEventListener("abort", interrupt);
			look();
		}
	});
}

function printJson(console: Console, io: Io, clock: Clock): Cancel {
	const print = (line: object): void => io.out(JSON.stringify(line));
	for (const { entry, link } of console.fleet.members())
		print(linkLine(entry.id, link.status, clock.wallMs()));
	return console.listen({
		link: (host, status) => print(linkLine(host, status, clock.wallMs())),
		activity: (event) => print(activityLine(event)),
	});
}

/** The summary line, with a line of its own for each job that ended and each run that is overdue. */
function printSummary(console: Console, io: Io, clock: Clock): Cancel {
	let cancel: Cancel = () => {};
	let lastLine = "";
	let lastLineMs = Number.NEGATIVE_INFINITY;
	const ended = new Set<string>();
	const draw = (): void => {
		for (const job of console.book.jobs.values()) {
			if (job.endedAt === null) ended.delete(job.id);
			else if (!ended.has(job.id)) {
				ended.add(job.id);
				io.out(`ended: ${jobEndText(job)}`);
			}
		}
		const line = summaryText(
			console.fleet.channels(),
			console.book.jobs.values(),
		);
		const now = clock.monotonicMs();
		if (
			!io.redraw(line) &&
			line !== lastLine &&
			now - lastLineMs >= LINE_EVERY_MS
		) {
			io.out(line);
			lastLine = line;
			lastLineMs = now;
		}
		cancel = clock.at(now + LOOK_EVERY_MS, draw);
	};
	draw();
	const stopListening = console.listen({
		activity(event) {
			if (event.kind === "overdue") io.out(overdueText(event));
		},
	});
	return () => {
		cancel();
		stopListening();
		const last = summaryText(
			console.fleet.channels(),
			console.book.jobs.values(),
		);
		if (last !== lastLine) io.out(last);
	};
}

/** Every link has settled, every reachable host told its jobs, and no run can still change by itself. */
export function isIdle(console: Console): boolean {
	const { fleet, book } = console;
	// What the first lists told is not told on yet: a failed job may be among it.
	if (book.isHolding) return false;
	for (const member of fleet.members()) {
		const { status } = member.link;
		if (!isSettled(status)) return false;
		const connected = status.channel === "live" || status.channel === "polling";
		if (!connected) continue;
		if (!member.hasListed() || book.openRuns(member.entry.id) > 0) return false;
	}
	return true;
}

/** 3 when the last word of any run is a failure, or a host cannot be reached without a person. */
export function verdict(console: Console): number {
	const { fleet, book } = console;
	const blocked = fleet.channels().blocked > 0;
	const failed = [...book.jobs.values()].some(isFailed);
	return blocked || failed ? EXIT.hostsFailed : EXIT.ok;
}

/** Whether some host of the job did not succeed although nobody cancelled it. */
export function isFailed({ counts }: Job): boolean {
	return counts.failed + counts.timed_out + counts.lost > 0;
}

/** Whether a job is over and covers nearly all of the fleet. */
export function isFleetWideAndOver(job: Job, fleetSize: number): boolean {
	return job.endedAt !== null && job.counts.host >= Math.ceil(fleetSize * 0.8);
}
