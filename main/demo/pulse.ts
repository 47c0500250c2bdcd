// One timer for every heartbeat of every agent in this process: connections join, are beaten once a period, and leave.
// Spread over slots, so that a thousand connections are not beaten in one turn; no timer while nobody has joined.
import type { Cancel, Clock } from "../../shared/clock.ts";

/** Beats its members. */
export interface Pulse {
	/** Runs `beat` once a period until cancelled; the first time one period from now, to the grain of a slot. */
	join(beat: () => void): Cancel;
	/** Lets everybody go. */
	stop(): void;
}

/** `slots` beats a period: the grain at which members are spread. */
export function createPulse(clock: Clock, periodMs: number, slots = 25): Pulse {
	const members = Array.from({ length: slots }, () => new Set<() => void>());
	let count = 0;
	let turn = 0;
	let timer: Cancel | undefined;
	const arm = (): void => {
		timer = clock.at(clock.monotonicMs() + periodMs / slots, () => {
			turn = (turn + 1) % slots;
			for (const beat of [...(members[turn] ?? [])]) beat();
			if (count > 0) arm();
			else timer = undefined;
		});
	};
	return {
		join(beat) {
			const slot = members[turn];
			// A wrapper of its own, so that the same function may join twice.
			const member = () => beat();
			slot?.add(member);
			count++;
			if (timer === undefined) arm();
			return () => {
				if (slot?.delete(member)) count--;
			};
		},
		stop() {
			for (const slot of members) slot.clear();
			count = 0;
			timer?.();
			timer = undefined;
		},
	};
}
