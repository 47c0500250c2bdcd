// A name for what is on the screen, or another one for a view.
import type { ReactElement } from "react";
import { useState } from "react";
import { hashOfList } from "../store/lists.ts";
import {
	NAME_CHARACTERS,
	refusalOfName,
	renamed,
	withView,
} from "../store/savedViews.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./LensBar.module.css";
import { useView } from "./window.ts";

export function SaveView(props: {
	/** The view that is renamed; absent: a new one. */
	readonly former?: string;
	readonly onDone: () => void;
}): ReactElement {
	const { former = null } = props;
	const address = useView((view) => view.address);
	const views = useView((view) => view.preferences.views);
	const prefer = useView((view) => view.prefer);
	const say = useView((view) => view.say);
	const [name, setName] = useState(former ?? "");
	const [refusal, setRefusal] = useState<string | null>(null);
	const save = (): void => {
		const why = refusalOfName(views, name, former);
		setRefusal(why);
		if (why !== null) return;
		prefer({
			views:
				former === null
					? withView(views, name, hashOfList(address))
					: renamed(views, former, name),
		});
		say(former === null ? "View saved." : "View renamed.");
		props.onDone();
	};
	return (
		<form
			className={styles.name}
			onSubmit={(event) => {
				event.preventDefault();
				save();
			}}
		>
			<input
				ref={focused}
				aria-label="Name of the view"
				aria-invalid={refusal !== null}
				placeholder="Name of the view"
				maxLength={NAME_CHARACTERS}
				value={name}
				onChange={(event) => setName(event.target.value)}
				onKeyDown={(event) => {
					if (event.key !== "Escape") return;
					event.preventDefault();
					event.stopPropagation();
					props.onDone();
				}}
			/>
			<Button type="submit" look="primary">
				{former === null ? "Save" : "Rename"}
			</Button>
			<Button look="quiet" onClick={props.onDone}>
				Cancel
			</Button>
			<span role="alert" className={styles.refusal}>
				{refusal}
			</span>
		</form>
	);
}

/** Typing goes here at once: the person asked to name something. */
const focused = (input: HTMLInputElement | null): void => input?.focus();
