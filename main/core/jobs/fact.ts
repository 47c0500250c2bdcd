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
	/**
	 * Undefined or absent: this way of telling does not carry it, keep what is known. Null: the agent says there is none.
	 * What is made of messages (`facts.ts`) has every field, in one order, because engines read objects of one shape fastest.
	 */
	readonly operation?: string | undefined;
	readonly packages?: readonly string[] | undefined;
	readonly progress?: number | null | undefined;
	readonly message?: string | undefined;
	readonly error?: string | null | undefined;
	readonly errorCode?: string | null | undefined;
	readonly exitCode?: number | null | undefined;
	readonly createdAt?: number | null | undefined;
	readonly completedAt?: number | null | undefined;
	/** When the run was created, by our clock: the agent's time corrected by the skew that it has now. */
	readonly startAt?: number | undefined;
}
