// The search box of a screen, with suggestions for the term at the caret. It stays a search box to assistive technology: the
// suggestions are a list that it controls. Escape closes them, then empties the box, then leaves it.
import { Search, X } from "lucide-react";
import type { KeyboardEvent, ReactElement } from "react";
import { useId, useLayoutEffect, useRef, useState } from "react";
import styles from "./FilterBox.module.css";

export interface Offer {
	readonly text: string;
	readonly means: string;
	/** What a list of suggestions looks up its signs by. */
	readonly kind: string;
}

interface Props<O extends Offer> {
	readonly value: string;
	readonly hint: string;
	/** The key that leads here, for the sign in the box. */
	readonly keyName: string;
	readonly onChange: (text: string) => void;
	/** Suggestions for the caret there; `asked`: the person wants to see what there is. */
	readonly offers: (
		text: string,
		caret: number,
		asked: boolean,
	) => readonly O[];
	/** The text with the suggestion put in. */
	readonly accept: (
		offer: O,
		text: string,
	) => {
		readonly source: string;
		readonly caret: number;
	};
	/** Enter, when no suggestion is chosen. */
	readonly onEnter: () => void;
	readonly onLeave: () => void;
}

interface Open<O> {
	readonly offers: readonly O[];
	/** The chosen one; -1: none. */
	readonly at: number;
}

export function FilterBox<O extends Offer>(props: Props<O>): ReactElement {
	const input = useRef<HTMLInputElement>(null);
	const list = useId();
	const [open, setOpen] = useState<Open<O> | null>(null);

	const caret = useRef<number | null>(null);
	// The caret of a text that was put in, once that text is in the box.
	useLayoutEffect(() => {
		if (caret.current === null) return;
		input.current?.setSelectionRange(caret.current, caret.current);
		caret.current = null;
	});

	/** Suggestions are always those of the text that is in the box: one of a former text would be put in at a wrong place. */
	const look = (text: string, at: number, asked: boolean): void => {
		const offers = props.offers(text, at, asked);
		// A value that was begun has a best match; plain text is a filter by itself, and Enter must not change it.
		const isValue = offers[0]?.kind === "word" && !asked;
		setOpen(
			offers.length === 0 ? null : { offers, at: isValue || asked ? 0 : -1 },
		);
	};
	const ask = (): void =>
		look(props.value, input.current?.selectionStart ?? 0, true);
	const accept = (offer: O): void => {
		const next = props.accept(offer, props.value);
		caret.current = next.caret;
		props.onChange(next.source);
		input.current?.focus();
		const isComplete = /[\s)]$/.test(next.source.slice(0, next.caret));
		if (isComplete) setOpen(null);
		else look(next.source, next.caret, false);
	};
	const onKeyDown = (event: KeyboardEvent): void => {
		const chosen = open?.offers[open.at];
		if (event.key === " " && event.ctrlKey) ask();
		else if (event.key === "Escape") {
			event.stopPropagation();
			if (open !== null) setOpen(null);
			else if (props.value !== "") props.onChange("");
			else input.current?.blur();
		} else if (event.key === "ArrowDown" || event.key === "ArrowUp")
			if (open === null) ask();
			else setOpen({ ...open, at: moved(open, event.key) });
		else if (event.key === "Enter")
			if (chosen !== undefined) accept(chosen);
			else {
				setOpen(null);
				props.onEnter();
			}
		else if (event.key === "Tab" && !event.shiftKey && open !== null)
			accept(chosen ?? (open.offers[0] as O));
		else return;
		event.preventDefault();
	};

	return (
		<div className={styles.box}>
			<Search aria-hidden="true" />
			<input
				ref={input}
				type="search"
				aria-label="Filter"
				aria-keyshortcuts={props.keyName
					.replace("Ctrl ", "Control+")
					.replace("⌘ ", "Meta+")}
				aria-autocomplete="list"
				aria-haspopup="listbox"
				aria-controls={open === null ? undefined : list}
				aria-activedescendant={
					open === null || open.at === -1 ? undefined : `${list}-${open.at}`
				}
				placeholder={props.hint}
				spellCheck={false}
				autoComplete="off"
				value={props.value}
				onChange={(event) => {
					const { value, selectionStart } = event.target;
					props.onChange(value);
					look(value, selectionStart ?? value.length, false);
				}}
				onKeyDown={onKeyDown}
				onBlur={() => {
					setOpen(null);
					props.onLeave();
				}}
			/>
			{props.value === "" ? (
				<kbd>{props.keyName}</kbd>
			) : (
				<button
					type="button"
					aria-label="Clear the filter"
					onClick={() => {
						props.onChange("");
						input.current?.focus();
					}}
				>
					<X aria-hidden="true" />
				</button>
			)}
			{open !== null && <Offers list={list} open={open} onAccept={accept} />}
			<span className={styles.unseen} role="status">
				{open === null ? "" : countWords(open.offers.length)}
			</span>
		</div>
	);
}

const countWords = (count: number): string =>
	count === 1 ? "1 suggestion" : `${count} suggestions`;

function moved<O>({ offers, at }: Open<O>, key: string): number {
	const by = key === "ArrowDown" ? 1 : -1;
	return at === -1 && by === -1
		? offers.length - 1
		: (at + by + offers.length) % offers.length;
}

function Offers<O extends Offer>(props: {
	readonly list: string;
	readonly open: Open<O>;
	readonly onAccept: (offer: O) => void;
}): ReactElement {
	const { list, open } = props;
	return (
		<div className={styles.pop}>
			<div
				id={list}
				role="listbox"
				aria-label="Suggestions"
				className={styles.offers}
			>
				{open.offers.map((offer, at) => (
					// biome-ignore lint/a11y/useKeyWithClickEvents: the box above takes the keys for all of them
					<div
						key={`${offer.kind} ${offer.text}`}
						id={`${list}-${at}`}
						role="option"
						tabIndex={-1}
						aria-selected={at === open.at}
						ref={at === open.at ? intoView : undefined}
						className={styles.offer}
						// The box keeps the focus.
						onMouseDown={(event) => event.preventDefault()}
						onClick={() => props.onAccept(offer)}
					>
						<code>{offer.text}</code>
						<span>{offer.means}</span>
					</div>
				))}
			</div>
			<p className={styles.how} aria-hidden="true">
				<kbd>Tab</kbd> takes it, <kbd>Esc</kbd> closes
			</p>
		</div>
	);
}

const intoView = (element: HTMLElement | null): void =>
	element?.scrollIntoView({ block: "nearest" });
