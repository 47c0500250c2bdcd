// The structured log: one JSON object a line, with redaction before anything is written. A log never holds key material:
// fields with a secret's name are masked, and so is PEM text wherever it appears.
import type { Clock } from "../../shared/clock.ts";
import type { Log, LogLevel } from "./ports.ts";
import { LOG_LEVELS } from "./ports.ts";

const SECRET_NAMES =
	/key$|^key|passphrase|password|secret|token|cookie|authorization|pfx/i;
const PEM = /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(-----END [A-Z0-9 ]+-----|$)/g;

/** Longest text of one field; the rest is cut, so that a hostile peer cannot fill a disk with one line. */
const FIELD_CHARACTERS = 2_000;
const FIELD_DEPTH = 4;

/**
 * Opens a log.
 * @param level lines below this level are not written.
 * @param write receives one line without its newline.
 */
export function openLog(
	level: LogLevel,
	clock: Clock,
	write: (line: string) => void,
): Log {
	const threshold = LOG_LEVELS.indexOf(level);
	return (at, message, fields = {}) => {
		if (LOG_LEVELS.indexOf(at) > threshold) return;
		write(
			JSON.stringify({
				at: new Date(clock.wallMs()).toISOString(),
				level: at,
				message: redactText(message),
				...(redact(fields, FIELD_DEPTH) as object),
			}),
		);
	};
}

/** The value with secrets masked, long texts cut and depth bounded. */
export function redact(value: unknown, depth: number = FIELD_DEPTH): unknown {
	if (typeof value === "string") return redactText(value);
	if (typeof value === "bigint") return value.toString();
	if (typeof value !== "object" || value === null) return value;
	if (value instanceof Error)
		return { name: value.name, message: redactText(value.message) };
	if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
	if (depth === 0) return "(deeper)";
	if (Array.isArray(value))
		return value.slice(0, 50).map((item) => redact(item, depth - 1));
	return Object.fromEntries(
		Object.entries(value).map(([name, item]) => [
			name,
			SECRET_NAMES.test(name) && item !== null
				? "(masked)"
				: redact(item, depth - 1),
		]),
	);
}

function redactText(text: string): string {
	const masked = text.includes("-----BEGIN")
		? text.replace(PEM, "(PEM masked)")
		: text;
	return masked.length > FIELD_CHARACTERS
		? `${masked.slice(0, FIELD_CHARACTERS)}… (${masked.length} characters)`
		: masked;
}
