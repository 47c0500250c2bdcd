// The words of the fleet for completion and for explaining a filter: read when a person looks, not when the fleet changes.
import { useMemo, useRef } from "react";
import type { FleetWords, ListName } from "../store/vocabulary.ts";
import { fleetWords } from "../store/vocabulary.ts";
import { useParts, useView } from "./window.ts";

/** Words older than this are read again: labels and faults come with hosts. */
const READ_AGAIN_MS = 5_000;

/** A steady function; reading costs as much as the fleet is large, at most once in five seconds. */
export function useFleetWords(): () => FleetWords {
	const { core, ticker } = useParts();
	const read = useRef<{ words: FleetWords; at: number } | null>(null);
	return useMemo(
		() => () => {
			const now = ticker.read();
			if (read.current === null || now - read.current.at > READ_AGAIN_MS)
				read.current = { words: fleetWords(core.getState().fleet), at: now };
			return read.current.words;
		},
		[core, ticker],
	);
}

/** The list that is on the screen; null: there is none with a filter. */
export const useListName = (): ListName | null =>
	useView(({ address: { screen } }) =>
		screen === "jobs" ||
		screen === "job" ||
		screen === "hosts" ||
		screen === "activity"
			? screen
			: null,
	);
