// When the switches that act by themselves act: at a moment of a job, after some seconds, or again and again.
// Knows what is to be done only by name; the agent does it.

import type { FaultSet } from "./faultSet.ts";
import type { AgentFault, FaultOf } from "./faults.ts";
import type { Moment } from "./jobTable.ts";

type Deed = FaultOf<"cut"> | FaultOf<"kill"> | FaultOf<"restart">;

/** What may happen to an agent. */
export interface Deeds {
	cut(): void;
	kill(): void;
	revive(): void;
	restart(options: { forget?: boolean; downMs?: number }): void;
	phantom(): void;
}

export interface Timetable {
	/** Puts a switch's deeds on the clock, when it has any. */
	plan(fault: AgentFault): void;
	/** A job that counts reached a moment. */
	moment(moment: Moment): void;
}

/** `later` runs something in so many milliseconds unless the agent has stopped by then. */
export function createTimetable(
	faults: FaultSet,
	later: (ms: number, run: () => void) => void,
	deeds: Deeds,
): Timetable {
	let started = 0;
	const done = new WeakSet<Deed>();
	const act = (deed: Deed): void => {
		if (done.has(deed)) return;
		done.add(deed);
		if (deed.kind === "cut") deeds.cut();
		else if (deed.kind === "restart")
			deeds.restart({
				downMs: (deed.downSeconds ?? 1) * 1000,
				...(deed.forget === undefined ? {} : { forget: deed.forget }),
			});
		else {
			deeds.kill();
			if (deed.backAfterSeconds !== undefined)
				later(deed.backAfterSeconds * 1000, deeds.revive);
		}
	};
	const again = (
		fault: FaultOf<"flapping"> | FaultOf<"phantom">,
		run: () => void,
	): void =>
		later(fault.everySeconds * 1000, () => {
			if (faults.get(fault.kind) !== fault) return;
			run();
			again(fault, run);
		});
	return {
		plan(fault) {
			done.delete(fault as Deed);
			switch (fault.kind) {
				case "flapping":
					return again(fault, deeds.cut);
				case "phantom":
					return again(fault, deeds.phantom);
				case "cut":
				case "kill":
				case "restart": {
					const { afterSeconds } = fault;
					if (afterSeconds === undefined) return;
					return later(afterSeconds * 1000, () => {
						if (faults.get(fault.kind) === fault) act(fault);
					});
				}
			}
		},
		moment(moment) {
			// One job runs at a time, so the one a moment belongs to is the last that started.
			if (moment === "start") started++;
			for (const kind of ["cut", "kill", "restart"] as const) {
				const deed = faults.get(kind);
				if (deed === undefined || deed.afterSeconds !== undefined) continue;
				if (moment === (deed.at ?? "middle") && started === (deed.job ?? 1))
					act(deed);
			}
		},
	};
}
