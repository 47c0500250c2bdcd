// Of one job: how many of its hosts were not heard of since Foredeck was started. Pure; looks again only when it may be another
// answer.
import type { JobId, RunKey } from "../../shared/model.ts";
import type { Fleet, LastKnown } from "./replica.ts";

export interface JobLastKnown {
	/** Hosts of the job that were not heard of, of so many. */
	readonly hosts: number;
	readonly of: number;
	/** The newest of what is known of them, epoch ms. */
	readonly asOf: number;
}

const ALL_HEARD: JobLastKnown = { hosts: 0, of: 0, asOf: 0 };

/** The same reference while the answer is the same. */
export function createJobLastKnown(): (
	fleet: Fleet,
	id: JobId,
) => JobLastKnown {
	let lastKnown: LastKnown | null = null;
	let runs: readonly RunKey[] | undefined;
	let answer = ALL_HEARD;
	return (fleet, id) => {
		const now = fleet.runsOfJob.get(id);
		if (fleet.lastKnown.hosts === 0) return ALL_HEARD;
		if (fleet.lastKnown === lastKnown && now === runs) return answer;
		lastKnown = fleet.lastKnown;
		runs = now;
		const next = counted(fleet, now ?? []);
		if (
			next.hosts !== answer.hosts ||
			next.of !== answer.of ||
			next.asOf !== answer.asOf
		)
			answer = next;
		return answer;
	};
}

function counted({ replica }: Fleet, keys: readonly RunKey[]): JobLastKnown {
	let hosts = 0;
	let asOf = 0;
	for (const key of keys) {
		const run = replica.runs.get(key);
		const host = run && replica.hosts.get(run.hostId);
		if (host?.lastKnown !== true) continue;
		hosts++;
		asOf = Math.max(asOf, host.heardAt ?? 0);
	}
	return hosts === 0 ? ALL_HEARD : { hosts, of: keys.length, asOf };
}
