// The handshake of a connection without a network: TCP, then TLS with a certificate that the agent takes or not. Both kinds
// of connection, the socket's and the requests', begin with it, so both count against the cap of the dial gate.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import { failureIn } from "../../core/transport/failure.ts";
import type { Failure, Phase } from "../../core/transport/transport.ts";
import type { Guest, MemoryDoor } from "./memoryDoor.ts";
import type { Path, Way } from "./path.ts";

/** Each of TCP and TLS, as in the real dial. */
const PHASE_MS = 10_000;

/** One host as the wire sees it. */
export interface Peer {
	readonly path: Path;
	readonly door: MemoryDoor;
	/** Whether agents take the certificate that the console shows now. */
	isWelcome(): boolean;
}

/** A connection that is up. */
export interface Joint {
	readonly up: Way;
	readonly down: Way;
	/** The agent's process is still the one that was connected to, and has not closed it. */
	readonly isAlive: boolean;
	/** Forgets it on both sides. Twice is once. */
	end(): void;
}

export interface Hopes {
	/** Runs when the handshake is over, before `up` or `failed`. */
	over(): void;
	up(joint: Joint): void;
	failed(failure: Failure): void;
	/** The agent closed it, after it was up. Arrives with the pieces before it. */
	reset(): void;
}

/** Begins a handshake; the returned function gives it up and tells nothing. */
export function shake(peer: Peer, console: Clock, hopes: Hopes): Cancel {
	const { path, door } = peer;
	const up = path.openWay();
	const down = path.openWay();
	let isAlive = true;
	let isShaking = true;
	let cancelDeadline: Cancel = () => {};

	const guest: Guest = {
		reset() {
			if (!isAlive) return;
			isAlive = false;
			up.close();
			down.send(() => {
				if (isShaking) fail("tls", RESET);
				else hopes.reset();
			});
		},
	};
	const end = (): void => {
		isAlive = false;
		isShaking = false;
		cancelDeadline();
		up.close();
		down.close();
		door.leave(guest);
	};
	const fail = (phase: Phase, facts: Partial<Failure>): void => {
		if (!isShaking) return;
		end();
		hopes.over();
		hopes.failed(failureIn(phase, facts));
	};
	const begin = (phase: "tcp" | "tls"): void => {
		cancelDeadline();
		cancelDeadline = console.at(console.monotonicMs() + PHASE_MS, () =>
			fail(phase, { timedOut: true }),
		);
	};
	const secured = (): void => {
		if (!isShaking) return;
		if (!peer.isWelcome()) return fail("upgrade", NOT_WELCOME);
		isShaking = false;
		cancelDeadline();
		hopes.over();
		hopes.up({
			up,
			down,
			end,
			get isAlive() {
				return isAlive;
			},
		});
	};
	const hello = (life: number): void =>
		door.whenRunning(() => {
			if (isAlive && isShaking && door.life === life) down.send(secured);
		});

	if (path.isOffline) {
		cancelDeadline = console.at(console.monotonicMs() + 1, () =>
			fail("tcp", OFFLINE),
		);
		return end;
	}
	begin("tcp");
	up.send(() => {
		if (!door.isOpen) return down.send(() => fail("tcp", REFUSED));
		door.enter(guest);
		const { life } = door;
		down.send(() => {
			begin("tls");
			up.send(() => hello(life));
		});
	});
	return end;
}

const because = (code: string): Partial<Failure> => ({
	causes: [{ code, message: code }],
});
const OFFLINE = because("ENETUNREACH");
const REFUSED = because("ECONNREFUSED");
const RESET = because("ECONNRESET");
/** TLS 1.3: the client believes itself connected before the server has judged it. */
const NOT_WELCOME: Partial<Failure> = {
	...because("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA"),
	secureForMs: 20,
};
