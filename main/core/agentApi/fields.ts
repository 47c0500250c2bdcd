// Single fields of an unchecked object, each read to what the model holds or to null. What a field may be is stated in
// `wire.ts`; these are its fast counterparts, and property tests hold the two together.
import { epochMsOf } from "./times.ts";
import { AGENT_JOB_ID, bounded, LIMITS } from "./wire.ts";

/** An agent job id that can be asked for. */
export const idOf = (value: unknown): string | null =>
	typeof value === "string" && AGENT_JOB_ID.test(value) ? value : null;

/** A text that is there and not empty, cut to `max`. */
export const textOf = (value: unknown, max: number): string | null =>
	typeof value === "string" && value !== "" ? bounded(value, max) : null;

/** An RFC 3339 time in epoch ms. */
export const timeOf = (value: unknown): number | null =>
	typeof value === "string" ? epochMsOf(value) : null;

/** A number brought between 0 and 100. */
export function percentOf(value: unknown): number | null {
	if (typeof value !== "number" || !Number.isFinite(value)) return null;
	if (value <= 0) return 0;
	return value > 100 ? 100 : value;
}

/** A position in a log. */
export const seqOf = (value: unknown): number | null =>
	typeof value === "number" && Number.isSafeInteger(value) && value >= 0
		? value
		: null;

/** A name that is taken whole or not at all. */
export const nameOf = (value: unknown, max: number): string | null =>
	typeof value === "string" && value !== "" && value.length <= max
		? value
		: null;

/** The package names of a list; anything else in it is left out, anything but a list is empty. */
export function packagesOf(value: unknown): string[] {
	if (!Array.isArray(value)) return [];
	const names: string[] = [];
	for (const name of value) {
		if (names.length === LIMITS.packages) break;
		const text = textOf(name, LIMITS.packageChars);
		if (text !== null) names.push(text);
	}
	return names;
}
