// Makes Failure values out of what Node's sockets throw: cause chains, bounded and printable texts, the defaults of a
// failure that did not get far. It knows error objects; what a failure means is for `classify`.
import type { Cause, Failure, Phase } from "./transport.ts";

/** Longest cause chain that is kept; a longer one is cut at its inner end. */
const MOST_CAUSES = 8;
/** Longest message of one cause, in characters. */
const CAUSE_CHARACTERS = 300;
/** Longest excerpt of what a peer said unexpectedly, in characters. */
const EXCERPT_CHARACTERS = 200;

/** Control characters, line and paragraph separators and bidi overrides: what a peer could use to forge a terminal line. */
const UNPRINTABLE =
	/[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** `text` on one line with control and bidi characters as `\xNN` or `\uNNNN`, at most `limit` characters. */
export function printable(text: string, limit: number): string {
	const escaped = text.slice(0, limit).replace(UNPRINTABLE, (character) => {
		const code = character.codePointAt(0) ?? 0;
		return code < 0x100
			? `\\x${code.toString(16).padStart(2, "0")}`
			: `\\u${code.toString(16).padStart(4, "0")}`;
	});
	return escaped.slice(0, limit);
}

/** The first bytes of an unexpected answer as text: at most 200 characters, escaped. */
export function excerpt(bytes: Buffer): string {
	return printable(
		bytes.subarray(0, EXCERPT_CHARACTERS * 4).toString("utf8"),
		EXCERPT_CHARACTERS,
	);
}

interface ErrorShape {
	readonly code?: unknown;
	readonly reason?: unknown;
	readonly message?: unknown;
	readonly cause?: unknown;
	readonly errors?: unknown;
}

/** OpenSSL puts its sentence in `reason` and a file position of its own source in `message`; the sentence is for people. */
function causeOf(error: ErrorShape): Cause {
	const text =
		typeof error.reason === "string" && error.reason !== ""
			? error.reason
			: typeof error.message === "string"
				? error.message
				: String(error);
	return {
		code: typeof error.code === "string" ? error.code : null,
		message: printable(text, CAUSE_CHARACTERS),
	};
}

/**
 * The chain of an error, outermost first: `cause`, and every member of an AggregateError, depth first.
 * At most 8 causes of 300 characters; never a stack.
 */
export function causesOf(error: unknown): readonly Cause[] {
	const causes: Cause[] = [];
	const seen = new Set<unknown>();
	const visit = (value: unknown): void => {
		if (value === undefined || value === null) return;
		if (seen.has(value) || causes.length >= MOST_CAUSES) return;
		seen.add(value);
		const shape: ErrorShape =
			typeof value === "object" ? value : { message: String(value) };
		causes.push(causeOf(shape));
		visit(shape.cause);
		if (Array.isArray(shape.errors)) for (const one of shape.errors) visit(one);
	};
	visit(error);
	return causes;
}

/** A failure in `phase`; whatever `facts` leaves out was not seen. */
export function failureIn(
	phase: Phase,
	facts: Partial<Omit<Failure, "phase">> = {},
): Failure {
	return {
		phase,
		proxy: null,
		causes: [],
		timedOut: false,
		timingsMs: {},
		alpn: null,
		certificate: null,
		http: null,
		accept: null,
		close: null,
		secureForMs: null,
		bytesReceived: 0,
		...facts,
	};
}

/** The cause that our own deadline of a phase leaves behind. */
export function deadlineCause(what: string, afterMs: number): Cause {
	return { code: null, message: `${what}: no answer within ${afterMs} ms` };
}

/**
 * Whether bytes that should have been HTTP/1.1 are the start of an HTTP/2 connection: a SETTINGS frame on stream 0
 * (RFC 9113 section 3.4), which a peer sends that chose h2 whatever was offered.
 */
export function looksLikeHttp2(bytes: Buffer): boolean {
	return (
		bytes.length >= 9 &&
		bytes.readUIntBE(0, 3) % 6 === 0 &&
		bytes[3] === 4 &&
		bytes.readUInt32BE(5) === 0
	);
}
