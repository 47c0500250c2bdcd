// The top of every screen: its title with its count, its filter and its actions; below it, what the filter was understood as.
import { Command } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import type { Suggestion } from "../store/complete.ts";
import { accepted, suggestions } from "../store/complete.ts";
import { withRecent } from "../store/savedViews.ts";
import { FilterBox } from "../ui/FilterBox.tsx";
import { useKeyboard } from "../ui/useKeys.ts";
import { enterGrid } from "./enterGrid.ts";
import { LensBar } from "./LensBar.tsx";
import styles from "./ScreenHead.module.css";
import { useFleetWords, useListName } from "./useFleetWords.ts";
import { useKeyHint, useKeyName } from "./useKeyNames.ts";
import { useView } from "./window.ts";

interface FilterProps {
	readonly value: string;
	readonly hint: string;
	readonly onChange: (text: string) => void;
}

export function ScreenHead(props: {
	readonly title: ReactNode;
	/** `50`, or `12 of 50` while a filter hides some. */
	readonly count?: string;
	readonly filter?: FilterProps;
	readonly children?: ReactNode;
}): ReactElement {
	return (
		<>
			<header className={styles.head}>
				<h1 className={styles.title}>{props.title}</h1>
				{props.count && <span className={styles.count}>{props.count}</span>}
				<div className={styles.actions}>
					{props.children}
					{props.filter && <ScreenFilter {...props.filter} />}
					<PaletteButton />
				</div>
			</header>
			{props.filter && (
				<LensBar count={props.count} onFilter={props.filter.onChange} />
			)}
		</>
	);
}

/** The way to everything for who does not know its key yet. */
function PaletteButton(): ReactElement {
	const keyboard = useKeyboard();
	const hint = useKeyHint("palette");
	return (
		<button
			type="button"
			className={styles.palette}
			aria-label="Command palette"
			aria-haspopup="dialog"
			title={`Command palette${hint}`}
			onClick={() => keyboard.run("Mod+k")}
		>
			<Command aria-hidden="true" />
		</button>
	);
}

/** The filter box with the words of this list and of this fleet. */
function ScreenFilter(props: FilterProps): ReactElement {
	const list = useListName();
	const words = useFleetWords();
	const keyName = useKeyName("filter");
	const recent = useView((view) => view.preferences.recent);
	const prefer = useView((view) => view.prefer);
	const remember = (): void => {
		const next = withRecent(recent, props.value);
		if (next[0] !== recent[0]) prefer({ recent: next });
	};
	return (
		<FilterBox<Suggestion>
			{...props}
			keyName={keyName}
			offers={(text, caret, asked) =>
				list === null
					? []
					: suggestions(text, caret, list, words(), recent, asked)
			}
			accept={(offer, text) => accepted(text, offer)}
			onEnter={() => {
				remember();
				// With nothing to enter the keys of the screen are wanted next all the same.
				if (!enterGrid() && document.activeElement instanceof HTMLElement)
					document.activeElement.blur();
			}}
			onLeave={remember}
		/>
	);
}
