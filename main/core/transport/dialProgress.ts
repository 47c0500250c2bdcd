// How far a dial came: the phase it is in, what the finished ones took, what was shown. It is what a failure is told from.
import type { Socket } from "node:net";
import type { Cancel, Clock } from "../../../shared/clock.ts";
import { failureIn } from "./failure.ts";
import type { Shown } from "./peerCertificate.ts";
import type { Failure, ProxyFacts } from "./transport.ts";

/** Where a dial is; one object, so that its steps can be functions of their own. */
export interface Progress {
	phase: "dns" | "tcp" | "proxy" | "tls";
	phaseAtMs: number;
	readonly timingsMs: Record<string, number>;
	/** Null: directly to the agent. */
	readonly proxy: ProxyFacts | null;
	/** What is open; null: nothing, or a tunnel in the making. */
	socket: Socket | null;
	readonly shown: Shown;
	alpn: string | false | null;
	securedAtMs: number | null;
	cancelDeadline: Cancel;
	/** Ends a tunnel in the making. */
	cancelTunnel: Cancel;
	over: boolean;
}

const noop = (): void => {};

export const beginning = (
	clock: Clock,
	proxy: ProxyFacts | null,
): Progress => ({
	phase: "dns",
	phaseAtMs: clock.monotonicMs(),
	timingsMs: {},
	proxy,
	socket: null,
	shown: { certificate: null },
	alpn: null,
	securedAtMs: null,
	cancelDeadline: noop,
	cancelTunnel: noop,
	over: false,
});

export function enter(
	progress: Progress,
	phase: Progress["phase"],
	clock: Clock,
): void {
	progress.phase = phase;
	progress.phaseAtMs = clock.monotonicMs();
}

export function finish(progress: Progress, clock: Clock): void {
	progress.timingsMs[progress.phase] = clock.monotonicMs() - progress.phaseAtMs;
}

/** Closes what is open. */
export function end(progress: Progress): void {
	if (progress.over) return;
	progress.over = true;
	progress.cancelDeadline();
	progress.cancelTunnel();
	progress.socket?.on("error", noop).destroy();
	progress.socket = null;
}

/** A failure at this moment; `facts` beside what the progress tells. */
export function failureOf(
	progress: Progress,
	clock: Clock,
	facts: Partial<Failure>,
): Failure {
	const { phase, timingsMs, alpn, shown, securedAtMs, proxy } = progress;
	return failureIn(phase, {
		proxy,
		timingsMs,
		alpn,
		certificate: shown.certificate,
		secureForMs:
			securedAtMs === null ? null : clock.monotonicMs() - securedAtMs,
		...facts,
	});
}
