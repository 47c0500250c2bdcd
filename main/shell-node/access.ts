// Who may talk to the browser shell: the one-time token, the session cookie, and the Host and Origin checks
// (04-INTERFACES section 4). Pure over request headers; fails closed.
import type { X509Certificate } from "node:crypto";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIPv4, isIPv6 } from "node:net";

/** Cookies are shared by all ports of a computer, so the name tells two consoles apart. */
const cookieName = (port: number): string => `foredeck_session_${port}`;

export interface Access {
	/** For the printed address, and as the bearer of /metrics. */
	readonly token: string;
	/** Right token, first use: the cookie to set for the console on `port`. Null: wrong, or used already. */
	exchange(token: string, port: number): string | null;
	/** Whether the session's cookie of the console on `port` is there. */
	hasCookie(headers: IncomingHttpHeaders, port: number): boolean;
	hasBearer(headers: IncomingHttpHeaders): boolean;
}

/** @param secure over TLS: the cookie is not sent in the clear. */
export function openAccess(secure: boolean): Access {
	const token = randomBytes(24).toString("base64url");
	const session = randomBytes(24).toString("base64url");
	let used = false;
	return {
		token,
		exchange(given, port) {
			if (used || !same(given, token)) return null;
			used = true;
			return `${cookieName(port)}=${session}; HttpOnly; SameSite=Strict; Path=/${secure ? "; Secure" : ""}`;
		},
		hasCookie({ cookie }, port) {
			const start = `${cookieName(port)}=`;
			return (cookie ?? "")
				.split(";")
				.map((part) => part.trim())
				.some(
					(part) =>
						part.startsWith(start) && same(part.slice(start.length), session),
				);
		},
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

/** Loopback needs no TLS: nothing leaves this computer. */
export const isLoopback = (host: string): boolean =>
	host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

/** Whether a `Host` value (`name:port`, without port where it is the scheme's default) is one of ours. */
export type OwnAuthority = (authority: string) => boolean;

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

export interface Listening {
	readonly scheme: "http" | "https";
	/** What was listened on: a name or an IP address, without brackets. */
	readonly host: string;
	readonly port: number;
	/** The server's certificate; its subjectAltName tells what else we are called. Null without TLS. */
	readonly certificate: X509Certificate | null;
}

/**
 * What this server may be called: the address it listens on, `localhost` on loopback, and over TLS every name and IP of
 * its certificate's subjectAltName (wildcards for one label, RFC 6125 section 6.4.3); always with its own port.
 */
export function ownAuthorities(listening: Listening): OwnAuthority {
	const { scheme, host, port, certificate } = listening;
	const names = new Set([bracketed(host)]);
	if (isLoopback(host)) names.add("localhost");
	return (authority) => {
		const parts = /^(\[[0-9a-f:.]+\]|[a-z0-9_][a-z0-9_.-]*)(?::(\d+))?$/i.exec(
			authority,
		);
		const name = parts?.[1];
		if (name === undefined) return false;
		// A default port written out is the same authority; any other spelling of a number is not.
		if ((parts?.[2] ?? `${DEFAULT_PORTS[scheme]}`) !== `${port}`) return false;
		return (
			names.has(name) || (certificate !== null && isNamed(certificate, name))
		);
	};
}

/** The kind is told first: an IP in a name's place, or the other way round, is not what the certificate vouches for. */
function isNamed(certificate: X509Certificate, name: string): boolean {
	if (name.startsWith("[")) {
		const address = name.slice(1, -1);
		return isIPv6(address) && certificate.checkIP(address) !== undefined;
	}
	if (isIPv4(name)) return certificate.checkIP(name) !== undefined;
	const found = certificate.checkHost(name, {
		subject: "never",
		partialWildcards: false,
	});
	return found !== undefined;
}

/**
 * The host of the address to open. An address that means every network of this computer (`0.0.0.0`, `::`) cannot be
 * opened from another one, so there the first plain name or IP of the certificate is told.
 */
export function openableHost(
	listening: Pick<Listening, "host" | "certificate">,
): string {
	const { host, certificate } = listening;
	if (certificate === null || !/^[0:.]+$/.test(host)) return bracketed(host);
	const named =
		/(?:^|, )(?:DNS|IP Address):([a-z0-9_][a-z0-9_.-]*|[0-9a-f:]+)(?:,|$)/i.exec(
			certificate.subjectAltName ?? "",
		);
	return bracketed(named?.[1] ?? host);
}

/** How a host stands in an address: IPv6 in brackets (RFC 3986 section 3.2.2). */
const bracketed = (host: string): string =>
	host.includes(":") ? `[${host}]` : host;

/** Whether the request is meant for us: stops DNS rebinding, where a hostile name resolves to our address. */
export const hostAllowed = (
	{ host }: IncomingHttpHeaders,
	isOurs: OwnAuthority,
): boolean => host !== undefined && isOurs(host);

/**
 * Whether the request comes from our own page. A request without Origin is no cross-site request of a browser; a
 * WebSocket upgrade always carries one, so there it is `required`.
 */
export function originAllowed(
	headers: IncomingHttpHeaders,
	scheme: "http" | "https",
	isOurs: OwnAuthority,
	required: boolean,
): boolean {
	const { origin } = headers;
	if (origin === undefined) return !required;
	const start = `${scheme}://`;
	return origin.startsWith(start) && isOurs(origin.slice(start.length));
}
