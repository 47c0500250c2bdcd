// One secured connection to one agent, as far as its failure is concerned: collects the socket's own error and the facts
// that every failure on it carries. It knows nothing of what is spoken on the connection.
import type { Clock } from "../../../shared/clock.ts";
import type { Secured } from "./dial.ts";
import { causesOf, excerpt, failureIn, looksLikeHttp2 } from "./failure.ts";
import type { Cause, Failure, Phase } from "./transport.ts";

/** A secured connection and the first error of its socket. */
export interface Line {
	readonly secured: Secured;
	readonly clock: Clock;
	/** Null while there was none. */
	trouble: unknown;
}

/** Listens to the socket's errors from now on: the libraries above swallow some, and they are the evidence of a reset. */
export function openLine(secured: Secured, clock: Clock): Line {
	const line: Line = { secured, clock, trouble: null };
	secured.socket.on("error", (error: unknown) => {
		line.trouble ??= error;
	});
	return line;
}

/** A failure on the line: its facts, the chain of `error`, the socket's own error when it is another one, then `facts`. */
export function failureOn(
	line: Line,
	phase: Phase,
	facts: Partial<Failure>,
	error: unknown = null,
): Failure {
	const { socket, alpn, certificate, timingsMs, securedAtMs, proxy } =
		line.secured;
	const causes = [...causesOf(error)];
	if (line.trouble !== error) causes.push(...causesOf(line.trouble));
	return failureIn(phase, {
		causes,
		proxy: proxy ?? null,
		timingsMs,
		alpn,
		certificate,
		secureForMs: line.clock.monotonicMs() - securedAtMs,
		bytesReceived: socket.bytesRead,
		...facts,
	});
}

/**
 * What can be said of bytes that were not HTTP/1.1: the parser's error with an excerpt, and `alpn: "h2"` when they are
 * the start of HTTP/2, whatever ALPN said. Empty when the error is of another kind.
 */
export function unparsable(
	error: unknown,
	raw: Buffer | null,
): { causes?: readonly Cause[]; alpn?: "h2" } {
	if (raw === null) return {};
	const causes = [
		...causesOf(error),
		{ code: null, message: `first bytes: ${excerpt(raw)}` },
	];
	return looksLikeHttp2(raw) ? { causes, alpn: "h2" } : { causes };
}
