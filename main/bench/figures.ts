// A measured thing beside its target, and the arithmetic on rounds: medians, spread, verdict. Pure.
import type { Pairs } from "./stage.ts";

/** One line of the table. */
export interface Figure {
	/** As in the list of targets, e.g. `P1`. */
	readonly id: string;
	readonly what: string;
	readonly baseline: string;
	readonly measured: string;
	/** What is held against the limit, one for each round. */
	readonly values: readonly number[];
	readonly limit: number;
	/** `x` for ratios, else a unit. */
	readonly unit: string;
	/** Better than the limit and worth trying for; null when there is none. */
	readonly stretch: number | null;
	/** What else is worth knowing of it; empty when nothing is. */
	readonly context: string;
}

/** The middle value; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	const upper = sorted[middle] ?? Number.NaN;
	return sorted.length % 2 === 1
		? upper
		: ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Subject by baseline, round by round. */
export const ratios = ({ baseline, subject }: Pairs): number[] =>
	subject.map((value, round) => value / (baseline[round] ?? Number.NaN));

/** A value that is not a number holds nothing. */
export const holds = ({ values, limit }: Figure): boolean =>
	median(values) <= limit;

/** A number with as many digits as it is worth. */
export const shown = (value: number): string =>
	value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
