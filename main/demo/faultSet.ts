// The switches one agent has thrown at the moment; tests and the timetable change them while it runs.
import type { AgentFault, FaultKind, FaultOf } from "./faults.ts";

/** At most one switch of each kind; a later one replaces the earlier. */
export interface FaultSet {
	get<K extends FaultKind>(kind: K): FaultOf<K> | undefined;
	/** The switch, when it is thrown and covers this REST path (without `/api/v1`). */
	covering<
		K extends
			| "rate-limit"
			| "empty-405"
			| "success-false"
			| "truncated-json"
			| "slow-loris",
	>(kind: K, path: string): FaultOf<K> | undefined;
	set(fault: AgentFault): void;
	/** Takes one back, or all. */
	clear(kind?: FaultKind): void;
}

export function createFaultSet(initial: readonly AgentFault[]): FaultSet {
	const thrown = new Map<FaultKind, AgentFault>(
		initial.map((fault) => [fault.kind, fault]),
	);
	const get = <K extends FaultKind>(kind: K): FaultOf<K> | undefined =>
		thrown.get(kind) as FaultOf<K> | undefined;
	return {
		get,
		covering(kind, path) {
			const fault = get(kind);
			// All kinds that may be asked for have a path; the compiler cannot see that through a generic one.
			const prefix = (fault as { readonly path?: string } | undefined)?.path;
			return prefix === undefined || path.startsWith(prefix)
				? fault
				: undefined;
		},
		set: (fault) => void thrown.set(fault.kind, fault),
		clear(kind) {
			if (kind === undefined) thrown.clear();
			else thrown.delete(kind);
		},
	};
}
