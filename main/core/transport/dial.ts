// Brings one verified mTLS socket to one agent: DNS, TCP, a tunnel where the way goes through a proxy, TLS, each with its own
// deadline, for WebSocket and REST alike.
// It reports how far it came in raw facts. It knows no HTTP, no retries and no policy beyond the numbers it is given.
import { isIP, type Socket } from "node:net";
import { connect, type SecureContext, type TLSSocket } from "node:tls";
import type { Clock } from "../../../shared/clock.ts";
import {
	beginning,
	end,
	enter,
	failureOf,
	finish,
	type Progress,
} from "./dialProgress.ts";
import { causesOf, deadlineCause } from "./failure.ts";
import {
	describePeer,
	isTrusted,
	nameCheck,
	type PeerCertificate,
	type Shown,
} from "./peerCertificate.ts";
import { factsOf, openTunnel } from "./proxy.ts";
import type { HttpProxy, ProxyRules } from "./proxyRules.ts";
import { type Lookup, lookupOnce, resolve } from "./resolve.ts";
import type { Resumption, TlsContexts } from "./tlsContext.ts";
import type { Cause, Failure, ProxyFacts, Target } from "./transport.ts";

/** How long each phase of a dial may take. */
export interface DialDeadlines {
	/** For DNS and TCP together. */
	readonly connectMs: number;
	/** For the TLS handshake with the agent. */
	readonly tlsMs: number;
	/** For a proxy to make the tunnel; as long as `connectMs` when absent. */
	readonly proxyMs?: number;
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
	readonly lookup?: Lookup | undefined;
	/** Every host is reached directly when absent or null. */
	readonly proxies?: ProxyRules | null | undefined;
}

/** A verified socket, and what was learned on the way. */
export interface Secured {
	/** Has no listeners of ours but the one that collects sessions; who takes it adds an `error` listener at once. */
	readonly socket: TLSSocket;
	/** dns (absent for a literal address), tcp, proxy (through one only, and the two before are the proxy's), tls. */
	readonly timingsMs: Readonly<Record<string, number>>;
	/** false: the peer has no ALPN. */
	readonly alpn: "http/1.1" | false;
	/** From the full handshake; of a resumed one, from the handshake that the session goes back to. */
	readonly certificate: PeerCertificate | null;
	/** Monotonic, end of the TLS handshake. */
	readonly securedAtMs: number;
	/** Absent: directly to the agent. */
	readonly proxy?: ProxyFacts;
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

/** Dials `target`. The listener is told later, never before this returned. */
export function dialTls(
	target: Target,
	options: DialOptions,
	listener: DialListener,
): Dial {
	const { clock, deadlines = DIAL_DEADLINES, proxies } = options;
	const proxy = proxies?.proxyFor(target.address, target.port) ?? null;
	const progress = beginning(clock, proxy === null ? null : factsOf(proxy));
	const fail = (facts: Partial<Failure>): void => {
		if (progress.over) return;
		const told = failureOf(progress, clock, facts);
		end(progress);
		listener.failed(told);
	};
	const arm = (what: string, forMs: number): void => {
		progress.cancelDeadline();
		progress.cancelDeadline = clock.at(clock.monotonicMs() + forMs, () =>
			fail({ causes: [deadlineCause(what, forMs)], timedOut: true }),
		);
	};
	arm("DNS and TCP", deadlines.connectMs);
	locate(target, proxy, options, progress, {
		connected: () => arm("TLS handshake", deadlines.tlsMs),
		tunnelling: () => arm("proxy", deadlines.proxyMs ?? deadlines.connectMs),
		untunnelled: fail,
		failed: (error) => fail({ causes: causesOf(error) }),
		secured(socket) {
			const { alpn } = progress;
			if (alpn === false || alpn === "http/1.1")
				listener.secured(handOver(progress, socket, alpn, clock));
			else
				fail({
					causes: [{ code: null, message: `the peer chose ${alpn} in ALPN` }],
				});
		},
	});
	return {
		abort: () => end(progress),
		failure: (causes, timedOut = false) =>
			failureOf(progress, clock, { causes, timedOut }),
	};
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
	const { timingsMs, shown, securedAtMs, proxy } = progress;
	return {
		socket,
		timingsMs,
		alpn,
		certificate: shown.certificate,
		securedAtMs: securedAtMs ?? clock.monotonicMs(),
		...(proxy === null ? {} : { proxy }),
	};
}

/** DNS when it is needed, of the proxy where there is one, then on to the address. */
function locate(
	target: Target,
	proxy: HttpProxy | null,
	options: DialOptions,
	progress: Progress,
	steps: Steps,
): void {
	const { clock, lookup = lookupOnce } = options;
	const name = proxy?.host ?? target.address;
	const dial = (address: string): void => {
		enter(progress, "tcp", clock);
		if (proxy === null) handshake(target, address, options, progress, steps);
		else tunnel(target, proxy, address, options, progress, steps);
	};
	if (isIP(name) !== 0) return dial(name);
	resolve(name, lookup, (error, address) => {
		if (progress.over) return;
		if (error !== null) return steps.failed(error);
		finish(progress, clock);
		dial(address);
	});
}

interface Steps {
	/** TCP with the proxy is there. */
	tunnelling(): void;
	untunnelled(facts: Partial<Failure>): void;
	/** TLS with the agent begins. */
	connected(): void;
	/** Without any listener of the dial's; its phases are finished in Progress. */
	secured(socket: TLSSocket): void;
	failed(error: unknown): void;
}

/** TCP to the proxy, the tunnel, and TLS in it. */
function tunnel(
	target: Target,
	proxy: HttpProxy,
	address: string,
	options: DialOptions,
	progress: Progress,
	steps: Steps,
): void {
	const { clock } = options;
	try {
		const { close } = openTunnel(proxy, address, target, clock, {
			connected() {
				finish(progress, clock);
				enter(progress, "proxy", clock);
				steps.tunnelling();
			},
			open(socket) {
				progress.cancelTunnel = noop;
				finish(progress, clock);
				enter(progress, "tls", clock);
				progress.socket = socket;
				handshake(target, socket, options, progress, steps);
			},
			failed: steps.untunnelled,
		});
		progress.cancelTunnel = close;
	} catch (error) {
		queueMicrotask(() => steps.failed(error));
	}
}

const noop = (): void => {};

/**
 * TCP and TLS, or TLS in a tunnel. Without a tunnel one TLSSocket does both: a net.Socket underneath would cost memory for as
 * long as the link lives, as it does with a tunnel.
 */
function handshake(
	target: Target,
	way: string | Socket,
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
			way,
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
	way: string | Socket,
	contexts: TlsContexts,
	resumption: Resumption | null,
	shown: Shown,
): TLSSocket {
	const socket = connect({
		...(typeof way === "string"
			? { host: way, port: target.port }
			: { socket: way }),
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
	/** Before Node destroys the socket of a handshake that the peer broke off, and with it what could be told. */
	const brokenOff = (): void => {
		progress.shown.certificate ??= describePeer(
			socket.getPeerCertificate() ?? {},
		);
		// A TLS 1.2 server judges the client between our Finished and its own.
		if (socket.getFinished() !== undefined)
			progress.securedAtMs ??= clock.monotonicMs();
	};
	socket.prependOnceListener("end", brokenOff);
	socket.on("error", steps.failed);
	socket.on("close", closed);
	const shakingHands = (): void => {
		// Only now, because an unreachable host does not use a ticket up.
		if (resumption !== null) contexts.dropSession(target, resumption.session);
		steps.connected();
	};
	if (progress.phase === "tls") shakingHands();
	else
		socket.once("connect", () => {
			finish(progress, clock);
			enter(progress, "tls", clock);
			shakingHands();
		});
	// Before Node's own verdict, which destroys the socket of a bad certificate and with it what could be told about it.
	// Not getPeerX509Certificate(): it takes the certificate out of OpenSSL's chain, and Node's check of the name finds none.
	socket.prependOnceListener("secure", () => {
		if (resumption !== null && socket.isSessionReused())
			progress.shown.certificate = resumption.certificate;
		else if (!isTrusted(socket))
			progress.shown.certificate = describePeer(socket.getPeerCertificate());
	});
	// Node asks OpenSSL for sessions from the first listener on, and TLS 1.2 makes its only one within the handshake: to listen
	// when that is over is too late. What comes before the verdict is told after it.
	socket.once("session", noop);
	socket.once("secureConnect", () => {
		finish(progress, clock);
		progress.securedAtMs = clock.monotonicMs();
		progress.alpn = socket.alpnProtocol ?? false;
		const { certificate } = progress.shown;
		if (certificate !== null)
			collectSessions(target, socket, contexts, context, {
				certificate,
				verifiedAtMs:
					resumption !== null && socket.isSessionReused()
						? resumption.verifiedAtMs
						: progress.securedAtMs,
			});
		// The next owner adds listeners before anything else can happen on the socket.
		socket.removeListener("end", brokenOff);
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
	{ certificate, verifiedAtMs }: Omit<Resumption, "session">,
): void {
	socket.on("session", (session: Buffer) =>
		contexts.keepSession(target, context, {
			session,
			certificate,
			verifiedAtMs,
		}),
	);
}
