// Keys that work anywhere on a screen, except while typing, with a modifier held, or while a dialog is open.
import { useEffect, useRef } from "react";

/** Key as in `KeyboardEvent.key`; a pair as `g j` is two keys within a second. */
export type KeyMap = Readonly<Record<string, () => void>>;

const PAIR_MS = 1_000;

const isTyping = (target: EventTarget | null): boolean =>
	target instanceof HTMLElement &&
	target.closest(
		"input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]",
	) !== null;

/** Listens while the component is mounted. The newest map counts. */
export function useKeys(keys: KeyMap): void {
	const current = useRef(keys);
	current.current = keys;
	useEffect(() => {
		let first: { readonly key: string; readonly at: number } | null = null;
		const onKeyDown = (event: KeyboardEvent): void => {
			if (event.ctrlKey || event.metaKey || event.altKey) return;
			if (event.defaultPrevented || isTyping(event.target)) return;
			if (document.querySelector("dialog[open]") !== null) return;
			const before =
				first !== null && event.timeStamp - first.at < PAIR_MS
					? `${first.key} `
					: "";
			first = { key: event.key, at: event.timeStamp };
			const run =
				current.current[before + event.key] ?? current.current[event.key];
			if (run === undefined) return;
			first = null;
			event.preventDefault();
			run();
		};
		addEventListener("keydown", onKeyDown);
		return () => removeEventListener("keydown", onKeyDown);
	}, []);
}
