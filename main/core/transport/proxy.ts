// Asks a proxy for a tunnel to an agent (CONNECT, RFC 9110 section 9.3.6) and gives the socket back when the tunnel is
// there: what follows on it is between us and the agent. It has no deadline of its own, and knows no TLS with agents.
import { connect, isIP, type Socket } from "node:net";
import {
	checkServerIdentity,
	createSecureContext,
	getCACertificates,
	type SecureContext,
	connect as tlsConnect,
} from "node:tls";
import type { Cancel, Clock } from "../../../shared/clock.ts";
import { causesOf, excerpt, printable } from "./failure.ts";
import { authority, retryAfterMs } from "./httpFacts.ts";
import type { HttpProxy } from "./proxyRules.ts";
import type { Failure, ProxyFacts, Target } from "./transport.ts";

/** Most of an answer's head that is read: more than any proxy says, too little to cost memory. */
const MOST_HEAD_BYTES = 16 * 1024;
/** How long the body of a refusal is waited for, and how much of it: enough for an excerpt. */
const EXCERPT_MS = 500;
const EXCERPT_BYTES = 800;
/** Longest part of Proxy-Authenticate that is kept, in characters. */
const CHALLENGE_CHARACTERS = 200;

/** Told connected, then one of the other two, each later; nothing after `close`. */
export interface TunnelListener {
	/** TCP with the proxy is there. */
	connected(): void;
	/** `socket` is the tunnel, without listeners but one for errors, which would be nobody's. */
	open(socket: Socket): void;
	failed(facts: Partial<Failure>): void;
}

/** A tunnel in the making. */
export interface Tunnel {
	/** Ends it without a word and destroys the socket, unless the socket was given away. */
	close(): void;
}

/** What is told of a proxy beside what it did. */
export const factsOf = (
	{ place, source, hasCredentials }: HttpProxy,
	challenge: string | null = null,
): ProxyFacts => ({ place, source, hasCredentials, challenge });

/** Connects to the proxy at `address` (an IP) and asks for a tunnel to `target`, whose name the proxy resolves. */
export function openTunnel(
	proxy: HttpProxy,
	address: string,
	target: Target,
	clock: Clock,
	listener: TunnelListener,
): Tunnel {
	const socket = reach(proxy, address);
	const answer = openAnswer();
	let over = false;
	let cancelExcerpt: Cancel | null = null;
	/** By name, because the socket has listeners of its own too. */
	const leave = (): void => {
		over = true;
		cancelExcerpt?.();
		for (const [name, heard] of Object.entries(ears))
			socket.removeListener(name, heard);
		socket.on("error", noop);
	};
	const fail = (facts: Partial<Failure>): void => {
		if (over) return;
		leave();
		socket.destroy();
		listener.failed(facts);
	};
	const judge = (isWhole: boolean): void => {
		const seen = answer.seen(isWhole);
		if (seen === null) return;
		if (seen.status === null)
			return fail(because(`${seen.why}: ${excerptOf(proxy, seen.bytes)}`));
		if (seen.status >= 200 && seen.status < 300) {
			leave();
			// It came along with the head, and is not the proxy's.
			if (seen.body.length > 0) socket.unshift(seen.body);
			return listener.open(socket);
		}
		if (isWhole || isEnough(seen)) return fail(refusal(proxy, seen, clock));
		cancelExcerpt ??= clock.at(clock.monotonicMs() + EXCERPT_MS, () =>
			judge(true),
		);
	};
	/** A refusal of which only the body was cut off is one all the same. */
	const broken = (facts: Partial<Failure>): void => {
		if (answer.seen(false) !== null) judge(true);
		fail(facts);
	};
	const ask = (): void => {
		if (!over) socket.write(request(proxy, target));
	};
	const ears: Readonly<Record<string, (error: Error) => void>> = {
		connect: () => {
			listener.connected();
			if (!proxy.isTls) ask();
		},
		secureConnect: () => ask(),
		readable: () => {
			while (!over) {
				const chunk: Buffer | null = socket.read();
				if (chunk === null) return;
				answer.add(chunk);
				judge(false);
			}
		},
		end: () => judge(true),
		error: (error) => broken({ causes: causesOf(error) }),
		close: () => broken(because("the proxy closed the connection")),
	};
	for (const [name, heard] of Object.entries(ears)) socket.on(name, heard);
	return {
		close() {
			if (over) return;
			leave();
			socket.destroy();
		},
	};
}

const noop = (): void => {};

const because = (message: string): Partial<Failure> => ({
	causes: [{ code: null, message }],
});

/** The start of what a proxy said, without the credentials it may repeat. */
const excerptOf = (proxy: HttpProxy, bytes: Buffer): string =>
	excerpt(Buffer.from(proxy.redact(bytes.toString("utf8"))));

/** The proxy's own connection. One over TLS is trusted as this computer trusts servers, never by the fleet's authority. */
function reach(proxy: HttpProxy, host: string): Socket {
	const { port, isTls } = proxy;
	const socket = isTls
		? tlsConnect({
				host,
				port,
				servername: isIP(proxy.host) === 0 ? proxy.host : "",
				secureContext: trustOf(proxy),
				ALPNProtocols: ["http/1.1"],
				// Stated, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment cannot switch verification off.
				rejectUnauthorized: true,
				checkServerIdentity: (_host, certificate) =>
					checkServerIdentity(proxy.host, certificate),
			})
		: connect({ host, port });
	return socket.setNoDelay(true);
}

const contexts = new WeakMap<HttpProxy, SecureContext>();

/** Made when it is needed first: reading several hundred authorities takes a moment. */
function trustOf(proxy: HttpProxy): SecureContext {
	const before = contexts.get(proxy);
	if (before !== undefined) return before;
	const made = createSecureContext({
		minVersion: "TLSv1.2",
		ca:
			proxy.ca === null
				? // Node's own list with NODE_EXTRA_CA_CERTS, and what this computer's administrator added.
					[...getCACertificates("default"), ...getCACertificates("system")]
				: proxy.ca,
	});
	contexts.set(proxy, made);
	return made;
}

function request(proxy: HttpProxy, { address, port }: Target): string {
	const place = authority(address, port);
	const authorization = proxy.authorization();
	return [
		`CONNECT ${place} HTTP/1.1`,
		`Host: ${place}`,
		...(authorization === null
			? []
			: [`Proxy-Authorization: ${authorization}`]),
		"",
		"",
	].join("\r\n");
}

/** An answer of which the head is there, or which can be none. */
type Seen =
	| {
			readonly status: number;
			/** With the status line. */
			readonly head: string;
			/** What came after the head so far. */
			readonly body: Buffer;
	  }
	| { readonly status: null; readonly why: string; readonly bytes: Buffer };
type Answered = Extract<Seen, { readonly status: number }>;

const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r?\n/;
const STATUS_START = "HTTP/1.";

/** Takes an answer in, piece by piece. */
function openAnswer(): {
	add(chunk: Buffer): void;
	/** Null: more is needed. */
	seen(isWhole: boolean): Seen | null;
} {
	let bytes: Buffer = Buffer.alloc(0);
	const wrong = (why: string): Seen => ({ status: null, why, bytes });
	return {
		add(chunk) {
			bytes = Buffer.concat([bytes, chunk]);
		},
		seen(isWhole) {
			const text = bytes.toString("latin1", 0, MOST_HEAD_BYTES);
			const start = text.slice(0, STATUS_START.length);
			if (!STATUS_START.startsWith(start))
				return wrong("the proxy did not answer in HTTP");
			const end = /\r?\n\r?\n/.exec(text);
			if (end === null) {
				if (bytes.length >= MOST_HEAD_BYTES)
					return wrong("the head of the proxy’s answer has no end");
				return isWhole
					? wrong("the proxy closed before the end of its answer")
					: null;
			}
			const headBytes = end.index + end[0].length;
			const head = text.slice(0, headBytes);
			const status = STATUS_LINE.exec(head)?.[1];
			if (status === undefined)
				return wrong("the proxy did not answer in HTTP");
			return {
				status: Number(status),
				head,
				body: bytes.subarray(headBytes),
			};
		},
	};
}

/** The first header of that name. */
const headerOf = (head: string, name: string): string | undefined =>
	new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, "im").exec(head)?.[1];

/** Whether nothing more of the body is needed. */
function isEnough({ head, body }: Answered): boolean {
	const length = headerOf(head, "content-length");
	return (
		body.length >= EXCERPT_BYTES ||
		(length !== undefined && body.length >= Number(length))
	);
}

function refusal(
	proxy: HttpProxy,
	{ status, head, body }: Answered,
	clock: Clock,
): Partial<Failure> {
	const challenge = headerOf(head, "proxy-authenticate");
	return {
		http: {
			status,
			contentType: headerOf(head, "content-type") ?? null,
			retryAfterMs: retryAfterMs(headerOf(head, "retry-after"), clock.wallMs()),
			firstBytes: excerptOf(proxy, body),
		},
		proxy: factsOf(
			proxy,
			challenge === undefined
				? null
				: printable(proxy.redact(challenge), CHALLENGE_CHARACTERS),
		),
	};
}
