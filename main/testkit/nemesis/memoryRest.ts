// REST over agents in memory: one keep-alive connection, one request at a time, deadlines, retries of idle connections that
// had died, as the real one has them. Handshakes pass the dial gate.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { HostId } from "../../../shared/model.ts";
import type { HttpAnswer, RestTransport } from "../../core/agentApi/rest.ts";
import { RequestFailed } from "../../core/agentApi/rest.ts";
import { failureIn } from "../../core/transport/failure.ts";
import type { Failure } from "../../core/transport/transport.ts";
import type { RestAnswer } from "../../demo/envelope.ts";
import type { Joint, Peer } from "./shake.ts";
import { shake } from "./shake.ts";
import type { WireBook } from "./wire.ts";

/** As long as the real client keeps an idle connection. */
const KEEP_ALIVE_MS = 12_000;

export interface MemoryRestPorts {
	readonly id: HostId;
	readonly peer: Peer;
	/** The laptop's time. */
	readonly console: Clock;
	readonly book: WireBook;
	/** Runs when the agent has its answer ready. */
	whenReady(run: () => void): void;
	/** Starts a handshake when there is room; the returned function gives the place back. */
	gate(start: () => void): () => void;
	/** What an answer says of the agent's jobs, as they are when it is made; called again when the console has it. */
	witness(path: string, answer: RestAnswer | null): () => void;
}

interface Pending {
	readonly path: string;
	readonly going: AbortController;
	arm(): void;
	fail(failure: Failure): void;
	answer(answer: HttpAnswer): void;
}

const RESET = failureIn("request", {
	causes: [{ code: "ECONNRESET", message: "other side closed" }],
});
const CLOSED = failureIn("request", {
	causes: [{ code: null, message: "closed by Foredeck" }],
});

export function openMemoryRest(ports: MemoryRestPorts): RestTransport {
	const { console, peer, book } = ports;
	const queue: Pending[] = [];
	let joint: Joint | null = null;
	let usedMs = 0;
	let current: Pending | null = null;
	let giveUpDial: Cancel | null = null;
	let isClosed = false;

	const drop = (): void => {
		joint?.end();
		joint = null;
	};
	const stopDialing = (): void => {
		giveUpDial?.();
		giveUpDial = null;
	};
	const pump = (): void => {
		if (isClosed || current !== null || giveUpDial !== null) return;
		const [next] = queue;
		if (next === undefined) return;
		const isFresh = console.monotonicMs() - usedMs < KEEP_ALIVE_MS;
		if (joint?.isAlive === true && isFresh) return run(next, joint);
		drop();
		connect();
	};
	const connect = (): void => {
		let giveUp: Cancel = () => {};
		let isShaking = false;
		const over = (): void => {
			if (!isShaking) return;
			isShaking = false;
			book.dialOver();
		};
		const release = ports.gate(() => {
			isShaking = true;
			book.dialBegan();
			for (const one of queue) one.arm();
			giveUp = shake(peer, console, {
				over() {
					over();
					release();
					giveUpDial = null;
				},
				up(made) {
					joint = made;
					usedMs = console.monotonicMs();
					pump();
				},
				failed(failure) {
					for (const one of queue.splice(0)) one.fail(failure);
				},
				reset,
			});
		});
		giveUpDial = () => {
			over();
			giveUp();
			release();
		};
	};
	const reset = (): void => {
		drop();
		const one = current;
		current = null;
		one?.fail(RESET);
		pump();
	};
	const run = (one: Pending, { up, down }: Joint): void => {
		queue.shift();
		current = one;
		one.arm();
		book.asked(ports.id);
		const { path, going } = one;
		const done = (answer: RestAnswer | null, tell: () => void): void => {
			if (current !== one) return;
			if (answer === null) return reset();
			current = null;
			usedMs = console.monotonicMs();
			tell();
			one.answer(httpOf(answer));
			pump();
		};
		up.send(() =>
			peer.door.whenRunning(() => {
				if (going.signal.aborted) return;
				const { life } = peer.door;
				void peer.door.request(path, going.signal).then((answer) => {
					if (going.signal.aborted || peer.door.life !== life) return;
					const tell = answer === null ? () => {} : ports.witness(path, answer);
					ports.whenReady(() => down.send(() => done(answer, tell)));
				});
			}),
		);
	};
	/** Nobody waits for this one any more: what is under way on the connection cannot be told from the next answer. */
	const forget = (one: Pending): void => {
		one.going.abort();
		if (current === one) {
			current = null;
			drop();
		} else {
			const at = queue.indexOf(one);
			if (at >= 0) queue.splice(at, 1);
		}
		if (queue.length === 0) stopDialing();
		pump();
	};

	return {
		get: (path, { timeoutMs, signal }) =>
			new Promise((resolve, reject) => {
				let cancel: Cancel | null = null;
				let isSettled = false;
				const settle = (): boolean => {
					if (isSettled) return false;
					isSettled = true;
					cancel?.();
					signal?.removeEventListener("abort", aborted);
					return true;
				};
				const fail = (failure: Failure): void => {
					if (!settle()) return;
					reject(new RequestFailed(failure));
					forget(one);
				};
				const aborted = (): void =>
					fail(
						failureIn("request", {
							causes: [{ code: "ABORT_ERR", message: "aborted" }],
						}),
					);
				const one: Pending = {
					path,
					going: new AbortController(),
					arm() {
						if (isSettled || cancel !== null) return;
						cancel = console.at(console.monotonicMs() + timeoutMs, () =>
							fail(failureIn("request", { timedOut: true })),
						);
					},
					fail,
					answer(answer) {
						if (settle()) resolve(answer);
					},
				};
				if (isClosed) return fail(CLOSED);
				signal?.addEventListener("abort", aborted, { once: true });
				queue.push(one);
				if (joint !== null) one.arm();
				pump();
			}),
		close() {
			if (isClosed) return;
			isClosed = true;
			stopDialing();
			const one = current;
			current = null;
			one?.fail(CLOSED);
			for (const waiting of queue.splice(0)) waiting.fail(CLOSED);
			drop();
		},
	};
}

function httpOf({ status, headers, body }: RestAnswer): HttpAnswer {
	const seconds = headers["retry-after"];
	return {
		status,
		contentType: headers["content-type"] ?? null,
		retryAfterMs: seconds === undefined ? null : Number(seconds) * 1_000,
		body: Buffer.from(body ?? ""),
	};
}
