// What the bench asks of its child processes: the generator (every agent of a fleet in one process) and the subjects (what
// is measured, one thing a process). Only types.
import type { ScriptOptions } from "./script.ts";

/** A certificate of the run's throw-away authority. PEM. */
export interface Credentials {
	readonly caPem: string;
	readonly certPem: string;
	readonly keyPem: string;
}

/** The name in the generator's certificate. */
export const SERVERNAME = "agent.fleet.test";

/** Calls of generator.ts. */
export type GeneratorCalls = {
	/** Listens on several ports of 127.0.0.1, because one port's queue of new connections is short. */
	listen(question: {
		readonly server: Credentials;
		readonly script: ScriptOptions;
	}): Promise<{ readonly ports: number[] }>;
	/** Sends a part of the script on every link, as fast as they take it. Answers when all is handed over. */
	flood(question: {
		readonly part: number;
	}): Promise<{ readonly sent: number }>;
	/** Sends the first part at this pace, one event per TLS record, links in turn and each at another place of its run, until `hush`. */
	pace(question: { readonly eventsPerSecond: number }): void;
	/** Ends the pace and every run that was begun. `runsEnded`: by then, in total. */
	hush(question: null): { readonly runsEnded: number };
	/** Ends every connection without a word; the process lives on. */
	cut(question: null): void;
	count(question: null): {
		/** Events sent so far. */
		readonly sent: number;
		/** REST requests answered so far. */
		readonly requests: number;
		/** Connections open now. */
		readonly connections: number;
		readonly webSockets: number;
		/** Handshakes so far, and those of them that resumed a session. */
		readonly handshakes: number;
		readonly resumed: number;
		readonly cpuMicros: number;
	};
};

export const ROLES = [
	/** `tls.connect` with a shared context and nothing else: the bare connection. */
	"bareSockets",
	/** `ws` client, `on("message")`, `JSON.parse`, nothing else: the baseline (b) of events. */
	"bareWebSockets",
	/** Our WebSocket transport without links. */
	"transportOnly",
	/** Transport, link machine, heartbeat wheel and dial gate; agents whose extensions are known, so no REST. */
	"linksOnly",
	/** Everything the product runs: openConsole with its fleet, and one window that only acknowledges. */
	"wholeConsole",
] as const;
export type Role = (typeof ROLES)[number];

export interface ConnectOrder {
	readonly role: Role;
	readonly client: Credentials;
	readonly ports: readonly number[];
	readonly links: number;
	/** Of these, connected before the first mark: they warm the code up and pay for what is paid once. */
	readonly warmLinks: number;
	/** Collect garbage before the first mark; it throws warm code away as well, so only where memory is measured. */
	readonly collect: boolean;
	/** For roles without a dial gate: connects at the same time. */
	readonly atOnce: number;
}

/** What a process has used so far. */
export interface Mark {
	/** User and system. */
	readonly cpuMicros: number;
	readonly wallMs: number;
	readonly rssBytes: number;
	readonly heapBytes: number;
}

/** Calls of subject.ts. */
export type SubjectCalls = {
	/** Connects; answers when every link is open and has nothing more to ask. */
	connect(order: ConnectOrder): Promise<{
		/** With the warm links open. */
		readonly before: Mark;
		readonly after: Mark;
		/** Lateness of the event loop while the rest connected. */
		readonly loop: { readonly p99Ms: number; readonly maxMs: number };
	}>;
	/** Answers when every link is open again after the generator has cut them all. `forget`: TLS sessions are dropped first. */
	reconnect(question: {
		readonly links: number;
		readonly forget: boolean;
	}): Promise<Mark>;
	/** `collect`: garbage is collected first. */
	mark(question: { readonly collect: boolean }): Promise<Mark>;
	/** Answers when so many events were taken in since the start, or so many runs have ended: whichever the role can tell. */
	taken(question: {
		readonly events: number;
		readonly runsEnded: number;
	}): Promise<Mark>;
	/** Links that are open now. */
	open(question: null): number;
};

/** Calls of windowCore.ts. */
export type WindowCoreCalls = {
	/** Opens a core on so many hosts and serves its window. Answers at once: the fleet connects meanwhile. */
	open(question: {
		readonly hosts: number;
		readonly client: Credentials;
	}): Promise<{
		/** With the token, which is for one browser. */
		readonly address: string;
	}>;
	/** Answers when every host is live and told what it has. */
	ready(question: { readonly hosts: number }): Promise<{
		/** The job that works on every host. */
		readonly job: string;
	}>;
	/** Lets so many events a second happen until `hush`. */
	pace(question: { readonly eventsPerSecond: number }): void;
	hush(question: null): void;
	/** These hosts are on the screen: some events are theirs. */
	look(question: { readonly hosts: readonly string[] }): void;
	/** Events that happened so far. */
	count(question: null): { readonly sent: number };
};
