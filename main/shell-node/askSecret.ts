// Asks a person in a terminal for a passphrase without showing it.
import type { ReadStream } from "node:tty";

/** Longest answer, in characters; nobody types more. */
const MOST_CHARACTERS = 1_024;

/** What is used of a terminal's input. */
export type SecretInput = Pick<
	ReadStream,
	"isTTY" | "setRawMode" | "resume" | "pause" | "on" | "removeListener"
>;

/** Null: this is no terminal, or the person ended it (Ctrl-C, Ctrl-D, `signal`). The terminal is left as it was. */
export function askSecret(
	question: string,
	input: SecretInput,
	output: { write(text: string): unknown },
	signal: AbortSignal,
): Promise<string | null> {
	if (!input.isTTY || signal.aborted) return Promise.resolve(null);
	return new Promise((resolve) => {
		let typed = "";
		const end = (answer: string | null): void => {
			input.removeListener("data", take);
			signal.removeEventListener("abort", stop);
			input.setRawMode(false);
			input.pause();
			output.write("\n");
			resolve(answer);
		};
		const stop = (): void => end(null);
		const take = (chunk: Buffer): void => {
			for (const character of chunk.toString("utf8")) {
				if (character === "\r" || character === "\n") return end(typed);
				if (character === "\x03" || character === "\x04") return end(null);
				if (character === "\x7f" || character === "\b")
					typed = [...typed].slice(0, -1).join("");
				else if (typed.length < MOST_CHARACTERS) typed += character;
			}
		};
		output.write(question);
		// In raw mode the terminal echoes nothing and Ctrl-C arrives as a character.
		input.setRawMode(true);
		signal.addEventListener("abort", stop, { once: true });
		input.on("data", take);
		input.resume();
	});
}
