// One fact about one host run, whatever way it reached us: the only thing `reduce` takes.
import type {
	AgentJobId,
	HostId,
	RunState,
	Source,
} from "../../../shared/model.ts";

export interface RunFact {
	readonly hostId: HostId;
	readonly agentJobId: AgentJobId;
	readonly state: RunState;
	readonly rawStatus: string;
	readonly source: Source;
	/** REST answers may replace one terminal state by another; pushed events may not. */
	readonly authoritative: boolean;
	/** By our clock, epoch ms. */
	readonly receivedAt: number;
	/** The agent's own time of the fact, as text for people; null when it told none. */
	readonly atText: string | null;
	/** Absent: this way of telling does not carry it, keep what is known. Null: the agent says there is none. */
	readonly operation?: string;
	readonly packages?: readonly string[];
	readonly progress?: number | null;
	readonly message?: string;
	readonly error?: string | null;
	readonly errorCode?: string | null;
	readonly exitCode?: number | null;
	readonly createdAt?: number | null;
	readonly completedAt?: number | null;
	/** When the run was created, by our clock: the agent's time corrected by the skew that it has now. */
	readonly startAt?: number;
}
