// Processes of the bench talking to each other: the parent calls a named function in a child it started and waits for the
// answer. Every measured thing runs in such a child, so that nobody measures somebody else's garbage. Knows no measure.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Functions that a child offers; questions and answers cross as JSON. */
type Calls = Record<string, (question: never) => unknown>;

/** A child as the parent sees it. */
export interface Remote<C> {
	/** Rejects when the child failed, died, or did not answer within `withinMs`. */
	call<N extends keyof C & string>(
		name: N,
		question: C[N] extends (question: infer Q) => unknown ? Q : never,
		withinMs?: number,
	): Promise<C[N] extends (question: never) => infer A ? Awaited<A> : never>;
	/** Ends the child; resolves when it is gone. */
	stop(): Promise<void>;
}

interface Asked {
	readonly id: number;
	readonly name: string;
	readonly question: unknown;
}

interface Answered {
	readonly id: number;
	readonly answer?: unknown;
	readonly error?: string;
}

/** The longest anything but a huge connect takes; a bench that hangs must end by itself. */
const CALL_MS = 60_000;
/** A child that was told to end and did not is killed after this. */
const STOP_MS = 5_000;

/** Starts `file` of this folder in a process of its own, under the Node that runs this one. */
export function startChild<C>(
	file: string,
	execArgv: readonly string[] = [],
): Remote<C> {
	const child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
		execArgv: [...execArgv],
		stdio: ["ignore", "inherit", "inherit", "ipc"],
	});
	const waiting = new Map<number, (answered: Answered) => void>();
	let nextId = 1;
	const gone = once(child, "exit").then(() => {
		for (const [id, settle] of waiting)
			settle({ id, error: `${file} ended before it answered` });
	});
	child.on("message", (message) => {
		const answered = message as Answered;
		waiting.get(answered.id)?.(answered);
	});
	return {
		call(name, question, withinMs = CALL_MS) {
			const id = nextId++;
			return new Promise((resolve, reject) => {
				const timer = setTimeout(
					() => settle({ id, error: `no answer within ${withinMs} ms` }),
					withinMs,
				);
				const settle = ({ answer, error }: Answered): void => {
					clearTimeout(timer);
					waiting.delete(id);
					if (error === undefined) resolve(answer as never);
					else reject(new Error(`${file} ${name}: ${error}`));
				};
				waiting.set(id, settle);
				if (!child.connected)
					settle({ id, error: "it is not running any more" });
				else child.send({ id, name, question } satisfies Asked);
			});
		},
		async stop() {
			if (child.connected) child.disconnect();
			const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
			await gone;
			clearTimeout(timer);
		},
	};
}

/** In a child: answers the parent's calls, and ends the process when the parent is gone. */
export function answerParent(calls: Calls): void {
	process.on("message", (message) => {
		const { id, name, question } = message as Asked;
		const run = async (): Promise<Answered> => {
			const call = calls[name] as ((question: unknown) => unknown) | undefined;
			if (call === undefined) return { id, error: "there is no such call" };
			return { id, answer: await call(question) };
		};
		run()
			.catch((error: unknown) => ({
				id,
				error: error instanceof Error ? (error.stack ?? "") : String(error),
			}))
			.then((answered) => process.send?.(answered))
			.catch(() => process.exit(1));
	});
	process.on("disconnect", () => process.exit(0));
}
