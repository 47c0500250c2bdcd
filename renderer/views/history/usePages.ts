// A list that the core gives in pages: the first at once, more when a person wants them. Another question begins anew, and a late
// answer to a former one is dropped.
import { useEffect, useRef, useState } from "react";
import type { Fault, Result } from "../../../shared/fault.ts";

interface Page<Row, At> {
	readonly rows: readonly Row[];
	/** Where the next page begins; null: this was the last. */
	readonly next: At | null;
}

export interface Pages<Row> {
	readonly rows: readonly Row[];
	/** Null: there is no more. */
	readonly more: (() => void) | null;
	/** `asking` before the first answer only. */
	readonly state: "asking" | "there" | "refused";
	readonly fault: Fault | null;
	readonly again: () => void;
}

/** Answers come from memory or a local file: after this, who types is done with a word. */
const TYPING_MS = 150;

/** @param key another one is another question. */
export function usePages<Row, At>(
	key: string,
	read: (at: At | null) => Promise<Result<Page<Row, At>>>,
): Pages<Row> {
	const [shown, setShown] = useState<{
		readonly key: string;
		readonly page: Page<Row, At> | null;
		readonly fault: Fault | null;
	}>({ key, page: null, fault: null });
	const [turn, setTurn] = useState(0);
	const asked = useRef(0);
	const isAsking = useRef(false);

	const ask = async (before: readonly Row[], at: At | null): Promise<void> => {
		const mine = ++asked.current;
		isAsking.current = true;
		const answer = await read(at);
		if (mine !== asked.current) return;
		isAsking.current = false;
		if (answer.ok)
			setShown({
				key,
				page: {
					rows: [...before, ...answer.value.rows],
					next: answer.value.next,
				},
				fault: null,
			});
		else
			setShown(({ page }) => ({
				key,
				page: before.length > 0 ? page : null,
				fault: answer.fault,
			}));
	};
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked once for each question; reading is new with every render
	useEffect(() => {
		const timer = setTimeout(() => void ask([], null), TYPING_MS);
		return () => {
			clearTimeout(timer);
			asked.current++;
			isAsking.current = false;
		};
	}, [key, turn]);

	const isThis = shown.key === key;
	const page = isThis ? shown.page : null;
	const next = page?.next ?? null;
	return {
		rows: page?.rows ?? [],
		more:
			page === null || next === null
				? null
				: () => {
						if (!isAsking.current) void ask(page.rows, next);
					},
		state:
			page !== null ? "there" : isThis && shown.fault ? "refused" : "asking",
		fault: isThis ? shown.fault : null,
		again: () => setTurn((before) => before + 1),
	};
}
