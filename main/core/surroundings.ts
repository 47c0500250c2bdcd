// Notices from plain Node what an operating system tells a desktop app by events: that the computer slept (the wall clock
// jumped against the monotonic one), and that its networks changed. Looks every 2 s; Electron's power events come on top.
import { networkInterfaces } from "node:os";
import type { Cancel, Clock } from "../../shared/clock.ts";
import { every } from "../../shared/clock.ts";

const LOOK_EVERY_MS = 2_000;
/** A wall clock that gained this much against the monotonic one was not corrected: the computer slept. */
const SLEPT_MS = 10_000;

export interface SurroundingsPorts {
	readonly clock: Clock;
	/** A text that changes when the set of usable network addresses changes. */
	networks(): string;
	woke(): void;
	networkChanged(): void;
}

/** Watches until the returned function is called. */
export function watchSurroundings(ports: SurroundingsPorts): Cancel {
	const { clock } = ports;
	let wallAhead = clock.wallMs() - clock.monotonicMs();
	let networks = ports.networks();
	const look = (): void => {
		const ahead = clock.wallMs() - clock.monotonicMs();
		const now = ports.networks();
		const slept = ahead - wallAhead > SLEPT_MS;
		const moved = now !== networks;
		wallAhead = ahead;
		networks = now;
		if (slept) ports.woke();
		else if (moved) ports.networkChanged();
	};
	return every(clock, LOOK_EVERY_MS, look);
}

/** The addresses of this computer by which others can be reached, as a text that changes when they do. */
export const usableNetworks = (): string =>
	Object.values(networkInterfaces())
		.flatMap((addresses) => addresses ?? [])
		.filter(({ internal }) => !internal)
		.map(({ address }) => address)
		.sort()
		.join(" ");
