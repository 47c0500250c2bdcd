// What the reader of one agent is asked, and what it needs of its surroundings. Only types.
import type { Clock } from "../../../shared/clock.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import type { AgentJobId, Source } from "../../../shared/model.ts";
import type { JobDetail } from "../agentApi/message.ts";
import type { HttpAnswer, RestTransport } from "../agentApi/rest.ts";
import type { KeptHost } from "../history/kept.ts";
import type { JobBook } from "../jobs/book.ts";
import type { Failure } from "../transport/transport.ts";
import type { AgentFacts } from "./agentFacts.ts";

export interface ReaderPorts {
	readonly clock: Clock;
	readonly book: JobBook;
	openRest(): RestTransport;
	/** What a history knows of the host; absent or null: nothing. */
	readonly kept?: KeptHost | null;
	/** How long an idle request connection is kept. */
	keepMs(): number;
	classify(failure: Failure): Fault;
	/** Facts changed; read them from `facts`. */
	onFacts(): void;
	/** An answer arrived: the host lives. */
	onHeard(): void;
	onVersionChanged(before: string, now: string): void;
	/** A list came, and is not in the book yet. */
	onListed(jobs: readonly AgentJobId[]): void;
	/** The book took in what was read: the host's open runs may be others now. */
	onRead(): void;
	/** A row or answer that could not be read was left out. */
	onDecodeFault(why: Fault): void;
}

export interface Reader {
	readonly facts: AgentFacts;
	/** Reads the list, health when it is old, and the details that the list calls for. */
	relist(source: Source, signal: AbortSignal): Promise<Result<void>>;
	/** Reads health alone, for its extensions; a failure changes nothing. */
	learn(signal: AbortSignal): Promise<void>;
	/** Something happened to this run: fetch what push did not carry, debounced. */
	hint(run: AgentJobId): void;
	/** One run in full, for a person who looks at it. */
	output(run: AgentJobId): Promise<Result<JobDetail>>;
	/** One GET within the agent's budget; for the event log. */
	get(path: string, options: GetOptions): Promise<Result<HttpAnswer>>;
	/** Marks the host unreachable, or back to what its health says. */
	setUnreachable(unreachable: boolean): void;
	/** Health and list will be read afresh at the next relist. */
	forget(): void;
	/** The next request goes by a new connection; those in flight fail. */
	renew(): void;
	close(): void;
}

export interface GetOptions {
	readonly maxBytes: number;
	readonly signal: AbortSignal;
	readonly timeoutMs?: number;
	/** A long-poll holds its connection for a minute, so it has one of its own. Both lanes share the budget. */
	readonly lane?: "long";
}
