// The seam below the link: opens one connection to one agent and reports what happens on it, in raw facts. It knows
// sockets, TLS and WebSocket frames; it does not know dialects, retry policy or what a fact means. One conformance suite.

import type { Evidence } from "../../../shared/fault.ts";
import type { HostId } from "../../../shared/model.ts";

/** Whom to connect to. `address` is a name or an IP literal; `servername` is what the certificate must be for. */
export interface Target {
	readonly hostId: HostId;
	readonly address: string;
	readonly port: number;
	readonly servername: string;
	readonly minTls: "1.2" | "1.3";
}

/**
 * Phases of a connection in their order; a failure names the one it happened in. Through a proxy dns and tcp are the proxy's,
 * and `proxy` is the tunnel. `request` is a REST call on an open connection.
 */
export type Phase =
	| "dns"
	| "tcp"
	| "proxy"
	| "tls"
	| "upgrade"
	| "greeting"
	| "live"
	| "request";

/** The HTTP proxy that a connection goes through. */
export interface ProxyFacts {
	/** `host:port`, never with credentials. */
	readonly place: string;
	/** The variable of the environment that names it. */
	readonly source: string;
	/** Whether it is shown a user name and password. */
	readonly hasCredentials: boolean;
	/** What it said in Proxy-Authenticate, escaped and bounded; null: nothing. */
	readonly challenge: string | null;
}

/** One error of a cause chain, outermost first. */
export interface Cause {
	readonly code: string | null;
	readonly message: string;
}

/** What is known about a connection or request that failed or ended. `classify` makes a Fault of it; nothing here is a verdict. */
export interface Failure {
	readonly phase: Phase;
	/** In the phases dns, tcp and proxy it is what could not be reached; null: there is none. */
	readonly proxy: ProxyFacts | null;
	readonly causes: readonly Cause[];
	/** Our own deadline for the phase passed. */
	readonly timedOut: boolean;
	readonly timingsMs: Readonly<Record<string, number>>;
	/** `http/1.1`, `h2`, … as negotiated; false: the peer has no ALPN; null: not that far. */
	readonly alpn: string | false | null;
	readonly certificate: Evidence["certificate"] | null;
	/** An HTTP answer where none or another one was expected. */
	readonly http: {
		readonly status: number;
		readonly contentType: string | null;
		/** Of a Retry-After header, in seconds or as a date. */
		readonly retryAfterMs: number | null;
		/** At most 200 characters, control characters escaped. */
		readonly firstBytes: string;
	} | null;
	/** What was wrong with Sec-WebSocket-Accept of a 101. */
	readonly accept: "missing" | "wrong" | null;
	/** A WebSocket close (RFC 6455 section 7.4). 1005: close frame without a code; 1006: the stream ended without a close frame. */
	readonly close: { readonly code: number; readonly reason: string } | null;
	/**
	 * Milliseconds between the end of the TLS handshake and the failure; null: not that far. In the phase `tls`: our side of
	 * it was done and only the peer's last word was missing, which a TLS 1.2 server that refuses the client never says.
	 */
	readonly secureForMs: number | null;
	/** Bytes of application data received since the handshake. */
	readonly bytesReceived: number;
}

/** Told what happens on a connection, in this order: opened, then frames and heard, then closed exactly once. */
export interface ConnectionListener {
	/** 101 was received and verified; frames may be sent. */
	opened(timingsMs: Readonly<Record<string, number>>): void;
	/** A text frame, whole, at most MAX_FRAME_BYTES. Binary frames are `binary: true` with an empty text. */
	frame(text: string, binary: boolean): void;
	/** A ping or pong frame arrived: the peer lives. (A frame implies it and does not tell it again.) */
	heard(): void;
	/** Over, by whichever side. After hangUp() of ours it is told too, with close code 1000 or 1006. */
	closed(failure: Failure): void;
}

/** One connection, opening or open. */
export interface Connection {
	send(text: string): void;
	/** A WebSocket ping without data. */
	ping(): void;
	/** Close frame first when `politely`, and destroyed after 300 ms at the latest; else destroyed at once. */
	hangUp(politely: boolean): void;
}

export interface Transport {
	/** Starts to connect. The listener is told everything later, never before `open` returned. The deadline of the whole dial is the link's. */
	open(target: Target, listener: ConnectionListener): Connection;
}

/** Largest frame that is read; beyond it the connection ends with close code 1009. */
export const MAX_FRAME_BYTES = 1024 * 1024;
