// Whole hosts of the core, each with its link, reader and event log, on one virtual clock: sockets and answers are played,
// everything between them is real. What each agent has and does is plain data that a test changes.
import { expect } from "vitest";
import { failed, fault } from "../../shared/fault.ts";
import type { LinkStatus } from "../../shared/model.ts";
import { agentJobId, hostId, runKey } from "../../shared/model.ts";
import type { HttpAnswer } from "../core/agentApi/rest.ts";
import { RequestFailed } from "../core/agentApi/rest.ts";
import { openDialGate } from "../core/fleet/dialGate.ts";
import { openFleet } from "../core/fleet/fleet.ts";
import type { HostEntry } from "../core/fleet/target.ts";
import { openWheel } from "../core/fleet/wheel.ts";
import { openJobBook } from "../core/jobs/book.ts";
import { failureIn } from "../core/transport/failure.ts";
import type { Fate, MemorySocket } from "./memoryTransport.ts";
import { openMemoryTransport } from "./memoryTransport.ts";
import { openVirtualClock } from "./virtualClock.ts";

/** A host of the fleet file. */
export const playedEntry = (
	id: string,
	more: Partial<HostEntry> = {},
): HostEntry => ({
	id: hostId(id),
	address: "192.0.2.1",
	port: 12443,
	servername: `${id}.fleet.test`,
	minTls: "1.2",
	labels: {},
	...more,
});

interface Job {
	status: string;
	message: string;
}

/** An answer as it is played, instead of what the agent would say. */
export interface Reply {
	readonly status: number;
	/** Text of the body; empty when absent. */
	readonly body?: string;
	readonly retryAfterMs?: number;
	/** From the question to the answer; 5 ms when absent. Infinity: never. */
	readonly afterMs?: number;
}

/** What a played agent has and does. */
export interface AgentState {
	/** Of its socket: opens, refuses TCP, refuses the upgrade by 404, or meets this fate. */
	socket: "opens" | "refuses" | "forbids-upgrade" | Fate;
	rest: "answers" | "refuses" | "nonsense";
	/** Answers in its place; null: as it would by itself. */
	reply: (path: string) => Reply | null;
	extensions: string[];
	epoch: string;
	log: object[];
	readonly jobs: Map<string, Job>;
	readonly asked: { path: string; atMs: number }[];
}

const FATES = {
	opens: { kind: "opens", afterMs: 5 },
	refuses: {
		kind: "fails",
		phase: "tcp",
		facts: { causes: [{ code: "ECONNREFUSED", message: "refused" }] },
	},
	"forbids-upgrade": {
		kind: "fails",
		phase: "upgrade",
		facts: {
			http: {
				status: 404,
				contentType: "application/json",
				retryAfterMs: null,
				firstBytes: "",
			},
		},
	},
} satisfies Readonly<Record<string, Fate>>;

/** A fleet of played agents, of which all is well, and the console's side of it; `end` when the test is over. */
export function openPlay(
	ids: readonly string[],
	random: () => number = () => 0.5,
) {
	const clock = openVirtualClock();
	const agents = new Map<string, AgentState>();
	const agent = (id: string): AgentState => {
		const known = agents.get(id);
		if (known !== undefined) return known;
		const made: AgentState = {
			socket: "opens",
			rest: "answers",
			reply: () => null,
			extensions: [],
			epoch: "a",
			log: [],
			jobs: new Map(),
			asked: [],
		};
		agents.set(id, made);
		return made;
	};
	const transport = openMemoryTransport(clock, ({ hostId: id }) => {
		const { socket } = agent(id);
		return typeof socket === "string" ? FATES[socket] : socket;
	});
	const gate = openDialGate({ clock });
	const wheel = openWheel(clock);
	const events: string[] = [];
	const links: { host: string; status: LinkStatus }[] = [];
	const gaps: string[] = [];
	const unreadable: string[] = [];
	const touched: string[] = [];
	const rests = { open: 0 };
	const book = openJobBook({
		wallMs: () => clock.wallMs(),
		onActivity: (line) => {
			if (line.kind === "host") events.push(`${line.hostId} ${line.status}`);
		},
		onTouched: () => {},
	});
	const fleet = openFleet({
		clock,
		random,
		log: () => {},
		book,
		gate,
		wheel,
		transport,
		openRest({ id }) {
			rests.open++;
			const state = agent(id);
			return {
				get: (path, { signal }) =>
					new Promise<HttpAnswer>((resolve, reject) => {
						state.asked.push({ path, atMs: clock.monotonicMs() });
						const refuse = (): void =>
							reject(
								new RequestFailed(
									failureIn("tcp", {
										causes: [{ code: "ECONNREFUSED", message: "refused" }],
									}),
								),
							);
						const reply = state.reply(path);
						const afterMs = reply?.afterMs ?? 5;
						const answer = (): void => {
							if (state.rest === "refuses") refuse();
							else
								resolve(reply === null ? bodyOf(state, path) : played(reply));
						};
						const cancel = Number.isFinite(afterMs)
							? clock.at(clock.monotonicMs() + afterMs, answer)
							: () => {};
						signal?.addEventListener("abort", () => {
							cancel();
							refuse();
						});
					}),
				close: () => rests.open--,
			};
		},
		preflight: () => null,
		signChallenge: () => failed(fault("identity.absent")),
		onEvent: () => {},
		onTouched: (id) => touched.push(id),
		onRemoved: (id) => book.removeHost(id),
		onStatus: (host, status) => links.push({ host, status }),
		onGap: (id, sentence) => gaps.push(`${id}: ${sentence}`),
		onDecodeFault: (id, why) => unreadable.push(`${id} ${why.code}`),
	});
	fleet.apply(ids.map((id) => playedEntry(id)));
	const row = (id: string) => {
		const found = fleet.row(hostId(id));
		if (found === undefined) throw new Error(`no host ${id}`);
		return found;
	};
	const socket = (id: string): MemorySocket => {
		const [found] = transport.socketsOf(hostId(id));
		if (found === undefined) throw new Error(`${id} has no socket`);
		return found;
	};
	return {
		clock,
		fleet,
		book,
		transport,
		agent,
		events,
		links,
		gaps,
		unreadable,
		touched,
		row,
		channel: (id: string) => row(id).link.channel,
		socket,
		run: (id: string, job: string) =>
			book.runs.get(runKey(hostId(id), agentJobId(job))),
		/** The agent's job is now so, and it pushes it. */
		push(id: string, job: string, status: string, more: object = {}) {
			agent(id).jobs.set(job, { status, message: `${job} ${status}` });
			socket(id).say(
				JSON.stringify({ event: "job_status", job_id: job, status, ...more }),
			);
		},
		lists: (id: string) =>
			agent(id).asked.filter(({ path }) => path.startsWith("/jobs?")),
		/** What must be so when everything has ended. */
		end() {
			fleet.stop();
			clock.advance(1_000);
			expect(transport.held).toBe(0);
			expect(clock.timers).toBe(0);
			expect([gate.inFlight, gate.waiting, wheel.size]).toEqual([0, 0, 0]);
			expect(rests.open).toBe(0);
		},
	};
}

const played = ({ status, retryAfterMs, body = "" }: Reply): HttpAnswer => ({
	status,
	contentType: "application/json",
	retryAfterMs: retryAfterMs ?? null,
	body: Buffer.from(body),
});

function bodyOf(state: AgentState, path: string): HttpAnswer {
	const answer = (status: number, body: unknown): HttpAnswer => ({
		status,
		contentType: "application/json",
		retryAfterMs: null,
		body: Buffer.from(JSON.stringify(body)),
	});
	const ok = (data: unknown) => answer(200, { success: true, data });
	const job = (id: string, { status, message }: Job) => ({
		job_id: id,
		status,
		message,
		operation: "patch_apply",
		packages: ["openssl"],
	});
	if (state.rest === "nonsense") return answer(200, "<html>");
	const [name = "", query = ""] = path.split("?");
	if (name === "/health")
		return ok({
			status: "healthy",
			version: "1.4.0",
			extensions: state.extensions,
		});
	if (name === "/jobs")
		return ok({ jobs: [...state.jobs].map(([id, one]) => job(id, one)) });
	if (name === "/events") {
		const since = Number(new URLSearchParams(query).get("since"));
		const { log, epoch } = state;
		return ok({
			events: log.slice(since),
			next: log.length,
			oldest: 1,
			epoch,
		});
	}
	const id = name.slice("/jobs/".length);
	const found = state.jobs.get(id);
	return name.startsWith("/jobs/") && found !== undefined
		? ok(job(id, found))
		: answer(404, { success: false, error: { code: "NOT_FOUND" } });
}
