// Says once that a host has not been reached ten times in a row (03-BEHAVIOUR section 1), and many at once in one line: the
// links go on trying for ever, and a person should not have to look for the host that never comes back.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { FaultCode } from "../../../shared/fault.ts";
import type { HostId, LinkStatus } from "../../../shared/model.ts";

/** Failures in a row, about five minutes, after which it is told. */
const TENTH = 10;
/** Jitter brings the hosts of one outage to their tenth failure within about this time (ms). */
const TOGETHER_MS = 30_000;
/** More than this within that time are one line. */
const LINES_MOST = 5;
/** Of the reason, in characters. */
const WORDS_CHARACTERS = 300;

export interface OutagePorts {
	readonly clock: Clock;
	/** One line for a person; `hostId` is null when it is about several. */
	tell(hostId: HostId | null, sentence: string, code?: FaultCode): void;
}

export interface Outages {
	/** To be called with every status of every link. */
	note(id: HostId, status: LinkStatus): void;
	/** The host left the fleet. */
	forget(id: HostId): void;
	/** Nothing is told any more. */
	stop(): void;
}

export function openOutages({ clock, tell }: OutagePorts): Outages {
	/** Told, or about to be, and not back since. */
	const told = new Set<HostId>();
	const waiting = new Map<HostId, LinkStatus>();
	let cancel: Cancel | null = null;

	const flush = (): void => {
		cancel = null;
		if (waiting.size > LINES_MOST)
			tell(
				null,
				`${waiting.size} hosts were not reached in ${TENTH} attempts; Foredeck goes on trying`,
			);
		else
			for (const [id, { fault, sentence }] of waiting)
				tell(
					id,
					`not reached in ${TENTH} attempts, and Foredeck goes on trying: ${(sentence ?? "no reason known").slice(0, WORDS_CHARACTERS)}`,
					fault ?? undefined,
				);
		waiting.clear();
	};
	const forget = (id: HostId): void => {
		told.delete(id);
		waiting.delete(id);
	};
	return {
		note(id, status) {
			const { channel, attempt } = status;
			// Polling begins before anything was answered: only an answer, which ends the attempts, is a return.
			if (channel === "live" || (channel === "polling" && attempt === 0))
				return forget(id);
			// A blocked link says so itself, and a network of ours that is gone says nothing about the host.
			if (status.channel !== "reconnecting" || status.attempt < TENTH) return;
			if (told.has(id)) return;
			told.add(id);
			waiting.set(id, status);
			cancel ??= clock.at(clock.monotonicMs() + TOGETHER_MS, flush);
		},
		forget,
		stop() {
			cancel?.();
			cancel = null;
			waiting.clear();
		},
	};
}
