// Keys that work anywhere on a screen: never while typing (but those with Ctrl), never while a dialog is open. Handlers are
// told by an action's own key; which key that is today is asked of `meant`. Knows keys, not what they do.

/** By an action's own key (`f`, `g j`, `Mod+k`). */
export type KeyMap = Readonly<Record<string, () => void>>;

/** Two keys belong together within a second. */
const PAIR_MS = 1_000;

export interface Keyboard {
	/** Listens until the returned function is called. `last`: asked after all others, for what works everywhere. */
	hold(map: () => KeyMap, last: boolean): () => void;
	/** The own key of the action that a pressed key stands for now; null: of none any more, or it ends a pair. */
	meant(chord: string): string | null;
	/** Whether somebody listens to this key now. */
	can(key: string): boolean;
	/** Does what the key does. False: nobody listens. */
	run(key: string): boolean;
	press(event: KeyboardEvent): void;
}

const isTyping = (target: EventTarget | null): boolean =>
	target instanceof HTMLElement &&
	target.closest(
		"input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]",
	) !== null;

/** Native dialogs and those of the library. */
const OPEN_DIALOG = 'dialog[open], [role="dialog"], [role="alertdialog"]';

/** The key of an event as actions name it; null: with a modifier that no action has. */
export function chordOf(
	event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">,
	isMac: boolean,
): string | null {
	const key = event.key === " " ? "Space" : event.key;
	if (event.altKey) return null;
	if (!event.ctrlKey && !event.metaKey) return key;
	const isMod = isMac ? event.metaKey : event.ctrlKey;
	// Letters with Ctrl come in either case, by the Caps Lock key.
	return isMod && event.ctrlKey !== event.metaKey
		? `Mod+${key.toLowerCase()}`
		: null;
}

export function createKeyboard(
	meant: (chord: string) => string | null,
	isMac: boolean,
): Keyboard {
	const maps: (() => KeyMap)[] = [];
	let first: { readonly chord: string; readonly at: number } | null = null;
	const handlerOf = (key: string | null): (() => void) | undefined => {
		if (key === null) return undefined;
		for (const map of maps) {
			const handler = map()[key];
			if (handler !== undefined) return handler;
		}
		return undefined;
	};
	/** What the second key of a pair does, while its first is still warm. */
	const second = (chord: string, at: number): (() => void) | undefined =>
		first !== null && at - first.at < PAIR_MS
			? handlerOf(meant(`${first.chord} ${chord}`))
			: undefined;
	return {
		// A list that moves by `j` must not take the `j` of `g j`.
		meant: (chord) =>
			second(chord, performance.now()) === undefined ? meant(chord) : null,
		hold(map, last) {
			if (last) maps.push(map);
			else maps.unshift(map);
			return () => {
				const at = maps.indexOf(map);
				if (at !== -1) maps.splice(at, 1);
			};
		},
		can: (key) => handlerOf(key) !== undefined,
		run(key) {
			const handler = handlerOf(key);
			handler?.();
			return handler !== undefined;
		},
		press(event) {
			const chord = chordOf(event, isMac);
			if (chord === null || event.defaultPrevented) return;
			if (isTyping(event.target) && !chord.startsWith("Mod+")) return;
			if (document.querySelector(OPEN_DIALOG) !== null) return;
			const handler = second(chord, event.timeStamp) ?? handlerOf(meant(chord));
			first = handler === undefined ? { chord, at: event.timeStamp } : null;
			if (handler === undefined) return;
			event.preventDefault();
			handler();
		},
	};
}
