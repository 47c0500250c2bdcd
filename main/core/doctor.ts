// Diagnoses one host, layer by layer, on connections of its own beside whatever link there is: dns, tcp, proxy, tls,
// certificate, alpn, upgrade, greeting, rest; through a proxy the first two are the proxy's. It stops at the first fault, but
// still asks over REST when only the socket cannot be had.
import { isIP } from "node:net";
import type { Clock } from "../../shared/clock.ts";
import type { DiagnosisStep } from "../../shared/diagnosis.ts";
import type { Fault } from "../../shared/fault.ts";
import type { Chart, Diagnosis } from "./doctor/chart.ts";
import { openChart } from "./doctor/chart.ts";
import type { Broken } from "./doctor/handshake.ts";
import { lookAtHandshake } from "./doctor/handshake.ts";
import type { Surroundings } from "./doctor/handshakeSteps.ts";
import {
	advised,
	layerOf,
	tellBroken,
	tellEstablished,
} from "./doctor/handshakeSteps.ts";
import { ownAddress } from "./doctor/ownAddress.ts";
import type { RestSide } from "./doctor/restStep.ts";
import { openRestSide } from "./doctor/restStep.ts";
import type { SocketSeen } from "./doctor/socketSteps.ts";
import { lookAtSocket } from "./doctor/socketSteps.ts";
import type { HostEntry } from "./fleet/target.ts";
import { identityFault } from "./identity/preflight.ts";
import type { OwnerOf } from "./link/certificateWords.ts";
import { classify, endedRightAfterTls } from "./link/classify.ts";
import type { DialOptions } from "./transport/dial.ts";
import { factsOf } from "./transport/proxy.ts";
import type { HttpProxy, ProxyRules } from "./transport/proxyRules.ts";
import type { Lookup } from "./transport/resolve.ts";
import { lookupOnce } from "./transport/resolve.ts";
import { openRest } from "./transport/rest.ts";
import type { TlsContexts } from "./transport/tlsContext.ts";
import { openTlsContexts } from "./transport/tlsContext.ts";
import type { Failure, Target } from "./transport/transport.ts";
import { openWebSocketTransport } from "./transport/webSocket.ts";

/** How long each layer may take, in milliseconds. */
export interface DoctorDeadlines {
	/** DNS and TCP together; as long again for a proxy's tunnel. */
	readonly connectMs: number;
	readonly tlsMs: number;
	/** How long the agent has to take the handshake back, beside two round trips. */
	readonly quietMs: number;
	readonly upgradeMs: number;
	/** The greeting with its challenge. */
	readonly authMs: number;
	readonly pongMs: number;
	/** Each of the two requests. */
	readonly requestMs: number;
}

/** As a link has them, but for the requests: an agent whose worker is blocked answers after up to 30 s, and a person waits here. */
export const DOCTOR_DEADLINES: DoctorDeadlines = {
	connectMs: 10_000,
	tlsMs: 10_000,
	quietMs: 250,
	upgradeMs: 10_000,
	authMs: 10_000,
	pongMs: 5_000,
	requestMs: 15_000,
};

/** What a diagnosis needs. */
export interface DoctorPorts {
	readonly clock: Clock;
	/** Whose identity is shown. Sessions are neither used nor kept: a resumed handshake would prove nothing. */
	readonly contexts: TlsContexts;
	/** Why there is no identity, where more is known than that. */
	readonly identityFault?: Fault | null;
	readonly consoleVersion: string;
	/** DOCTOR_DEADLINES when absent. */
	readonly deadlines?: DoctorDeadlines;
	/** The system's resolver when absent. */
	readonly lookup?: Lookup | undefined;
	/** Absent: no fleet is known. */
	readonly ownerOf?: OwnerOf;
	/** Every host is reached directly when absent or null. */
	readonly proxies?: ProxyRules | null | undefined;
}

/** What is asked. */
export interface DiagnosisWish {
	/** Agent's clock minus ours, where it is known: for verdicts on dates. */
	readonly skewMs?: number | null;
	/** Ends it: everything is closed, and what was not looked at is skipped. */
	readonly signal: AbortSignal;
	/** Told of each step when it is known. */
	onStep?(step: DiagnosisStep): void;
}

/** One diagnosis under way. */
interface Case {
	readonly target: Target;
	readonly ports: DoctorPorts;
	readonly deadlines: DoctorDeadlines;
	readonly dialing: DialOptions;
	readonly skewMs: number | null;
	readonly signal: AbortSignal;
	readonly chart: Chart;
	/** Why our side cannot even try; the layers before the certificate are looked at all the same. */
	readonly preflight: Fault | null;
	/** On the way to the host; null: directly. */
	readonly proxy: HttpProxy | null;
	/** The IP address that the name led to last. */
	dialed: string | null;
}

/** Diagnoses `entry`; never rejects for what a host does. Up to six connections, one after the other, all closed at the end. */
export async function diagnose(
	entry: HostEntry,
	ports: DoctorPorts,
	wish: DiagnosisWish,
): Promise<Diagnosis> {
	const one = openCase(entry, ports, wish);
	const handshake = await lookAtHandshake(
		one.target,
		{ ...one.dialing, quietMs: one.deadlines.quietMs },
		one.signal,
	);
	if (handshake === null) return one.chart.stop();
	const around = await surroundings(one);
	if (handshake.kind === "broken") {
		const why = tellRefused(one, handshake, around);
		return one.chart.end(`not reached: ${why.code} comes first`);
	}
	tellEstablished(one.chart, handshake, around);
	return overHttp(one, around);
}

function openCase(
	entry: HostEntry,
	ports: DoctorPorts,
	{ signal, skewMs = null, onStep }: DiagnosisWish,
): Case {
	const { clock, contexts, deadlines = DOCTOR_DEADLINES } = ports;
	const preflight =
		(contexts.identity === null ? ports.identityFault : null) ??
		identityFault(contexts.identity, contexts.fault, clock.wallMs());
	const one: Case = {
		target: { ...entry, hostId: entry.id },
		ports,
		deadlines,
		dialing: {
			clock,
			deadlines,
			// No agent is shown a certificate that it must refuse.
			contexts: unresumed(
				preflight === null ? contexts : openTlsContexts(null),
			),
			lookup: (name, family, done) =>
				(ports.lookup ?? lookupOnce)(name, family, (error, address) => {
					if (error === null) one.dialed = address;
					done(error, address);
				}),
			proxies: ports.proxies,
		},
		skewMs,
		signal,
		chart: openChart((step) => onStep?.(step)),
		preflight,
		proxy: ports.proxies?.proxyFor(entry.address, entry.port) ?? null,
		dialed: null,
	};
	return one;
}

/** The same identity, with every handshake in full. */
const unresumed = (contexts: TlsContexts): TlsContexts => ({
	identity: contexts.identity,
	fault: contexts.fault,
	contextFor: contexts.contextFor,
	replace: contexts.replace,
	sessionOf: () => null,
	dropSession: () => {},
	keepSession: () => {},
});

async function surroundings(one: Case): Promise<Surroundings> {
	const { target, ports, preflight, dialed, proxy } = one;
	const way: { address: string; port: number } =
		proxy === null ? target : { address: proxy.host, port: proxy.port };
	const address = dialed ?? (isIP(way.address) === 0 ? null : way.address);
	return {
		target,
		address,
		proxy: proxy === null ? null : factsOf(proxy),
		from: address === null ? null : await ownAddress(address, way.port),
		identity:
			preflight?.code === "identity.absent"
				? null
				: (ports.contexts.identity?.facts ?? null),
		wallMs: ports.clock.wallMs(),
	};
}

/** Tells a handshake that did not come about; always so without an identity that can be used, which trusts nobody. */
function tellRefused(
	one: Case,
	handshake: Broken,
	around: Surroundings,
): Fault {
	const { chart, preflight } = one;
	const { failure, again } = handshake;
	const told = classifyFor(one, failure, again);
	const isOurs =
		preflight !== null && layerOf(told.code, failure.phase) === "certificate";
	const why = isOurs ? preflight : advised(told, around);
	tellBroken(chart, handshake, why, around);
	return why;
}

const classifyFor = (
	{ skewMs, target, ports }: Case,
	failure: Failure,
	again: boolean,
): Fault =>
	classify(failure, {
		wasLive: false,
		skewMs,
		servername: target.servername,
		ownerOf: ports.ownerOf,
		freshTlsFailures: again && endedRightAfterTls(failure) ? 1 : 0,
	});

/** The layers above a handshake that is good. */
async function overHttp(one: Case, around: Surroundings): Promise<Diagnosis> {
	const { target, ports, deadlines, dialing, signal, chart } = one;
	const rest = openRest(target, dialing);
	const side = openRestSide(
		{
			clock: ports.clock,
			rest,
			requestMs: deadlines.requestMs,
			classify: (failure) => classifyFor(one, failure, false),
		},
		signal,
	);
	try {
		const socket = await overSocket(one, side);
		if (socket === null) return chart.stop();
		tellSocket(chart, socket, around);
		await side.tell(chart, socket.fault === null);
		return signal.aborted ? chart.stop() : chart.end("not reached");
	} finally {
		rest.close();
	}
}

const overSocket = (
	{ target, ports, deadlines, dialing, skewMs, signal }: Case,
	{ extensions, learn }: RestSide,
): Promise<SocketSeen | null> =>
	lookAtSocket(
		target,
		{
			clock: ports.clock,
			transport: openWebSocketTransport({
				...dialing,
				upgradeMs: deadlines.upgradeMs,
			}),
			identity: ports.contexts.identity,
			consoleVersion: ports.consoleVersion,
			authMs: deadlines.authMs,
			pongMs: deadlines.pongMs,
			skewMs,
			extensions,
			learn,
		},
		signal,
	);

function tellSocket(
	chart: Chart,
	seen: SocketSeen,
	around: Surroundings,
): void {
	const { fault: why } = seen;
	if (!seen.upgraded) {
		if (why !== null)
			chart.fails("upgrade", advised(why, around), seen.upgradeMs, {
				request: "GET /api/v1/ws/jobs",
			});
		chart.skip("greeting", "not reached: there is no socket");
		return;
	}
	chart.works("upgrade", {
		ms: seen.upgradeMs,
		sentence: "101, and Sec-WebSocket-Accept is right",
		evidence: { request: "GET /api/v1/ws/jobs", status: 101 },
	});
	const evidence = {
		...(seen.said.length === 0 ? {} : { said: [...seen.said] }),
		challenge: seen.challenged ? "answered" : "none",
		...(seen.pongMs === null
			? {}
			: { pong_ms: Math.round(seen.pongMs * 10) / 10 }),
	};
	if (why !== null) chart.fails("greeting", why, seen.greetingMs, evidence);
	else
		chart.works("greeting", {
			ms: seen.greetingMs,
			sentence: seen.challenged
				? "greeted, the challenge was passed, and a ping was answered"
				: "greeted, and a ping was answered",
			evidence,
			warnings:
				seen.said.length === 0
					? ["the agent said nothing by itself within a second"]
					: [],
		});
}
