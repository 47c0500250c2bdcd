// What every subject of the bench has in common: how it is opened, how it tells what it has taken in, and connecting many
// at a bounded rate. Knows no particular subject.
import type { ConnectOrder } from "./orders.ts";

/** A subject in its process. */
export interface Opened {
	/** Connects until so many links are open in total; resolves when they are and have nothing more to ask. */
	connect(upTo: number): Promise<void>;
	/** Resolves when so many links opened again since it was called; `forget` drops what would make that cheaper. Absent: the role does not reconnect. */
	reopened?(links: number, forget: boolean): Promise<void>;
	/** Resolves when so much was taken in since the start; each role looks at the figure it can tell. */
	taken(goal: { events: number; runsEnded: number }): Promise<void>;
	/** Links that are open now. */
	open(): number;
}

/** Makes a subject without links. */
export type OpenRole = (order: ConnectOrder) => Opened;

/** A figure that only rises, and who waits for it. */
export interface Tally {
	value: number;
	add(): void;
	reached(goal: number): Promise<void>;
}

/** Adding costs a comparison: it stands in the measured path. */
export function openTally(): Tally {
	let wanted = Number.POSITIVE_INFINITY;
	let tell = (): void => {};
	return {
		value: 0,
		add() {
			if (++this.value >= wanted) tell();
		},
		reached(goal) {
			if (this.value >= goal) return Promise.resolve();
			wanted = goal;
			return new Promise((resolve) => {
				tell = () => {
					wanted = Number.POSITIVE_INFINITY;
					resolve();
				};
			});
		},
	};
}

/** Opens the links numbered `from` to `upTo`, `atOnce` at the same time, ports in turn. `open` resolves when its link is open. */
export async function openMany(
	{ atOnce, ports }: ConnectOrder,
	from: number,
	upTo: number,
	open: (index: number, port: number) => Promise<void>,
): Promise<void> {
	let next = from;
	const worker = async (): Promise<void> => {
		for (let index = next++; index < upTo; index = next++)
			await open(index, portOf(ports, index));
	};
	await Promise.all(
		Array.from({ length: Math.min(atOnce, upTo - from) }, () => worker()),
	);
}

/** The port that the link with this number connects to. */
export const portOf = (ports: readonly number[], index: number): number =>
	ports[index % ports.length] ?? 0;

/** For roles that take in nothing. */
export const takesNothing = (): Promise<void> =>
	Promise.reject(new Error("this role takes in no events"));
