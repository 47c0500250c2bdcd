// How agents of every age spell states, operations and versions, and what we call them (03-BEHAVIOUR section 3).
// Tables only: what a state means for a run is decided in `jobs/reduce.ts`.
import type { RunState } from "../../../shared/model.ts";

const STATES: ReadonlyMap<string, RunState> = new Map<string, RunState>([
	["queued", "queued"],
	["pending", "queued"],
	["running", "running"],
	["completed", "succeeded"],
	["succeeded", "succeeded"],
	["failed", "failed"],
	["cancelled", "cancelled"],
	["timedout", "timed_out"],
	["timed_out", "timed_out"],
	["timeout", "timed_out"],
]);

/** Our state for an agent's word, whatever its case; `unknown` for a word that is not in the table (the caller keeps the word). */
export function runStateOf(word: string): RunState {
	return STATES.get(word) ?? STATES.get(word.toLowerCase()) ?? "unknown";
}

/** An operation without underscores and in lower case: `patch_apply` and `PatchApply` are `patchapply`. */
export function operationOf(word: string): string {
	return word.includes("_")
		? word.replaceAll("_", "").toLowerCase()
		: word.toLowerCase();
}

/** A version without a `v` before it and without a Debian revision or epoch: `v2.4.0` and `1:2.4.0-1` are `2.4.0` (02, Q18). */
export function versionOf(word: string): string {
	const bare = word
		.trim()
		.replace(/^\d+:/, "")
		.replace(/^v(?=\d)/i, "");
	return bare.replace(/-\d[\w.~+]*$/, "");
}

/** The agents' hidden jobs (02, Q8) install packages whose names begin so; they are nobody's work and never shown. */
const PHANTOM_PREFIX = "__";

/** Whether these packages betray a job that an agent made for its own ends. */
export const isPhantom = (packages: readonly string[]): boolean =>
	packages.some((name) => name.startsWith(PHANTOM_PREFIX));
