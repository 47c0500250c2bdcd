// Below a screen's head, when there is something to say: the person's views of this list, and the filter as it was
// understood, with how many rows it leaves. A filter never hides anything silently.
import type { ReactElement } from "react";
import { useEffect, useMemo, useRef, useState } from "react";
import { explain, mended } from "../store/explain.ts";
import { parseFilter } from "../store/filter.ts";
import { orderWords } from "../store/hostSort.ts";
import { hashOfList, isWorthSaving, viewsOf } from "../store/lists.ts";
import { Button } from "../ui/Button.tsx";
import { useKeys } from "../ui/useKeys.ts";
import styles from "./LensBar.module.css";
import { SaveView } from "./SaveView.tsx";
import { useFleetWords, useListName } from "./useFleetWords.ts";
import { useKeyHint } from "./useKeyNames.ts";
import { ViewChip } from "./ViewChip.tsx";
import { useView } from "./window.ts";

export function LensBar(props: {
	/** `12 of 50`. */
	readonly count: string | undefined;
	readonly onFilter: (text: string) => void;
}): ReactElement | null {
	const address = useView((view) => view.address);
	const views = useView((view) => view.preferences.views);
	const [isNaming, setNaming] = useState(false);
	const lens = useRef<HTMLDivElement>(null);
	const wasNaming = useRef(false);
	useEffect(() => {
		// The box that had the focus is gone: on with what it made.
		if (wasNaming.current && !isNaming)
			lens.current
				?.querySelector<HTMLElement>('a[aria-current="true"], button')
				?.focus();
		wasNaming.current = isNaming;
	}, [isNaming]);
	const hint = useKeyHint("save.view");
	const here = viewsOf(views, address);
	const q = "q" in address ? address.q : "";
	const canSave = isWorthSaving(address);
	const say = useView((view) => view.say);
	useKeys({
		v: () =>
			canSave
				? setNaming(true)
				: say("A view is a filter, a state or an order: there is none here."),
	});
	const isOrdered = address.screen === "hosts" && address.sort !== undefined;
	const hasWords = here.length > 0 || q.trim() !== "" || isOrdered;
	if (!hasWords && !isNaming) return null;
	const current = hashOfList(address);
	const isSaved = here.some((view) => view.hash === current);
	return (
		<div ref={lens} className={styles.lens}>
			{here.length > 0 && (
				<ul className={styles.views} aria-label="Saved views">
					{here.map((view, at) => (
						<ViewChip
							// biome-ignore lint/suspicious/noArrayIndexKey: not by name, as a chip that is renamed is still the one with the focus
							key={`${view.hash} ${at}`}
							view={view}
							isCurrent={view.hash === current}
						/>
					))}
				</ul>
			)}
			{q.trim() !== "" && <Understood q={q} onFilter={props.onFilter} />}
			{address.screen === "hosts" && address.sort !== undefined && (
				<span>{orderWords(address.sort)}</span>
			)}
			{props.count?.includes(" of ") && (
				<span className={styles.count}>{props.count} shown</span>
			)}
			<Spoken q={q} count={props.count} />
			<span className={styles.space} />
			{canSave && !isSaved && !isNaming && (
				<Button
					look="quiet"
					title={`Save this view${hint}`}
					onClick={() => setNaming(true)}
				>
					Save this view
				</Button>
			)}
			{isNaming && <SaveView onDone={() => setNaming(false)} />}
		</div>
	);
}

/** How long a filter rests before its count is spoken; the numbers of a busy fleet are not. */
const SPOKEN_AFTER_MS = 1_000;

/** Tells who does not see it how many rows a filter leaves, once for each filter. */
function Spoken(props: {
	readonly q: string;
	readonly count: string | undefined;
}): ReactElement {
	const { q } = props;
	const [text, setText] = useState("");
	const count = useRef(props.count);
	count.current = props.count;
	useEffect(() => {
		if (q.trim() === "") return;
		const timer = setTimeout(
			() => setText(`${count.current ?? "all"} shown`),
			SPOKEN_AFTER_MS,
		);
		return () => clearTimeout(timer);
	}, [q]);
	return (
		<span role="status" className={styles.unseen}>
			{text}
		</span>
	);
}

/** `role is web · not failed`, with what is doubtful about it. */
function Understood(props: {
	readonly q: string;
	readonly onFilter: (text: string) => void;
}): ReactElement | null {
	const { q } = props;
	const list = useListName();
	const words = useFleetWords();
	const terms = useMemo(
		() => (list === null ? [] : explain(parseFilter(q), list, words())),
		[q, list, words],
	);
	if (terms.length === 0) return null;
	const doubts = terms.filter(({ doubt }) => doubt !== null);
	return (
		<p className={styles.understood}>
			{terms.map((term, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a term is its place in the filter
				<span key={at}>
					{at > 0 && <span className={styles.dot}> · </span>}
					<span className={term.doubt === null ? "" : styles.strange}>
						{term.words}
					</span>
				</span>
			))}
			{doubts.map(({ doubt, better }) => (
				<span key={doubt} className={styles.doubt}>
					{" "}
					{doubt}
					{better !== null && (
						<>
							{": did you mean "}
							<button
								type="button"
								onClick={() => props.onFilter(mended(q, better))}
							>
								{better.to}
							</button>
							?
						</>
					)}
				</span>
			))}
		</p>
	);
}
