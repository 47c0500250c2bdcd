// Notices from plain Node what an operating system tells a desktop app by events: that the computer slept (much wall
// time passed between two looks), and that its networks changed. Looks every 2 s; Electron's power events come on top.
import { networkInterfaces } from "node:os";
import type { Cancel, Clock } from "../../shared/clock.ts";
import { every } from "../../shared/clock.ts";

const LOOK_EVERY_MS = 2_000;
/**
 * A look that comes this late was not held up and its clock was not corrected: the computer slept. Wall time alone is
 * compared, because on Windows the monotonic clock goes on during sleep.
 */
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
	let lookedAt = clock.wallMs();
	let networks = ports.networks();
	const look = (): void => {
		const at = clock.wallMs();
		const now = ports.networks();
		const slept = at - lookedAt > LOOK_EVERY_MS + SLEPT_MS;
		const moved = now !== networks;
		lookedAt = at;
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
		// Link-local ones come and go with every container and lead nowhere.
		.filter(
			({ internal, address }) =>
				!internal && !/^(fe[89ab]|169\.254\.)/i.test(address),
		)
		.map(({ address }) => address)
		.sort()
		.join(" ");
