// The command palette: everything in it, found by typing. What it lists is made when it opens and when the person types; a
// busy fleet does not move it.
import { Command } from "cmdk";
import { ArrowLeft, Search } from "lucide-react";
import type { ReactElement } from "react";
import { useMemo, useState } from "react";
import { visible } from "../../../shared/visibleText.ts";
import { keyNames } from "../../store/actions.ts";
import { parseAddress } from "../../store/view.ts";
import { Glyph } from "../../ui/Glyph.tsx";
import { Keys } from "../../ui/Keys.tsx";
import { Modal } from "../../ui/Modal.tsx";
import { useKeyboard } from "../../ui/useKeys.ts";
import { IS_MAC } from "../platform.ts";
import { useAsk, useParts } from "../window.ts";
import { JOB_SIGNS } from "../words.ts";
import type { Deed, Item } from "./items.ts";
import { groupsOf } from "./items.ts";
import styles from "./Palette.module.css";

export function Palette(props: {
	readonly open: boolean;
	readonly onClose: () => void;
}): ReactElement {
	return (
		<Modal
			open={props.open}
			onClose={props.onClose}
			title="Command palette"
			hideTitle
			high
			wide
		>
			<Commands onClose={props.onClose} />
		</Modal>
	);
}

function Commands(props: { readonly onClose: () => void }): ReactElement {
	const [typed, setTyped] = useState("");
	const [page, setPage] = useState<"all" | "diagnose">("all");
	const { core, view } = useParts();
	const keyboard = useKeyboard();
	const groups = useMemo(
		() =>
			groupsOf(
				{
					fleet: core.getState().fleet,
					preferences: view.getState().preferences,
					can: keyboard.can,
					unread: core.getState().inbox?.unread ?? 0,
				},
				typed,
				page,
			),
		[core, view, keyboard, typed, page],
	);
	const doIt = useDeeds();
	const choose = ({ deed }: Item): void => {
		if (deed.do === "diagnoseWhich") {
			setPage("diagnose");
			setTyped("");
			return;
		}
		props.onClose();
		doIt(deed);
	};
	const back = (): void => setPage("all");
	return (
		<Command
			label="Commands"
			shouldFilter={false}
			loop
			className={styles.palette}
			onKeyDown={(event) => {
				if (event.key === "Backspace" && typed === "" && page !== "all") back();
			}}
		>
			<div className={styles.asked}>
				{page === "all" ? (
					<Search aria-hidden="true" />
				) : (
					<button
						type="button"
						aria-label="Back to all commands"
						onClick={back}
					>
						<ArrowLeft aria-hidden="true" />
					</button>
				)}
				<Command.Input
					value={typed}
					onValueChange={setTyped}
					placeholder={
						page === "all"
							? "A job, a host, a screen, a command …"
							: "Which host is to be diagnosed?"
					}
				/>
			</div>
			{groups.length === 0 && (
				<p className={styles.empty} role="status">
					Nothing is called “{visible(typed)}”. Jobs, hosts, screens, saved
					views and commands were looked through.
				</p>
			)}
			<Command.List className={styles.list} label="Commands">
				{groups.map((group) => (
					<Command.Group
						key={group.name}
						heading={group.name}
						className={styles.group}
					>
						{group.items.map((item) => (
							<Line key={item.id} item={item} onChoose={choose} />
						))}
					</Command.Group>
				))}
				{typed.trim() !== "" && page === "all" && (
					<Command.Item
						value="search the history"
						className={styles.item}
						onSelect={() => {
							props.onClose();
							view
								.getState()
								.go({ screen: "history", q: typed.trim().slice(0, 200) });
						}}
					>
						<span className={styles.words}>
							Search the history for “{visible(typed.trim())}”
						</span>
						<span className={styles.aside}>jobs, hosts, errors, messages</span>
					</Command.Item>
				)}
				{groups.length === 0 && (
					<Command.Item
						value="clear"
						className={styles.item}
						onSelect={() => setTyped("")}
					>
						Clear what is typed
					</Command.Item>
				)}
			</Command.List>
		</Command>
	);
}

function Line(props: {
	readonly item: Item;
	readonly onChoose: (item: Item) => void;
}): ReactElement {
	const { item } = props;
	const sign = item.status === null ? null : JOB_SIGNS[item.status];
	return (
		<Command.Item
			value={item.id}
			className={styles.item}
			onSelect={() => props.onChoose(item)}
		>
			{sign !== null && (
				<span className={styles.sign} title={sign.words}>
					<Glyph shape={sign.shape} tone={sign.tone} />
				</span>
			)}
			<span className={styles.words}>{visible(item.words)}</span>
			<span className={styles.aside}>{visible(item.aside)}</span>
			{item.key !== null && <Keys names={keyNames(item.key, IS_MAC)} />}
		</Command.Item>
	);
}

/** Does what was chosen, after the palette is closed. */
function useDeeds(): (deed: Deed) => void {
	const { view } = useParts();
	const keyboard = useKeyboard();
	const ask = useAsk();
	return (deed) => {
		const { go, prefer, askDiagnosis, say } = view.getState();
		switch (deed.do) {
			case "action":
				// The dialog gives the focus back first, so that an action may move it.
				setTimeout(() => keyboard.run(deed.key), 0);
				break;
			case "job":
				go({ screen: "job", jobId: deed.id, host: null, state: null, q: "" });
				break;
			case "host":
				go({ screen: "hosts", host: deed.id, q: "" });
				break;
			case "diagnose":
				go({ screen: "hosts", host: deed.id, q: "" });
				askDiagnosis(deed.id);
				break;
			case "view":
				go(parseAddress(deed.hash));
				break;
			case "prefer":
				prefer(deed.change);
				break;
			case "markRead":
				void ask("inbox.markRead", { keys: null }).then((answer) =>
					say(answer.ok ? "All notes are read." : answer.fault.sentence),
				);
				break;
			case "diagnoseWhich":
				break;
		}
	};
}
