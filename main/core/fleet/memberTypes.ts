// What one host of the fleet is to others, and what it needs of its surroundings. Only types.
import type { Clock } from "../../../shared/clock.ts";
import type { Fault, FaultCode, Result } from "../../../shared/fault.ts";
import type {
	Host,
	HostEvent,
	HostId,
	LinkStatus,
} from "../../../shared/model.ts";
import type { RestTransport } from "../agentApi/rest.ts";
import type { KeptHost } from "../history/kept.ts";
import type { JobBook } from "../jobs/book.ts";
import type { Link } from "../link/runner.ts";
import type { Log } from "../ports.ts";
import type { Transport } from "../transport/transport.ts";
import type { DialGate } from "./dialGate.ts";
import type { Reader } from "./readerTypes.ts";
import type { HostEntry } from "./target.ts";
import type { DeadlineWheel } from "./wheel.ts";

export interface MemberPorts {
	readonly clock: Clock;
	readonly random: () => number;
	readonly log: Log;
	readonly book: JobBook;
	readonly transport: Transport;
	readonly gate: DialGate;
	readonly wheel: DeadlineWheel;
	openRest(entry: HostEntry): RestTransport;
	/** What a history knows of this host, once; absent: nothing of any. */
	takeKept?(entry: HostEntry): KeptHost | null;
	preflight(): Fault | null;
	signChallenge(nonce: string, servername: string): Result<string>;
	isAttended(id: HostId): boolean;
	/** The only host of the fleet that has this servername; null: none, or several. */
	ownerOf(servername: string): HostId | null;
	onTouched(id: HostId): void;
	onStatus(id: HostId, status: LinkStatus, before: LinkStatus): void;
	onEvent(): void;
	/** We missed something, or know that the agent restarted: then with the code. */
	onGap(id: HostId, sentence: string, code?: FaultCode): void;
	onDecodeFault(id: HostId, why: Fault): void;
}

export interface Member {
	readonly entry: HostEntry;
	readonly link: Link;
	row(): Host;
	relabel(labels: Readonly<Record<string, string>>): void;
	readonly reader: Reader;
	/** Its first list is in, or it is known that it will not come soon. */
	hasReported(): boolean;
	/** Its list has been read since the link came up, and nothing told by push waits for its detail. */
	hasListed(): boolean;
	/** A change of one of its runs was told. */
	runTold(event: HostEvent): void;
	/** After sleep or a change of networks: asks anew by new connections, and reads the list of a live host within seconds. */
	renew(): void;
	/** Wall time of the last sign of life, or null. */
	heardAt(): number | null;
	stop(): void;
}
