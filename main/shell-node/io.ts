// What the commands write to and are stopped by, as an argument, so that they run under test as they do in a terminal.
import { getSystemErrorMap } from "node:util";
import type { Clock } from "../../shared/clock.ts";
import type { Fault } from "../../shared/fault.ts";
import { fileLimit } from "../core/fileLimit.ts";
import { takeEnvironment } from "../core/identity/takeEnvironment.ts";
import type { VaultChoice } from "../core/ports.ts";
import { openVault } from "../vault/open.ts";
import { askSecret } from "./askSecret.ts";

/** Exit codes of the command line (04-INTERFACES section 1). */
export const EXIT = {
	ok: 0,
	error: 1,
	usage: 2,
	/** Finished, but hosts failed or are blocked. */
	hostsFailed: 3,
	timeout: 4,
	interrupted: 130,
} as const;

export interface Io {
	/** One line to stdout, without its newline. */
	out(line: string): void;
	/** One line to stderr. */
	err(line: string): void;
	/** Replaces the last line of the terminal; false where stdout is no terminal. */
	redraw(line: string): boolean;
	/** Aborted by SIGINT or SIGTERM. */
	readonly signal: AbortSignal;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** How many files this process may open; null: not told, or as many as it likes. */
	fileLimit(): number | null;
	/** The vault of this computer. `patienceMs`: until a keychain that does not answer counts as locked. */
	openVault(clock: Clock, patienceMs: number): Promise<VaultChoice>;
	/** Asks a person for something that is not shown; null where nobody can be asked, or nobody answers. */
	askSecret(question: string): Promise<string | null>;
}

/** The sentence every error ends in: what is wrong, the code in brackets, and what to do. */
export function sayFault(io: Io, why: Fault): void {
	io.err(`foredeck: ${why.sentence} [${why.code}]`);
	io.err(`  ${why.nextStep}`);
}

/** What cannot be written cannot be told: a full disk ends the command with one sentence, a reader that went away with nothing. */
function endWithoutStdout({ code, errno }: NodeJS.ErrnoException): never {
	// A reader that went away (`| head`) is no error of ours.
	if (code === "EPIPE") process.exit(EXIT.ok);
	const [, words] = getSystemErrorMap().get(errno ?? 0) ?? [];
	process.stderr.write(
		`foredeck: cannot write to stdout: ${words ?? code ?? "unknown reason"}\n`,
	);
	process.exit(EXIT.error);
}

/** The callback comes before the stream's own event, and so before whoever waits for stdout to end the process as if all was well. */
function writeOut(text: string): void {
	process.stdout.write(text, (error) => {
		if (error) endWithoutStdout(error);
	});
}

/** The process's own streams. Ctrl-C once stops cleanly; a second one ends at once. */
export function processIo(): Io {
	const stopping = new AbortController();
	const env = takeEnvironment(process.env);
	for (const name of ["SIGINT", "SIGTERM"] as const)
		process.on(name, () => {
			if (stopping.signal.aborted) process.exit(EXIT.interrupted);
			stopping.abort(name);
		});
	process.stdout.on("error", endWithoutStdout);
	// Whoever read the log went away; what is on stdout and in the window goes on.
	process.stderr.on("error", () => {});
	let drawn = false;
	const clear = (): void => {
		if (drawn) writeOut("\r\x1b[2K");
		drawn = false;
	};
	return {
		out(line) {
			clear();
			writeOut(`${line}\n`);
		},
		err(line) {
			clear();
			process.stderr.write(`${line}\n`);
		},
		redraw(line) {
			if (!process.stdout.isTTY) return false;
			const width = process.stdout.columns ?? 80;
			writeOut(`\r\x1b[2K${line.slice(0, width - 1)}`);
			drawn = true;
			return true;
		},
		signal: stopping.signal,
		env,
		fileLimit,
		openVault: (clock, patienceMs) => openVault({ clock, patienceMs, env }),
		askSecret: (question) =>
			askSecret(question, process.stdin, process.stderr, stopping.signal),
	};
}
