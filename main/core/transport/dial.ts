// Brings one verified mTLS socket to one agent: DNS, TCP, TLS, each with its own deadline, for WebSocket and REST alike.
// It reports how far it came in raw facts. It knows no HTTP, no retries and no policy beyond the numbers it is given.
import { isIP } from "node:net";
import { connect, type SecureContext, type TLSSocket } from "node:tls";
import type { Cancel, Clock } from "../../../shared/clock.ts";
import { causesOf, deadlineCause, failureIn } from "./failure.ts";
import {
	describePeer,
	isTrusted,
	nameCheck,
	type PeerCertificate,
	type Shown,
} from "./peerCertificate.ts";
import { type Lookup, lookupOnce, resolve } from "./resolve.ts";
import type { Resumption, TlsContexts } from "./tlsContext.ts";
import type { Cause, Failure, Target } from "./transport.ts";

/** How long each phase of a dial may take. */
export interface DialDeadlines {
	/** For DNS and TCP together. */
	readonly connectMs: number;
	/** For the TLS handshake. */
	readonly tlsMs: number;
}

/** 10 s each (03-BEHAVIOUR section 1): a VPN that wakes up needs seconds, a person does not wait for more. */
export const DIAL_DEADLINES: DialDeadlines = {
	connectMs: 10_000,
	tlsMs: 10_000,
};

/** What every dial of a profile needs. */
export interface DialOptions {
	readonly contexts: TlsContexts;
	readonly clock: Clock;
	/** DIAL_DEADLINES when absent. */
	readonly deadlines?: DialDeadlines;
	/** The system's resolver when absent. */
	readonly lookup?: Lookup;
}

/** A verified socket, and what was learned on the way. */
export interface Secured {
	/** Has no listeners of ours but the one that collects sessions; who takes it adds an `error` listener at once. */
	readonly socket: TLSSocket;
	/** dns (absent for a literal address), tcp, tls. */
	readonly timingsMs: Readonly<Record<string, number>>;
	/** false: the peer has no ALPN. */
	readonly alpn: "http/1.1" | false;
	/** From the full handshake; of a resumed one, from the handshake that the session goes back to. */
	readonly certificate: PeerCertificate | null;
	/** Monotonic, end of the TLS handshake. */
	readonly securedAtMs: number;
}

/** Told exactly one of the two, later, unless the dial was aborted. */
export interface DialListener {
	secured(secured: Secured): void;
	failed(failure: Failure): void;
}

/** A dial under way. */
export interface Dial {
	/** Ends it without a word to the listener; nothing stays open. After the listener was told it does nothing. */
	abort(): void;
	/** The phase it is in, and the finished ones: for who has to report an abort. */
	failure(causes: readonly Cause[], timedOut?: boolean): Failure;
}

/**
 * ["http/1.1"] as TLS spells it (RFC 7301 section 3.1): a length and the name. A DataView, because of anything else Node
 * copies it into its shared pool for each socket, where nine bytes keep kilobytes of sessions and frames from being freed.
 */
const ALPN_HTTP1 = new DataView(
	Uint8Array.from([8, ...Buffer.from("http/1.1")]).buffer,
);

/** Where a dial is; one object, so that the steps below can be functions of their own. */
interface Progress {
	phase: "dns" | "tcp" | "tls";
	phaseAtMs: number;
	readonly timingsMs: Record<string, number>;
	socket: TLSSocket | null;
	readonly shown: Shown;
	alpn: string | false | null;
	securedAtMs: number | null;
	cancelDeadline: Cancel;
	over: boolean;
}

const noop = (): void => {};

const beginning = (clock: Clock): Progress => ({
	phase: "dns",
	phaseAtMs: clock.monotonicMs(),
	timingsMs: {},
	socket: null,
	shown: { certificate: null },
	alpn: null,
	securedAtMs: null,
	cancelDeadline: noop,
	over: false,
});

/** Dials `target`. The listener is told later, never before this returned. */
export function dialTls(
	target: Target,
	options: DialOptions,
	listener: DialListener,
): Dial {
	const { clock, deadlines = DIAL_DEADLINES } = options;
	const progress = beginning(clock);
	const failure = (causes: readonly Cause[], timedOut = false): Failure =>
		failureOf(progress, clock, causes, timedOut);
	const fail = (causes: readonly Cause[], timedOut = false): void => {
		if (progress.over) return;
		const told = failure(causes, timedOut);
		end(progress);
		listener.failed(told);
	};
	const arm = (what: string, forMs: number): void => {
		progress.cancelDeadline();
		progress.cancelDeadline = clock.at(clock.monotonicMs() + forMs, () =>
			fail([deadlineCause(what, forMs)], true),
		);
	};
	arm("DNS and TCP", deadlines.connectMs);
	locate(target, options, progress, {
		connected: () => arm("TLS handshake", deadlines.tlsMs),
		failed: (error) => fail(causesOf(error)),
		secured(socket) {
			const { alpn } = progress;
			if (alpn === false || alpn === "http/1.1")
				listener.secured(handOver(progress, socket, alpn, clock));
			else fail([{ code: null, message: `the peer chose ${alpn} in ALPN` }]);
		},
	});
	return { abort: () => end(progress), failure };
}

/** Ends the dial with its socket in other hands. */
function handOver(
	progress: Progress,
	socket: TLSSocket,
	alpn: Secured["alpn"],
	clock: Clock,
): Secured {
	progress.cancelDeadline();
	progress.over = true;
	progress.socket = null;
	const { timingsMs, shown, securedAtMs } = progress;
	return {
		socket,
		timingsMs,
		alpn,
		certificate: shown.certificate,
		securedAtMs: securedAtMs ?? clock.monotonicMs(),
	};
}

/** DNS when it is needed, then on to the address. */
function locate(
	target: Target,
	options: DialOptions,
	progress: Progress,
	steps: Steps,
): void {
	const { clock, lookup = lookupOnce } = options;
	const dial = (address: string): void => {
		enter(progress, "tcp", clock);
		handshake(target, address, options, progress, steps);
	};
	if (isIP(target.address) !== 0) return dial(target.address);
	resolve(target.address, lookup, (error, address) => {
		if (progress.over) return;
		if (error !== null) return steps.failed(error);
		finish(progress, clock);
		dial(address);
	});
}

interface Steps {
	connected(): void;
	/** Without any listener of the dial's; its phases are finished in Progress. */
	secured(socket: TLSSocket): void;
	failed(error: unknown): void;
}

function enter(
	progress: Progress,
	phase: Progress["phase"],
	clock: Clock,
): void {
	progress.phase = phase;
	progress.phaseAtMs = clock.monotonicMs();
}

function finish(progress: Progress, clock: Clock): void {
	progress.timingsMs[progress.phase] = clock.monotonicMs() - progress.phaseAtMs;
}

function end(progress: Progress): void {
	if (progress.over) return;
	progress.over = true;
	progress.cancelDeadline();
	progress.socket?.on("error", noop).destroy();
	progress.socket = null;
}

function failureOf(
	progress: Progress,
	clock: Clock,
	causes: readonly Cause[],
	timedOut: boolean,
): Failure {
	const { phase, timingsMs, alpn, shown, securedAtMs } = progress;
	return failureIn(phase, {
		causes,
		timedOut,
		timingsMs,
		alpn,
		certificate: shown.certificate,
		secureForMs:
			securedAtMs === null ? null : clock.monotonicMs() - securedAtMs,
	});
}

/** TCP and TLS. One TLSSocket does both: a net.Socket underneath would cost memory for as long as the link lives. */
function handshake(
	target: Target,
	address: string,
	options: DialOptions,
	progress: Progress,
	steps: Steps,
): void {
	try {
		const { contexts, clock } = options;
		const resumption = contexts.sessionOf(
			target,
			clock.monotonicMs(),
			clock.wallMs(),
		);
		const socket = openSocket(
			target,
			address,
			contexts,
			resumption,
			progress.shown,
		);
		progress.socket = socket;
		follow(target, socket, resumption, options, progress, steps);
	} catch (error) {
		queueMicrotask(() => steps.failed(error));
	}
}

function openSocket(
	target: Target,
	address: string,
	contexts: TlsContexts,
	resumption: Resumption | null,
	shown: Shown,
): TLSSocket {
	const socket = connect({
		host: address,
		port: target.port,
		secureContext: contexts.contextFor(target.minTls),
		// RFC 6066 section 3: no SNI for addresses. The name is checked below all the same.
		servername: isIP(target.servername) === 0 ? target.servername : "",
		ALPNProtocols: ALPN_HTTP1,
		// Stated, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment cannot switch verification off.
		rejectUnauthorized: true,
		checkServerIdentity: nameCheck(target.servername, shown),
		...(resumption === null ? {} : { session: resumption.session }),
	});
	return socket.setNoDelay(true);
}

/** Follows a socket to the end of its handshake. */
function follow(
	target: Target,
	socket: TLSSocket,
	resumption: Resumption | null,
	{ contexts, clock }: DialOptions,
	progress: Progress,
	steps: Steps,
): void {
	const context = contexts.contextFor(target.minTls);
	const closed = (): void => steps.failed(new Error("the peer closed"));
	socket.on("error", steps.failed);
	socket.on("close", closed);
	socket.once("connect", () => {
		finish(progress, clock);
		enter(progress, "tls", clock);
		// Only now, because an unreachable host does not use a ticket up.
		if (resumption !== null) contexts.dropSession(target, resumption.session);
		steps.connected();
	});
	// Before Node's own verdict, which destroys the socket of a bad certificate and with it what could be told about it.
	// Not getPeerX509Certificate(): it takes the certificate out of OpenSSL's chain, and Node's check of the name finds none.
	socket.prependOnceListener("secure", () => {
		if (resumption !== null && socket.isSessionReused())
			progress.shown.certificate = resumption.certificate;
		else if (!isTrusted(socket))
			progress.shown.certificate = describePeer(socket.getPeerCertificate());
	});
	socket.once("secureConnect", () => {
		finish(progress, clock);
		progress.securedAtMs = clock.monotonicMs();
		progress.alpn = socket.alpnProtocol ?? false;
		const { certificate } = progress.shown;
		if (certificate !== null)
			collectSessions(target, socket, contexts, context, certificate, clock);
		// The next owner adds listeners before anything else can happen on the socket.
		socket.removeListener("error", steps.failed);
		socket.removeListener("close", closed);
		steps.secured(socket);
	});
}

/** TLS 1.3 tickets arrive after the handshake, and again at any time: the listener stays for the socket's life. */
function collectSessions(
	target: Target,
	socket: TLSSocket,
	contexts: TlsContexts,
	context: SecureContext,
	certificate: PeerCertificate,
	clock: Clock,
): void {
	socket.on("session", (session: Buffer) => {
		contexts.keepSession(
			target,
			context,
			{ session, certificate },
			clock.monotonicMs(),
		);
	});
}
