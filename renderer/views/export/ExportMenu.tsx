// What is on the screen, for elsewhere: copied for the incident channel or a spreadsheet, or saved as a file.
import { Menu } from "@base-ui/react/menu";
import { ClipboardCopy, FileDown, Share } from "lucide-react";
import type { KeyboardEvent, ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import type { ExportKind } from "../../store/export/file.ts";
import { KIND_WORDS } from "../../store/export/file.ts";
import { useKeys } from "../../ui/useKeys.ts";
import { useKeyHint } from "../useKeyNames.ts";
import { useCore, useView } from "../window.ts";
import styles from "./ExportMenu.module.css";
import { ExportTrouble } from "./ExportTrouble.tsx";
import type { Exportable } from "./useExport.ts";
import { useExport } from "./useExport.ts";

const FILES: readonly ExportKind[] = ["csv", "json", "jsonl", "xml"];

/** Letters choose among the items here; the screen's keys must not hear them. Others, as Escape, go on. */
const keepLetters = (event: KeyboardEvent): void => {
	if (event.key.length === 1) event.stopPropagation();
};

/** `1 host`, `3 hosts of this job`: the first word is the one that has a plural. */
const rowsWords = (count: number, row: string): string =>
	`${count.toLocaleString("en")} ${count === 1 ? row : row.replace(/^\w+/, "$&s")}`;

export function ExportMenu(props: {
	readonly what: Exportable;
	/** Rows on the screen. */
	readonly count: number;
	/** What a row is: `job`, `host of this job`. */
	readonly row: string;
	/** A part of the screen with an export of its own: its name. No key opens it. */
	readonly part?: string;
}): ReactElement {
	const { what, count, row, part } = props;
	const name = part === undefined ? "Export" : `Export ${part}`;
	const [open, setOpen] = useState(false);
	const first = useRef<HTMLDivElement | null>(null);
	const before = useRef<HTMLElement | null>(null);
	const exporting = useExport(what);
	const hint = useKeyHint("export");
	const say = useView((view) => view.say);
	const asks = useCore((core) => core.session?.canSaveFiles === true);
	const change = (next: boolean): void => {
		const { activeElement, body } = document;
		if (next)
			before.current =
				activeElement instanceof HTMLElement && activeElement !== body
					? activeElement
					: null;
		setOpen(next);
	};
	// Opened by a key, the first item is ready for Enter.
	useEffect(() => {
		if (!open) return;
		const timer = setTimeout(() => first.current?.focus(), 0);
		return () => clearTimeout(timer);
	}, [open]);
	useKeys(
		part === undefined
			? {
					e: () =>
						count === 0 ? say("There is nothing to export.") : change(true),
				}
			: {},
	);
	return (
		<>
			<Menu.Root open={open} onOpenChange={change}>
				<Menu.Trigger
					className={styles.trigger}
					disabled={count === 0}
					aria-label={name}
					title={
						part === undefined ? `Export what is on the screen${hint}` : name
					}
				>
					<Share aria-hidden="true" />
					<span className={part === undefined ? styles.word : ""}>{name}</span>
				</Menu.Trigger>
				<Menu.Portal>
					<Menu.Positioner sideOffset={4} align="end" className={styles.place}>
						<Menu.Popup
							className={styles.menu}
							onKeyDown={keepLetters}
							// Back to the row that had it when a key opened the menu.
							finalFocus={() =>
								before.current?.isConnected ? before.current : true
							}
						>
							<Menu.Group>
								<Menu.GroupLabel className={styles.label}>
									{rowsWords(count, row)}
									{what.filter === "" ? "" : ", filtered"}
								</Menu.GroupLabel>
								<Menu.Item
									ref={first}
									className={styles.item}
									onClick={() => void exporting.copy("markdown")}
								>
									<ClipboardCopy aria-hidden="true" />
									Copy as Markdown
								</Menu.Item>
								<Menu.Item
									className={styles.item}
									onClick={() => void exporting.copy("csv")}
								>
									<ClipboardCopy aria-hidden="true" />
									Copy as CSV
								</Menu.Item>
							</Menu.Group>
							<Menu.Separator className={styles.line} />
							{FILES.filter(
								(kind) => kind !== "xml" || what.junit !== undefined,
							).map((kind) => (
								<Menu.Item
									key={kind}
									className={styles.item}
									onClick={() => void exporting.save(kind)}
								>
									<FileDown aria-hidden="true" />
									{`Save as ${KIND_WORDS[kind]}${asks ? "…" : ""}`}
								</Menu.Item>
							))}
						</Menu.Popup>
					</Menu.Positioner>
				</Menu.Portal>
			</Menu.Root>
			<ExportTrouble trouble={exporting.trouble} onClose={exporting.dismiss} />
		</>
	);
}
