// The search box of a screen. Escape empties it, then leaves it.
import { Search, X } from "lucide-react";
import type { ReactElement } from "react";
import { useRef } from "react";
import styles from "./FilterBox.module.css";

export function FilterBox(props: {
	readonly value: string;
	readonly hint: string;
	readonly onChange: (text: string) => void;
}): ReactElement {
	const input = useRef<HTMLInputElement>(null);
	return (
		<div className={styles.box}>
			<Search aria-hidden="true" />
			<input
				ref={input}
				type="search"
				aria-label="Filter"
				aria-keyshortcuts="/"
				placeholder={props.hint}
				spellCheck={false}
				autoComplete="off"
				value={props.value}
				onChange={(event) => props.onChange(event.target.value)}
				onKeyDown={(event) => {
					if (event.key !== "Escape") return;
					event.preventDefault();
					event.stopPropagation();
					if (props.value === "") event.currentTarget.blur();
					else props.onChange("");
				}}
			/>
			{props.value === "" ? (
				<kbd>/</kbd>
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
		</div>
	);
}
