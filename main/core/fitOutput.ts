// Cuts a run's output to what one answer may carry. What a person reads at 3 a.m. is the end of it, so each text loses its
// beginning, and the log its oldest lines.
import { ANSWER_BYTES } from "../../shared/contract.ts";

/** What an agent told of one run. */
export interface RunOutput {
	readonly logs: readonly string[];
	readonly stdout: string;
	readonly stderr: string;
	/** Characters that were left out. */
	readonly leftOut: number;
}

/** Room for the run itself and for the envelope around the answer. */
const BESIDE_BYTES = 64 * 1024;
const ROOM_BYTES = ANSWER_BYTES - BESIDE_BYTES;

/** Bytes on the pipe: a control character of a terminal takes six, a character beyond ASCII up to three. */
const bytesOf = (text: string): number =>
	Buffer.byteLength(JSON.stringify(text));

/** The end of a text that takes at most so many bytes. */
function endOf(text: string, bytes: number): string {
	let kept = text;
	for (let size = bytesOf(kept); size > bytes; size = bytesOf(kept)) {
		// Nothing shorter would fit either: the quotes of an empty text take two.
		if (kept.length <= 1) return "";
		const share = Math.min(0.95, bytes / size);
		kept = kept.slice(-Math.max(1, Math.floor(kept.length * share)));
	}
	// A cut within a pair would leave half a character.
	return /^[\uDC00-\uDFFF]/.test(kept) ? kept.slice(1) : kept;
}

/** An empty line: its quotes, and the comma behind it. */
const LEAST_BYTES = 3;

/** The newest lines that take at most so many bytes; the oldest of them may lose its beginning. */
export function newestOf(lines: readonly string[], bytes: number): string[] {
	const kept: string[] = [];
	let room = bytes;
	for (let at = lines.length - 1; at >= 0 && room >= LEAST_BYTES; at--) {
		const line = lines[at] ?? "";
		// With the comma behind it.
		const size = bytesOf(line) + 1;
		kept.push(size <= room ? line : endOf(line, room - 1));
		room -= size;
	}
	return kept.reverse();
}

const lengthOf = ({ logs, stdout, stderr }: RunOutput): number =>
	logs.reduce((sum, line) => sum + line.length, stdout.length + stderr.length);

/** The same when it fits, and else its end. Errors come first: stderr and stdout have a quarter of the room each, the log the rest. */
export function fitOutput(output: RunOutput): RunOutput {
	const stderr = endOf(output.stderr, ROOM_BYTES / 4);
	const stdout = endOf(output.stdout, ROOM_BYTES / 4);
	const room = ROOM_BYTES - bytesOf(stderr) - bytesOf(stdout);
	const logs = newestOf(output.logs, room);
	const fitted = { logs, stdout, stderr, leftOut: 0 };
	return {
		...fitted,
		leftOut: output.leftOut + lengthOf(output) - lengthOf(fitted),
	};
}
