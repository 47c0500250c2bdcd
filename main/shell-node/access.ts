// Who may talk to the browser shell: the one-time token, the session cookie, and the Host and Origin checks
// (04-INTERFACES section 4). Pure over request headers; fails closed.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

const COOKIE = "foredeck_session";

export interface Access {
	/** For the printed address, and as the bearer of /metrics. */
	readonly token: string;
	/** Right token, first use: the cookie to set. Null: wrong, or used already. */
	exchange(token: string): string | null;
	hasCookie(headers: IncomingHttpHeaders): boolean;
	hasBearer(headers: IncomingHttpHeaders): boolean;
}

/** @param secure over TLS: the cookie is not sent in the clear. */
export function openAccess(secure: boolean): Access {
	const token = randomBytes(24).toString("base64url");
	const session = randomBytes(24).toString("base64url");
	let used = false;
	return {
		token,
		exchange(given) {
			if (used || !same(given, token)) return null;
			used = true;
			return `${COOKIE}=${session}; HttpOnly; SameSite=Strict; Path=/${secure ? "; Secure" : ""}`;
		},
		hasCookie: ({ cookie }) =>
			(cookie ?? "")
				.split(";")
				.map((part) => part.trim())
				.some(
					(part) =>
						part.startsWith(`${COOKIE}=`) &&
						same(part.slice(COOKIE.length + 1), session),
				),
		hasBearer: ({ authorization }) =>
			authorization?.startsWith("Bearer ") === true &&
			same(authorization.slice("Bearer ".length), token),
	};
}

/** Compares in constant time, so that a secret cannot be guessed byte by byte. */
function same(a: string, b: string): boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest();
	return timingSafeEqual(digest(a), digest(b));
}

/**
 * Whether the request is meant for us: stops DNS rebinding, where a hostile name resolves to our address.
 * @param authorities what `Host` may be, exactly.
 */
export const hostAllowed = (
	headers: IncomingHttpHeaders,
	authorities: ReadonlySet<string>,
): boolean => headers.host !== undefined && authorities.has(headers.host);

/**
 * Whether the request comes from our own page. A request without Origin is no cross-site request of a browser; a
 * WebSocket upgrade always carries one, so there it is `required`.
 */
export function originAllowed(
	headers: IncomingHttpHeaders,
	scheme: "http" | "https",
	authorities: ReadonlySet<string>,
	required: boolean,
): boolean {
	const { origin } = headers;
	if (origin === undefined) return !required;
	return [...authorities].some(
		(authority) => origin === `${scheme}://${authority}`,
	);
}
