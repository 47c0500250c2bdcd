// Everything that a key can do, once: the keys, the sheet, the palette, the tooltips and the settings are made from this
// list. A screen says what happens (`useKeys`, by an action's own key); a person may give an action another key.
import type { Address } from "./view.ts";

type Screen = Address["screen"];

export interface Action {
	/** What a person's own key is stored under; never reused for something else. */
	readonly id: string;
	/** What it does, as a sheet and the palette say it. */
	readonly words: string;
	/** Its own key, see `Chord`. Handlers are told by it, whatever key the person gave it. */
	readonly key: Chord;
	/** Keys that do the same and cannot be changed. */
	readonly also?: readonly Chord[];
	readonly group:
		| "Everywhere"
		| "Go to"
		| "Lists"
		| "A job"
		| "Activity and output";
	/** Where it works; null: everywhere. */
	readonly screens: readonly Screen[] | null;
	/** It cannot be given another key. */
	readonly fixed?: boolean;
	/** It has no meaning without the focus in a list: not for the palette. */
	readonly keyOnly?: boolean;
}

/**
 * A key as in `KeyboardEvent.key`, two of them with a blank between (`g j`), or one with Ctrl (on a Mac: Command) as
 * `Mod+k`. The space bar is `Space`.
 */
export type Chord = string;

const LISTS: readonly Screen[] = ["jobs", "job", "hosts", "activity"];
const GRIDS: readonly Screen[] = ["jobs", "job", "hosts"];

const everywhere = (
	id: string,
	key: Chord,
	words: string,
	more: Partial<Action> = {},
): Action => ({ id, key, words, group: "Everywhere", screens: null, ...more });

const goTo = (screen: string, key: Chord): Action => ({
	id: `go.${screen}`,
	key,
	words: `go to ${screen}`,
	group: "Go to",
	screens: null,
});

export const ACTIONS: readonly Action[] = [
	everywhere("palette", "Mod+k", "command palette"),
	everywhere("filter", "/", "filter this list", { screens: LISTS }),
	everywhere("complete", "Ctrl+Space", "suggest terms for the filter", {
		screens: LISTS,
		fixed: true,
		keyOnly: true,
	}),
	everywhere("back", "Escape", "back: close, clear, leave", {
		fixed: true,
		keyOnly: true,
	}),
	everywhere("save.view", "v", "save this view under a name", {
		screens: LISTS,
	}),
	everywhere("copy.link", "y", "copy a link to what is on the screen"),
	everywhere("keys", "?", "all keys"),
	goTo("jobs", "g j"),
	goTo("hosts", "g h"),
	goTo("activity", "g a"),
	goTo("inbox", "g n"),
	goTo("history", "g o"),
	goTo("identities", "g i"),
	goTo("settings", "g s"),
	{
		id: "row.next",
		key: "j",
		also: ["ArrowDown"],
		words: "next row",
		group: "Lists",
		screens: LISTS,
		keyOnly: true,
	},
	{
		id: "row.previous",
		key: "k",
		also: ["ArrowUp"],
		words: "previous row",
		group: "Lists",
		screens: LISTS,
		keyOnly: true,
	},
	{
		id: "row.open",
		key: "Enter",
		words: "open the row",
		group: "Lists",
		screens: GRIDS,
		fixed: true,
		keyOnly: true,
	},
	{
		id: "failed",
		key: "f",
		words: "failed only, or all again",
		group: "Lists",
		screens: LISTS,
	},
	{
		id: "export",
		key: "e",
		words: "export what is on the screen",
		group: "Lists",
		screens: LISTS,
	},
	{
		id: "copy.markdown",
		key: "Y",
		words: "copy as Markdown for the incident channel",
		group: "Lists",
		screens: ["job", "hosts"],
	},
	{
		id: "failed.next",
		key: "]",
		words: "next failed host",
		group: "A job",
		screens: ["job"],
	},
	{
		id: "failed.previous",
		key: "[",
		words: "previous failed host",
		group: "A job",
		screens: ["job"],
	},
	{
		id: "output",
		key: "l",
		words: "go to the output",
		group: "A job",
		screens: ["job"],
	},
	{
		id: "matrix",
		key: "m",
		words: "hosts as a list or as a matrix",
		group: "A job",
		screens: ["job"],
	},
	{
		id: "error.next",
		key: "n",
		words: "next match in the output, or next error when nothing is searched",
		group: "A job",
		screens: ["job"],
	},
	{
		id: "error.previous",
		key: "N",
		words: "previous match or error in the output",
		group: "A job",
		screens: ["job"],
	},
	{
		id: "hold",
		key: "s",
		words: "pause or follow",
		group: "Activity and output",
		screens: ["activity", "job"],
	},
];

/** A person's own keys by action id. */
export type OwnKeys = Readonly<Record<string, Chord>>;

/** The key that the action has now. */
export const keyOf = (action: Action, own: OwnKeys): Chord =>
	action.fixed === true ? action.key : (own[action.id] ?? action.key);

/** The key of the action called `id` now; null when there is no such action. */
export function keyOfId(id: string, own: OwnKeys): Chord | null {
	const action = ACTIONS.find((known) => known.id === id);
	return action === undefined ? null : keyOf(action, own);
}

export const worksOn = (action: Action, screen: Screen): boolean =>
	action.screens === null || action.screens.includes(screen);

/** Whether two actions could both be meant on some screen. */
const meet = (a: Action, b: Action): boolean =>
	a.screens === null ||
	b.screens === null ||
	a.screens.some((screen) => b.screens?.includes(screen));

/**
 * What a key means on a screen: the own key of the action that it is bound to; null when its action has moved to another
 * key; the key itself when no action has it.
 */
export function meantBy(
	own: OwnKeys,
	screen: Screen,
	chord: Chord,
): Chord | null {
	let isMoved = false;
	for (const action of ACTIONS) {
		if (!worksOn(action, screen)) continue;
		if (keyOf(action, own) === chord) return action.key;
		if (action.key === chord) isMoved = true;
	}
	return isMoved ? null : chord;
}

/** Keys that a browser, a system or every list already uses. */
const TAKEN =
	/^(Escape|Enter|Tab|Space|Backspace|Delete|Home|End|PageUp|PageDown|Arrow\w+|F\d+|Mod\+[acvxzwtnrqlpf])$/;
/** One sign, or one sign with Ctrl or Command. */
const POSSIBLE = /^(?:Mod\+)?\S$/u;

/** Why the action cannot have this key, in words; null when it can. */
export function refusalOf(
	action: Action,
	chord: Chord,
	own: OwnKeys,
): string | null {
	if (TAKEN.test(chord)) return "This key has a meaning of its own already.";
	const parts = chord.split(" ");
	const isPossible =
		parts.length === 1
			? POSSIBLE.test(chord)
			: parts.length === 2 &&
				parts.every((part) => POSSIBLE.test(part) && part.length <= 2);
	if (!isPossible) return "One key, two keys in a row, or a letter with Ctrl.";
	for (const other of ACTIONS) {
		if (other.id === action.id || !meet(action, other)) continue;
		const taken = keyOf(other, own);
		if (taken === chord || other.also?.includes(chord))
			return `“${other.words}” has this key.`;
		if (
			`${taken} `.startsWith(`${chord} `) ||
			`${chord} `.startsWith(`${taken} `)
		)
			return `It would hide “${other.words}” (${taken}), which begins alike.`;
	}
	return null;
}

/** Own keys from what was stored: keys of actions that are gone, or that would now be in each other's way, are left out. */
export function parseOwnKeys(stored: unknown): OwnKeys {
	if (typeof stored !== "object" || stored === null) return {};
	let own: OwnKeys = {};
	for (const action of ACTIONS) {
		const chord = Object.hasOwn(stored, action.id)
			? (stored as Record<string, unknown>)[action.id]
			: undefined;
		if (typeof chord !== "string" || action.fixed === true) continue;
		own = { ...own, [action.id]: chord };
	}
	// Judged together, so that two actions may have changed places; again after each that is left out, because its action
	// has its former key back, which another may have been given.
	for (;;) {
		const refused = ACTIONS.find((action) => {
			const chord = own[action.id];
			return chord !== undefined && refusalOf(action, chord, own) !== null;
		});
		if (refused === undefined) return own;
		const { [refused.id]: _, ...rest } = own;
		own = rest;
	}
}

const NAMES: Readonly<Record<string, string>> = {
	Escape: "Esc",
	ArrowDown: "↓",
	ArrowUp: "↑",
	ArrowLeft: "←",
	ArrowRight: "→",
};

/** The keys of a chord as they are printed on the keyboard: one text for each key that is pressed in turn. */
export function keyNames(chord: Chord, isMac: boolean): readonly string[] {
	return chord.split(" ").map((part) => {
		const letter = /^(Mod|Ctrl)\+(.+)$/.exec(part);
		if (letter === null) return NAMES[part] ?? part;
		const name = letter[2] ?? "";
		const held = letter[1] === "Mod" && isMac ? "⌘" : "Ctrl";
		return `${held} ${name.length === 1 ? name.toUpperCase() : name}`;
	});
}

/** The action's key in brackets for a tooltip: ` (g j)`. */
export const keyHint = (chord: Chord | null, isMac: boolean): string =>
	chord === null ? "" : ` (${keyNames(chord, isMac).join(" ")})`;
