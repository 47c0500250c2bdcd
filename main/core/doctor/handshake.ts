// One look at a host's handshake: dials it, never resumed, and then keeps quiet for a moment, because a server of TLS 1.3
// judges our certificate only after our side of the handshake is done. It reports facts; what they mean is told elsewhere.
import type { KeyObject } from "node:crypto";
import type { Cancel } from "../../../shared/clock.ts";
import { endedRightAfterTls } from "../link/classify.ts";
import type { DialOptions, Secured } from "../transport/dial.ts";
import { dialTls } from "../transport/dial.ts";
import { failureOn, openLine } from "../transport/line.ts";
import type { PeerCertificate } from "../transport/peerCertificate.ts";
import type { Failure, Target } from "../transport/transport.ts";

/** A handshake that was done and not taken back. */
export interface Established {
	readonly kind: "established";
	/** dns (absent for a literal address), tcp, proxy (through one), tls, and how long it was quiet. */
	readonly timingsMs: Readonly<Record<string, number>>;
	readonly quietMs: number;
	readonly alpn: Secured["alpn"];
	readonly certificate: PeerCertificate | null;
	/** `EC prime256v1`, `RSA 2048`, `Ed25519`; null: not shown. */
	readonly key: string | null;
	/** `TLSv1.3`. */
	readonly protocol: string;
	readonly cipher: string;
	/** Looks that were needed: 2 when the agent closed the first connection right after TLS and took the second. */
	readonly looks: number;
}

/** One that was not, or that the agent took back. */
export interface Broken {
	readonly kind: "broken";
	readonly failure: Failure;
	/** From the start of the dial. */
	readonly tookMs: number;
	/** The look before ended right after TLS too. */
	readonly again: boolean;
}

export type Handshake = Established | Broken;

export interface HandshakeOptions extends DialOptions {
	/** How long the agent has to take the handshake back, beside two round trips. */
	readonly quietMs: number;
}

/** No answer to a handshake takes longer to come than this: the limit of `endedRightAfterTls`, with some slack. */
const LONGEST_QUIET_MS = 1_800;

/** Looks once, and once more when the agent closed right after TLS: once may be chance. Null: aborted. */
export async function lookAtHandshake(
	target: Target,
	options: HandshakeOptions,
	signal: AbortSignal,
): Promise<Handshake | null> {
	const first = await look(target, options, signal);
	if (first?.kind !== "broken" || !endedRightAfterTls(first.failure))
		return first;
	const second = await look(target, options, signal);
	if (second === null) return null;
	return second.kind === "broken"
		? { ...second, again: true }
		: { ...second, looks: 2 };
}

function look(
	target: Target,
	options: HandshakeOptions,
	signal: AbortSignal,
): Promise<Handshake | null> {
	const { clock } = options;
	return new Promise((resolve) => {
		if (signal.aborted) return resolve(null);
		const sinceMs = clock.monotonicMs();
		let leave = (): void => dial.abort();
		const finish = (handshake: Handshake | null): void => {
			signal.removeEventListener("abort", aborted);
			resolve(handshake);
		};
		const aborted = (): void => {
			leave();
			finish(null);
		};
		const broken = (failure: Failure): void =>
			finish({
				kind: "broken",
				failure,
				tookMs: clock.monotonicMs() - sinceMs,
				again: false,
			});
		const dial = dialTls(target, options, {
			secured(secured) {
				leave = keepQuiet(secured, options, broken, finish);
			},
			failed: broken,
		});
		signal.addEventListener("abort", aborted);
	});
}

/** Listens without a word. @returns what ends it at once. */
function keepQuiet(
	secured: Secured,
	{ clock, quietMs }: HandshakeOptions,
	broken: (failure: Failure) => void,
	finish: (handshake: Established) => void,
): Cancel {
	const { socket, timingsMs, alpn, certificate } = secured;
	const line = openLine(secured, clock);
	const seen = {
		key: keyText(socket.getPeerX509Certificate()?.publicKey),
		protocol: socket.getProtocol() ?? "TLS",
		cipher: socket.getCipher().standardName,
	};
	const roundTripMs = (timingsMs.tcp ?? 0) + (timingsMs.proxy ?? 0);
	const forMs = Math.min(LONGEST_QUIET_MS, quietMs + 2 * roundTripMs);
	const sinceMs = clock.monotonicMs();
	const takenBack = (): void => {
		cancel();
		broken(failureOn(line, "upgrade", {}, line.trouble ?? CLOSED));
	};
	const cancel = clock.at(sinceMs + forMs, () => {
		socket.removeListener("close", takenBack);
		socket.once("close", () =>
			finish({
				kind: "established",
				timingsMs,
				quietMs: clock.monotonicMs() - sinceMs,
				alpn,
				certificate,
				looks: 1,
				...seen,
			}),
		);
		socket.destroy();
	});
	socket.once("close", takenBack);
	// Nothing is expected, but an end is only noticed by who reads.
	socket.resume();
	return () => {
		cancel();
		socket.removeListener("close", takenBack);
		socket.destroy();
	};
}

const CLOSED = new Error("the peer closed right after TLS");

function keyText(key: KeyObject | undefined): string | null {
	if (key === undefined) return null;
	const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
	switch (key.asymmetricKeyType) {
		case "ec":
			return `EC ${namedCurve ?? ""}`.trim();
		case "rsa":
			return `RSA ${modulusLength ?? ""}`.trim();
		case "ed25519":
			return "Ed25519";
		default:
			return key.asymmetricKeyType?.toUpperCase() ?? null;
	}
}
