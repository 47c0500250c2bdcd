// Two ends of one contract over any pipe that carries text. Knows no transport and no model: it checks names, sizes and
// shapes, pairs answers with questions, and lets the sender of a feed know when a frame was taken in (so it can keep
// one in flight). An error crosses as a Fault, never as a raw Error or a stack.
import { z } from "zod";
import type {
	Answer,
	CommandName,
	FeedName,
	Frame,
	Question,
} from "./contract.ts";
import {
	ANSWER_BYTES,
	ASK_BYTES,
	CONTRACT_VERSION,
	contract,
	FRAME_BYTES,
	faultSchema,
} from "./contract.ts";
import type { Fault, Result } from "./fault.ts";
import { FaultError, failed, fault, ok } from "./fault.ts";
import { isAbove } from "./messageSize.ts";

/** A two-way channel of text messages. `onMessage` and `onClose` are set once, before the first message is sent. */
export interface Pipe {
	send(message: string): void;
	onMessage(listener: (message: string) => void): void;
	/** Called once, also when this side closes. */
	onClose(listener: () => void): void;
	close(): void;
}

const idSchema = z.int().nonnegative();
const fromWindowSchema = z.discriminatedUnion("kind", [
	z.strictObject({
		v: z.literal(CONTRACT_VERSION),
		kind: z.literal("ask"),
		id: idSchema,
		name: z.string().max(64),
		body: z.unknown(),
	}),
	z.strictObject({
		v: z.literal(CONTRACT_VERSION),
		kind: z.literal("ack"),
		id: idSchema,
	}),
]);
const fromCoreSchema = z.discriminatedUnion("kind", [
	z.strictObject({
		v: z.literal(CONTRACT_VERSION),
		kind: z.literal("answer"),
		id: idSchema,
		body: z.unknown().optional(),
		fault: faultSchema.optional(),
	}),
	z.strictObject({
		v: z.literal(CONTRACT_VERSION),
		kind: z.literal("frame"),
		id: idSchema,
		name: z.string().max(64),
		body: z.unknown(),
	}),
]);

/** What the core does for each command. A missing handler is a type error. */
export type Handlers = {
	readonly [N in CommandName]: (
		question: Question<N>,
	) => Promise<Result<Answer<N>>> | Result<Answer<N>>;
};

/** The core's end of one pipe. */
export interface ServedPipe {
	/** Sends a frame; resolves true when the window took it in, false when the pipe closed first. */
	post<N extends FeedName>(name: N, frame: Frame<N>): Promise<boolean>;
	readonly closed: boolean;
	close(): void;
}

/** Told for each message that was refused, to count and log it. */
export type OnRefused = (why: Fault) => void;

/** Takes note that a window asks; milliseconds to wait when it asks too often, else 0. */
export type WaitOf = (command: CommandName) => number;

/** Serves the contract on a pipe until the pipe closes. Every message is checked before a handler sees it. */
export function serve(
	pipe: Pipe,
	handlers: Handlers,
	onRefused: OnRefused,
	onClosed: () => void = () => {},
	waitOf: WaitOf = () => 0,
): ServedPipe {
	const waiting = new Map<number, (taken: boolean) => void>();
	let nextFrame = 1;
	let closed = false;

	const answer = (id: number, result: Result<unknown>): void => {
		if (closed) return;
		const base = { v: CONTRACT_VERSION, kind: "answer", id };
		const message = JSON.stringify(
			result.ok
				? { ...base, body: result.value }
				: { ...base, fault: result.fault },
		);
		if (!isAbove(ANSWER_BYTES, message)) return pipe.send(message);
		const why = fault("contract.too-big");
		onRefused(why);
		pipe.send(JSON.stringify({ ...base, fault: why }));
	};
	/** Says no to a question, and tells who counts. */
	const refuse = (id: number, why: Fault): void => {
		onRefused(why);
		answer(id, failed(why));
	};

	const run = async (
		id: number,
		name: string,
		body: unknown,
	): Promise<void> => {
		if (!Object.hasOwn(contract.commands, name))
			return refuse(
				id,
				fault("contract.unknown", {
					sentence: `there is no command ${JSON.stringify(name.slice(0, 64))}`,
				}),
			);
		const command = name as CommandName;
		const retryAfterMs = waitOf(command);
		if (retryAfterMs > 0) return refuse(id, tooFast(command, retryAfterMs));
		const question = contract.commands[command].question.safeParse(body);
		if (!question.success)
			return refuse(id, mismatch(`the question of ${command}`, question.error));
		try {
			const handler = handlers[command] as (
				q: unknown,
			) => Promise<Result<unknown>> | Result<unknown>;
			answer(id, await handler(question.data));
		} catch (error) {
			answer(
				id,
				failed(error instanceof FaultError ? error.fault : bug(command, error)),
			);
		}
	};

	pipe.onMessage((message) => {
		if (isAbove(ASK_BYTES, message))
			return onRefused(fault("contract.too-big"));
		const parsed = parse(fromWindowSchema, message);
		if (!parsed.ok) return onRefused(parsed.fault);
		const envelope = parsed.value;
		if (envelope.kind === "ask")
			void run(envelope.id, envelope.name, envelope.body);
		else {
			waiting.get(envelope.id)?.(true);
			waiting.delete(envelope.id);
		}
	});
	pipe.onClose(() => {
		closed = true;
		for (const settle of waiting.values()) settle(false);
		waiting.clear();
		onClosed();
	});

	return {
		post(name, frame) {
			if (closed) return Promise.resolve(false);
			const id = nextFrame++;
			return new Promise((resolve) => {
				waiting.set(id, resolve);
				pipe.send(
					JSON.stringify({
						v: CONTRACT_VERSION,
						kind: "frame",
						id,
						name,
						body: frame,
					}),
				);
			});
		},
		get closed() {
			return closed;
		},
		close: () => pipe.close(),
	};
}

/** The window's end of one pipe. */
export interface Client {
	/** Asks the core. A question above ASK_BYTES is not sent: its answer is `contract.too-big`. An answer that does not fit the contract is a fault, never a half-checked value. */
	ask<N extends CommandName>(
		name: N,
		question: Question<N>,
	): Promise<Result<Answer<N>>>;
	/** Frames of a feed, each checked. The frame is acknowledged when the listener returns. */
	subscribe<N extends FeedName>(
		name: N,
		listener: (frame: Frame<N>) => void,
	): () => void;
	onClose(listener: () => void): void;
	/** Told once per message that does not fit the contract: the window shows it and stops applying. */
	onMismatch(listener: (why: Fault) => void): void;
	close(): void;
}

export function client(pipe: Pipe): Client {
	const open = new Map<
		number,
		{ name: CommandName; settle: (result: Result<never>) => void }
	>();
	const listeners = new Map<string, Set<(frame: never) => void>>();
	const closeListeners = new Set<() => void>();
	const mismatchListeners = new Set<(why: Fault) => void>();
	let nextAsk = 1;
	let closed = false;

	const refuse = (why: Fault): void => {
		for (const listener of mismatchListeners) listener(why);
	};

	/** Whether every listener took the frame in; one that throws neither stops the others nor the pipe. */
	const toldAll = (name: string, frame: never): boolean => {
		let all = true;
		for (const listener of listeners.get(name) ?? []) {
			try {
				listener(frame);
			} catch (error) {
				all = false;
				refuse(bug(name, error));
			}
		}
		return all;
	};

	pipe.onMessage((message) => {
		if (message.length > FRAME_BYTES) return refuse(fault("contract.too-big"));
		const parsed = parse(fromCoreSchema, message);
		if (!parsed.ok) return refuse(parsed.fault);
		const envelope = parsed.value;
		if (envelope.kind === "answer") {
			const asked = open.get(envelope.id);
			open.delete(envelope.id);
			if (asked === undefined) return;
			if (envelope.fault !== undefined)
				return asked.settle(failed(envelope.fault as Fault));
			const body = contract.commands[asked.name].answer.safeParse(
				envelope.body,
			);
			return asked.settle(
				(body.success
					? ok(body.data)
					: failed(
							mismatch(`the answer of ${asked.name}`, body.error),
						)) as Result<never>,
			);
		}
		if (!Object.hasOwn(contract.feeds, envelope.name))
			return refuse(
				fault("contract.unknown", {
					sentence: `there is no feed ${JSON.stringify(envelope.name)}`,
				}),
			);
		const body = contract.feeds[envelope.name as FeedName].safeParse(
			envelope.body,
		);
		if (!body.success)
			return refuse(mismatch(`a frame of ${envelope.name}`, body.error));
		if (!toldAll(envelope.name, body.data as never)) return;
		if (!closed)
			pipe.send(
				JSON.stringify({ v: CONTRACT_VERSION, kind: "ack", id: envelope.id }),
			);
	});
	pipe.onClose(() => {
		closed = true;
		for (const asked of open.values())
			asked.settle(failed(fault("pipe.closed")));
		open.clear();
		for (const listener of closeListeners) listener();
	});

	return {
		ask(name, question) {
			if (closed) return Promise.resolve(failed(fault("pipe.closed")));
			const id = nextAsk++;
			const message = JSON.stringify({
				v: CONTRACT_VERSION,
				kind: "ask",
				id,
				name,
				body: question,
			});
			// A core drops it unread, and a socket may hang up over it: nobody would ever answer.
			if (isAbove(ASK_BYTES, message))
				return Promise.resolve(failed(fault("contract.too-big")));
			return new Promise((resolve) => {
				open.set(id, {
					name,
					settle: resolve as (result: Result<never>) => void,
				});
				pipe.send(message);
			});
		},
		subscribe(name, listener) {
			const set = listeners.get(name) ?? new Set();
			set.add(listener as (frame: never) => void);
			listeners.set(name, set);
			return () => set.delete(listener as (frame: never) => void);
		},
		onClose: (listener) => void closeListeners.add(listener),
		onMismatch: (listener) => void mismatchListeners.add(listener),
		close: () => pipe.close(),
	};
}

function parse<T>(schema: z.ZodType<T>, message: string): Result<T> {
	let value: unknown;
	try {
		value = JSON.parse(message);
	} catch {
		return failed(
			fault("contract.mismatch", { sentence: "a message is not JSON" }),
		);
	}
	const parsed = schema.safeParse(value);
	return parsed.success
		? ok(parsed.data)
		: failed(mismatch("an envelope", parsed.error));
}

/** What may be told of a thrown error: where and of which kind. Its message may hold anything. */
function bug(where: string, error: unknown): Fault {
	const kind = error instanceof Error ? error.name : "thrown";
	return fault("internal.bug", { evidence: { causes: [`${where}: ${kind}`] } });
}

const tooFast = (command: CommandName, retryAfterMs: number): Fault =>
	fault("window.too-fast", {
		retryAfterMs,
		evidence: { notes: [`${command}: again in ${retryAfterMs} ms`] },
	});

function mismatch(what: string, error: z.ZodError): Fault {
	const places = error.issues
		.slice(0, 5)
		.map((issue) => `${issue.path.join(".") || "(whole)"}: ${issue.message}`);
	return fault("contract.mismatch", {
		sentence: `core and window disagree on ${what}`,
		evidence: { notes: places },
	});
}

/** Two ends of one pipe in memory, each message delivered in a later microtask, in order. For tests, and for a window in the same process. */
export function memoryPipe(): [Pipe, Pipe] {
	const make = () => ({
		onMessage: (_: string): void => {},
		onClose: (): void => {},
		open: true,
	});
	const sides = [make(), make()] as const;
	const end = (mine: 0 | 1): Pipe => {
		const other = mine === 0 ? 1 : 0;
		return {
			send(message) {
				queueMicrotask(() => {
					if (sides[other].open) sides[other].onMessage(message);
				});
			},
			onMessage(listener) {
				sides[mine].onMessage = listener;
			},
			onClose(listener) {
				sides[mine].onClose = listener;
			},
			close() {
				for (const side of sides) {
					if (!side.open) continue;
					side.open = false;
					queueMicrotask(() => side.onClose());
				}
			},
		};
	};
	return [end(0), end(1)];
}

declare function queueMicrotask(run: () => void): void;
