// Reads the few HTTP headers that steer a link, for WebSocket upgrades and REST alike. It judges nothing.

/** Longest wait that is taken from a Retry-After header: a day. A peer must not be able to switch a link off for good. */
const LONGEST_RETRY_MS = 86_400_000;

/**
 * Retry-After (RFC 9110 section 10.2.3) in milliseconds from now: seconds, or a date compared with `wallMs`.
 * Null when absent or unreadable; a date in the past is 0; at most a day.
 */
export function retryAfterMs(
	header: string | readonly string[] | undefined,
	wallMs: number,
): number | null {
	const value = (typeof header === "string" ? header : header?.[0])?.trim();
	if (value === undefined || value === "") return null;
	// A date has a month's name; Date.parse would take "-5" for a year.
	const ms = /^\d+$/.test(value)
		? Number(value) * 1000
		: /[a-z]/i.test(value)
			? Date.parse(value) - wallMs
			: Number.NaN;
	if (Number.isNaN(ms)) return null;
	return Math.min(Math.max(0, ms), LONGEST_RETRY_MS);
}

/** A header that is meant to be there once. */
export function singleHeader(
	header: string | readonly string[] | undefined,
): string | null {
	return (typeof header === "string" ? header : header?.[0]) ?? null;
}

/** `name:port` as a URL authority; an IPv6 literal gets its brackets. */
export function authority(name: string, port: number): string {
	return `${name.includes(":") ? `[${name}]` : name}:${port}`;
}
