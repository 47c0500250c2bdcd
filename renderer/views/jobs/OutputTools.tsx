// What can be done with an output: search it, step through its matches and errors, and choose how it is read.
import {
	ArrowDown,
	ArrowUp,
	Binary,
	ListOrdered,
	Search,
	WrapText,
} from "lucide-react";
import type { ReactElement, ReactNode, Ref } from "react";
import { MOST_MATCHES } from "../../store/find.ts";
import type { OutputLook } from "../../store/outputLook.ts";
import { outputLook } from "../../store/outputLook.ts";
import { useKeyHint } from "../useKeyNames.ts";
import styles from "./OutputTools.module.css";

/** A place among many: `at` is -1 before the first step. */
export interface Place {
	readonly at: number;
	readonly count: number;
}

export function OutputTools(props: {
	readonly input: Ref<HTMLInputElement>;
	readonly words: string;
	readonly matches: Place;
	readonly errors: Place;
	readonly look: OutputLook;
	readonly onWords: (words: string) => void;
	readonly onMatch: (by: 1 | -1) => void;
	readonly onError: (by: 1 | -1) => void;
	/** Escape in an empty box. */
	readonly onLeave: () => void;
}): ReactElement {
	const { words, matches, errors, look } = props;
	const next = useKeyHint("error.next");
	const before = useKeyHint("error.previous");
	// The keys belong to the search while there is one.
	const [ofMatches, ofErrors] = words === "" ? ["", next] : [next, ""];
	const [backMatch, backError] = words === "" ? ["", before] : [before, ""];
	return (
		<div className={styles.tools}>
			<div className={styles.search}>
				<Search aria-hidden="true" />
				<input
					ref={props.input}
					type="search"
					aria-label="Search the output"
					placeholder="Search the output"
					spellCheck={false}
					autoComplete="off"
					value={words}
					onChange={(event) => props.onWords(event.target.value)}
					onKeyDown={(event) => {
						if (event.key === "Enter") props.onMatch(event.shiftKey ? -1 : 1);
						else if (event.key !== "Escape") return;
						else if (words === "") props.onLeave();
						else props.onWords("");
						event.preventDefault();
						event.stopPropagation();
					}}
				/>
				<span className={styles.count} role="status">
					{words !== "" && placeWords(matches)}
				</span>
				<Arrows
					what="match"
					hints={[backMatch, ofMatches]}
					disabled={matches.count === 0}
					onStep={props.onMatch}
				/>
			</div>
			<fieldset
				className={styles.errors}
				aria-label="Errors in the output"
				data-some={errors.count > 0 || undefined}
			>
				{errors.count === 0 ? (
					<span className={styles.none}>no errors seen</span>
				) : (
					<>
						<button
							type="button"
							className={styles.first}
							title={`Go to the first error${errors.at === -1 ? ofErrors : ""}`}
							onClick={() => props.onError(1)}
						>
							{errors.at === -1
								? errors.count === 1
									? "1 error"
									: `${errors.count} errors`
								: `error ${errors.at + 1} of ${errors.count}`}
						</button>
						<Arrows
							what="error"
							hints={[backError, ofErrors]}
							disabled={false}
							onStep={props.onError}
						/>
					</>
				)}
			</fieldset>
			<div className={styles.looks}>
				<Toggle
					name="Wrap lines"
					on={look.wrap}
					onChange={(wrap) => outputLook.setState({ wrap })}
				>
					<WrapText aria-hidden="true" />
				</Toggle>
				<Toggle
					name="Line numbers"
					on={look.numbers}
					onChange={(numbers) => outputLook.setState({ numbers })}
				>
					<ListOrdered aria-hidden="true" />
				</Toggle>
				<Toggle
					name="As sent, with control characters"
					on={look.asSent}
					onChange={(asSent) => outputLook.setState({ asSent })}
				>
					<Binary aria-hidden="true" />
				</Toggle>
			</div>
		</div>
	);
}

function placeWords({ at, count }: Place): string {
	if (count === 0) return "none";
	const all = count === MOST_MATCHES ? `${count}+` : String(count);
	return at === -1 ? all : `${at + 1} of ${all}`;
}

function Arrows(props: {
	readonly what: string;
	readonly hints: readonly [
		before: string | undefined,
		next: string | undefined,
	];
	readonly disabled: boolean;
	readonly onStep: (by: 1 | -1) => void;
}): ReactElement {
	return (
		<>
			<button
				type="button"
				className={styles.icon}
				disabled={props.disabled}
				aria-label={`Previous ${props.what}`}
				title={`Previous ${props.what}${props.hints[0] ?? ""}`}
				onClick={() => props.onStep(-1)}
			>
				<ArrowUp aria-hidden="true" />
			</button>
			<button
				type="button"
				className={styles.icon}
				disabled={props.disabled}
				aria-label={`Next ${props.what}`}
				title={`Next ${props.what}${props.hints[1] ?? ""}`}
				onClick={() => props.onStep(1)}
			>
				<ArrowDown aria-hidden="true" />
			</button>
		</>
	);
}

function Toggle(props: {
	readonly name: string;
	readonly on: boolean;
	readonly onChange: (on: boolean) => void;
	readonly children: ReactNode;
}): ReactElement {
	return (
		<button
			type="button"
			className={styles.icon}
			aria-label={props.name}
			title={props.name}
			aria-pressed={props.on}
			onClick={() => props.onChange(!props.on)}
		>
			{props.children}
		</button>
	);
}
