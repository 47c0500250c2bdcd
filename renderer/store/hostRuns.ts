// Which runs of a host its panel lists. Pure.
import type { RunKey } from "../../shared/model.ts";

/** A host may have done hundreds; the newest are what a person asks for there. */
const SHOWN = 8;

/** The newest runs, newest first. @param keys of one host, oldest first. */
export const newestRuns = (keys: readonly RunKey[]): readonly RunKey[] =>
	keys.slice(-SHOWN).toReversed();
