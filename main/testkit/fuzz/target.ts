// What a fuzzed decoder looks like to the runner: where its inputs grow from, how one is fed, and what it may keep of it.
import type { Result } from "../../../shared/fault.ts";
import type { Chance } from "./chance.ts";

/** What became of one input. */
export interface Fed {
	/** `value`, `refused`, or the code of a fault. */
	readonly outcome: string;
	/** Everything that is kept of the input. */
	readonly kept: unknown;
}

/** One decoder. */
export interface FuzzTarget {
	readonly name: string;
	/** Good inputs, from which broken ones are made. */
	readonly seeds: readonly string[];
	/** A text field and a list that it reads, for huge inputs. */
	readonly field: string;
	readonly list: string;
	/** Most characters of names and texts in what is kept, whatever the input is. */
	readonly mostChars: number;
	/** Huge inputs above this many characters are left out; none are when absent. */
	readonly hugest?: number;
	/** The same for each character of the input, on top of `FREE_CHARS`; 8 when absent. */
	readonly mostRatio?: number;
	/** Takes one input in. Whatever it throws, or rejects with, is a finding. */
	feed(text: string, chance: Chance): Fed | Promise<Fed>;
}

/** What the names of the fields and the words of a fault may come to, whatever the input is. */
export const FREE_CHARS = 3_000;
export const USUAL_RATIO = 8;

/** A result as the runner counts it. */
export const fedResult = <T>(result: Result<T>): Fed =>
	result.ok
		? { outcome: "value", kept: result.value }
		: { outcome: result.fault.code, kept: result.fault };
