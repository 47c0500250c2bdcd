// The keys of the window, each of which a person may change. A key that would be in another's way is refused with the reason;
// everything that shows keys follows.
import type { KeyboardEvent, ReactElement } from "react";
import { useRef, useState } from "react";
import type { Action, Chord } from "../../store/actions.ts";
import { ACTIONS, keyNames, keyOf, refusalOf } from "../../store/actions.ts";
import { Button } from "../../ui/Button.tsx";
import { Keys } from "../../ui/Keys.tsx";
import { chordOf } from "../../ui/keyboard.ts";
import page from "../Page.module.css";
import { IS_MAC } from "../platform.ts";
import { useView } from "../window.ts";
import styles from "./KeysCard.module.css";

export function KeysCard(): ReactElement {
	const own = useView((view) => view.preferences.keys);
	const prefer = useView((view) => view.prefer);
	const say = useView((view) => view.say);
	return (
		<section className={page.card} aria-label="Keys">
			<div className={styles.head}>
				<div>
					<h2>Keys</h2>
					<p>
						Choose a key and press another: one key, two in a row, or a letter
						with {IS_MAC ? "⌘" : "Ctrl"}.
					</p>
				</div>
				<Button
					disabled={Object.keys(own).length === 0}
					onClick={() => {
						prefer({ keys: {} });
						say("All keys are as they came.");
					}}
				>
					Reset all
				</Button>
			</div>
			<ul className={styles.list}>
				{ACTIONS.map((action) => (
					<KeyRow key={action.id} action={action} />
				))}
			</ul>
		</section>
	);
}

function KeyRow(props: { readonly action: Action }): ReactElement {
	const { action } = props;
	const own = useView((view) => view.preferences.keys);
	const prefer = useView((view) => view.prefer);
	const [refusal, setRefusal] = useState<string | null>(null);
	const isOwn = action.id in own && action.fixed !== true;
	const choose = (chord: Chord): void => {
		const why = refusalOf(action, chord, own);
		setRefusal(why);
		if (why !== null) return;
		const { [action.id]: _, ...rest } = own;
		prefer({
			keys: chord === action.key ? rest : { ...rest, [action.id]: chord },
		});
	};
	const names = keyNames(keyOf(action, own), IS_MAC);
	return (
		<li className={styles.row}>
			<span className={styles.words}>{action.words}</span>
			<span role="alert" className={styles.refusal}>
				{refusal}
			</span>
			{isOwn && (
				<Button
					look="quiet"
					aria-label={`Reset the key of ${action.words}`}
					onClick={() => choose(action.key)}
				>
					Reset
				</Button>
			)}
			{action.fixed === true ? (
				<span className={styles.fixed} title="This key cannot be changed">
					<Keys names={names} />
				</span>
			) : (
				<KeyCatcher
					label={`Key of ${action.words}: ${names.join(" ")}`}
					names={names}
					onCaught={choose}
				/>
			)}
		</li>
	);
}

/** How long after a first key a second one belongs to it. */
const PAIR_MS = 1_000;

/** A button that, once pressed, takes the next key or the next two; Esc and leaving it change nothing. */
function KeyCatcher(props: {
	readonly label: string;
	readonly names: readonly string[];
	readonly onCaught: (chord: Chord) => void;
}): ReactElement {
	const [isCatching, setCatching] = useState(false);
	const [first, setFirst] = useState<string | null>(null);
	const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
	const end = (chord: Chord | null): void => {
		clearTimeout(timer.current);
		setCatching(false);
		setFirst(null);
		if (chord !== null) props.onCaught(chord);
	};
	const onKeyDown = (event: KeyboardEvent): void => {
		if (!isCatching || /^(Shift|Control|Meta|Alt|Tab)$/.test(event.key)) return;
		event.preventDefault();
		event.stopPropagation();
		const chord = chordOf(event.nativeEvent, IS_MAC);
		if (event.key === "Escape" || chord === null) end(null);
		else if (first !== null) end(`${first} ${chord}`);
		else if (chord.includes("+") && chord !== "+") end(chord);
		else {
			setFirst(chord);
			timer.current = setTimeout(() => end(chord), PAIR_MS);
		}
	};
	return (
		<button
			type="button"
			className={styles.catcher}
			aria-label={
				isCatching ? "Press the new key, Escape to leave" : props.label
			}
			aria-pressed={isCatching}
			onClick={() => {
				if (!isCatching) setCatching(true);
			}}
			onKeyDown={onKeyDown}
			onBlur={() => end(null)}
		>
			{isCatching ? (
				<span>{first === null ? "press a key …" : `${first} …`}</span>
			) : (
				<Keys names={props.names} />
			)}
		</button>
	);
}
