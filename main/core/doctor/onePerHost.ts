// The window's doctor: diagnoses hosts of the fleet on demand, one diagnosis at a time per host and with a limit of time.
// Who asks while one is under way is told its result.
import type { Clock } from "../../../shared/clock.ts";
import type { HostId } from "../../../shared/model.ts";
import type { DoctorPorts } from "../doctor.ts";
import { diagnose } from "../doctor.ts";
import type { HostEntry } from "../fleet/target.ts";
import type { Diagnosis } from "./chart.ts";

/** Longest a window waits for its answer. */
export const DIAGNOSIS_LIMIT_MS = 60_000;

/** Diagnoses hosts for windows. */
export interface Doctor {
	/** @param skewMs agent's clock minus ours; null: unknown. */
	diagnose(entry: HostEntry, skewMs: number | null): Promise<Diagnosis>;
	/** Stops what is under way; nothing stays open. */
	close(): void;
}

export function openDoctor(
	ports: DoctorPorts,
	limitMs: number = DIAGNOSIS_LIMIT_MS,
): Doctor {
	const underWay = new Map<HostId, Promise<Diagnosis>>();
	const closing = new AbortController();
	return {
		diagnose(entry, skewMs) {
			const before = underWay.get(entry.id);
			if (before !== undefined) return before;
			const limit = openLimit(ports.clock, limitMs);
			const signal = AbortSignal.any([closing.signal, limit.signal]);
			const now = diagnose(entry, ports, { skewMs, signal }).finally(() => {
				limit.end();
				underWay.delete(entry.id);
			});
			underWay.set(entry.id, now);
			return now;
		},
		close: () => closing.abort(),
	};
}

/** A signal that aborts after `forMs`, unless it was ended before. */
export function openLimit(
	clock: Clock,
	forMs: number,
): { readonly signal: AbortSignal; end(): void } {
	const controller = new AbortController();
	const end = clock.at(clock.monotonicMs() + forMs, () => controller.abort());
	return { signal: controller.signal, end };
}
