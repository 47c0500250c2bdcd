// The fleet of the window's measures: agents in memory beneath the real core, because what is measured begins where the core
// is left and TLS to 10,000 agents would only take the window's processor. They speak the agents' words and answer REST.
import type { HostId } from "../../shared/model.ts";
import { failureIn } from "../core/transport/failure.ts";
import type {
	ConnectionListener,
	Transport,
} from "../core/transport/transport.ts";
import type { Wire } from "../core/transport/wire.ts";
import { makeScript, runId } from "./script.ts";

/** Runs of each host: one that has ended, and these that live one after the other. */
const LIVE_RUNS = 2;
/** The first of them, on every agent. */
export const FIRST_RUN = runId(1, 0);
/** A run's events: three of progress, then its end. */
const STEPS = 4;
/** One run of so many fails. */
const FAILS_ONE_IN = 50;
/** One event of so many is of a host that somebody looks at. */
const SEEN_ONE_IN = 25;
const PACE_EVERY_MS = 1;

interface Agent {
	readonly index: number;
	readonly listener: ConnectionListener;
	part: number;
	step: number;
}

export interface WindowFleet {
	readonly wire: Wire;
	/** Lets so many events a second happen, hosts in turn, until `hush`. Each says in its message when it happened. */
	pace(eventsPerSecond: number): void;
	hush(): void;
	/** These hosts are on the screen: some of the events are theirs. */
	look(ids: readonly string[]): void;
	readonly sent: number;
}

/** Agents come into being as they are dialed. */
export function openWindowFleet(): WindowFleet {
	const script = makeScript({
		parts: Array.from({ length: LIVE_RUNS + 1 }, () => ({ runs: 1 })),
		eventsPerRun: STEPS,
		eventsPerRecord: 1,
	});
	const agents = new Map<HostId, Agent>();
	let seen: readonly Agent[] = [];
	let sent = 0;
	let timer: ReturnType<typeof setInterval> | null = null;

	const transport: Transport = {
		open({ hostId }, listener) {
			let isOver = false;
			setImmediate(() => {
				if (isOver) return;
				const index = agents.size;
				agents.set(hostId, { index, listener, part: 1, step: index % STEPS });
				listener.opened({ tcp: 1, tls: 1, upgrade: 1 });
				listener.frame(GREETING, false);
			});
			return {
				send() {},
				ping: () => void setImmediate(() => isOver || listener.heard()),
				hangUp() {
					if (isOver) return;
					isOver = true;
					agents.delete(hostId);
					setImmediate(() => listener.closed(failureIn("live", {})));
				},
			};
		},
	};
	const say = (agent: Agent | undefined, isSeen: boolean): void => {
		if (agent === undefined) return;
		const text = isSeen
			? progressOf(agent, Date.now())
			: nextEvent(agent, Date.now());
		agent.listener.frame(text, false);
		sent++;
	};
	return {
		wire: {
			transport,
			openRest: () => ({
				get: (path) =>
					new Promise((resolve) => {
						const body = script.body(`/api/v1${path}`, 1);
						setImmediate(resolve, {
							status: body === null ? 405 : 200,
							contentType: "application/json",
							retryAfterMs: null,
							body: Buffer.from(body ?? ""),
						});
					}),
				close() {},
			}),
		},
		pace(eventsPerSecond) {
			const turn = [...agents.values()];
			const startedAt = performance.now();
			let done = 0;
			timer = setInterval(() => {
				const due = ((performance.now() - startedAt) / 1_000) * eventsPerSecond;
				for (; done < due; done++) {
					const isSeen = done % SEEN_ONE_IN === 0 && seen.length > 0;
					const [many, at] = isSeen ? [seen, done / SEEN_ONE_IN] : [turn, done];
					say(many[at % many.length], isSeen);
				}
			}, PACE_EVERY_MS);
		},
		hush() {
			if (timer !== null) clearInterval(timer);
		},
		look(ids) {
			seen = ids
				.map((id) => agents.get(id as HostId))
				.filter((agent) => agent !== undefined);
		},
		get sent() {
			return sent;
		},
	};
}

const GREETING = `{"event":"connected","job_id":"","status":"connected","progress":0,"message":"WebSocket connected: 9f2a","timestamp":"2026-11-21T03:00:00.518204771+00:00"}`;

/** The next event of the agent's run. Its last run never ends. */
function nextEvent(agent: Agent, atMs: number): string {
	const { part } = agent;
	const isEnd = agent.step === STEPS - 1 && part < LIVE_RUNS;
	agent.step = (agent.step + 1) % STEPS;
	if (!isEnd) return eventOf(part, "running", 30 * (agent.step || 1), atMs);
	const fails = (agent.index + part) % FAILS_ONE_IN === 0;
	agent.part++;
	return eventOf(part, fails ? "failed" : "completed", 100, atMs);
}

/** A run that is looked at goes on and does not end, so that all of its events can be seen. */
const progressOf = ({ part }: Agent, atMs: number): string =>
	eventOf(part, "running", 50, atMs);

/** An event that tells when it happened. */
const eventOf = (
	part: number,
	status: string,
	progress: number,
	atMs: number,
): string =>
	JSON.stringify({
		event: "job_status",
		job_id: runId(part, 0),
		status,
		progress,
		message: `Unpacking packages, at ${atMs}`,
		timestamp: new Date(atMs).toISOString().replace("Z", "+00:00"),
	});
