// Makes broken messages of good ones: as text (flip, cut, splice, insert, double a key) and as values (another type,
// another name, a hostile value, deeper, longer). The same chance makes the same text.
import type { Chance } from "./chance.ts";
import { KEYS, TEXTS, values, written } from "./hostile.ts";

/** Deeper than any limit on nesting in the core, and cheap enough for every case. */
const MOST_LEVELS = 300;
/** Longer than the longest text that a field keeps, so that cutting is met too. */
const MOST_REPEATS = 30;

type Mutation = (
	text: string,
	chance: Chance,
	seeds: readonly string[],
) => string;

const cutAt = (text: string, chance: Chance): number =>
	chance.below(text.length + 1);

const ofText: readonly Mutation[] = [
	// Another character.
	(text, chance) => {
		const at = cutAt(text, chance);
		const code = chance.happens(0.8)
			? text.charCodeAt(at) ^ (1 << chance.below(7))
			: chance.below(0x1_0000);
		return (
			text.slice(0, at) + String.fromCharCode(code || 0) + text.slice(at + 1)
		);
	},
	(text, chance) => text.slice(0, cutAt(text, chance)),
	(text, chance) => text.slice(cutAt(text, chance)),
	// The beginning of one and the end of another.
	(text, chance, seeds) => {
		const other = chance.pick(seeds);
		return (
			text.slice(0, cutAt(text, chance)) + other.slice(cutAt(other, chance))
		);
	},
	(text, chance) => {
		const at = cutAt(text, chance);
		return text.slice(0, at) + chance.pick(TEXTS) + text.slice(at);
	},
	// A piece more often, or not at all.
	(text, chance) => {
		const from = cutAt(text, chance);
		const to = Math.min(text.length, from + chance.below(40));
		const piece = text.slice(from, to).repeat(chance.below(4));
		return text.slice(0, from) + piece + text.slice(to);
	},
	// A key twice, with another value.
	(text, chance) => {
		const keys = [...text.matchAll(/"([^"]{1,40})":/g)];
		const braces = [...text.matchAll(/\{/g)];
		if (keys.length === 0 || braces.length === 0) return text;
		const at = (chance.pick(braces).index ?? 0) + 1;
		const key = chance.pick(keys)[1] ?? "";
		return `${text.slice(0, at)}"${key}":${written(anything(chance))},${text.slice(at)}`;
	},
	(text) => `\ufeff${text}`,
	(text, chance) => text + chance.pick(TEXTS),
];

const anything = (chance: Chance): unknown =>
	chance.happens(0.5) ? chance.pick(TEXTS) : chance.pick(values());

type Tree = Record<string, unknown>;

/** A place in a value: `tree[key]`. */
interface Place {
	readonly tree: Tree;
	readonly key: string;
}

function placesOf(root: Tree): Place[] {
	const places: Place[] = [];
	const visit = (tree: Tree): void => {
		for (const key of Object.keys(tree)) {
			places.push({ tree, key });
			const child = tree[key];
			if (typeof child === "object" && child !== null) visit(child as Tree);
		}
	};
	visit(root);
	return places;
}

/** Sets a field whatever its name is: an assignment to `__proto__` would not make a field. */
const set = (tree: Tree, key: string, value: unknown): void => {
	Object.defineProperty(tree, key, {
		value,
		enumerable: true,
		configurable: true,
		writable: true,
	});
};

type TreeMutation = (place: Place, chance: Chance, places: Place[]) => void;

const ofTree: readonly TreeMutation[] = [
	({ tree, key }, chance) => set(tree, key, anything(chance)),
	({ tree, key }) => void (Array.isArray(tree) || delete tree[key]),
	// Another name, or the same name in another case.
	({ tree, key }, chance) => {
		if (Array.isArray(tree)) return;
		const value = tree[key];
		delete tree[key];
		set(
			tree,
			chance.happens(0.7) ? chance.pick(KEYS) : key.toUpperCase(),
			value,
		);
	},
	// What it was, as another type.
	({ tree, key }, chance) => {
		const value = tree[key];
		set(tree, key, chance.pick([written(value), [value], { value }, !value]));
	},
	// The value of another field.
	({ tree, key }, chance, places) => {
		const from = chance.pick(places);
		// A copy, or a value could come to hold itself.
		set(tree, key, JSON.parse(written(from.tree[from.key])));
	},
	({ tree, key }, chance) => {
		let value: unknown = tree[key];
		for (let level = chance.below(MOST_LEVELS); level > 0; level--)
			value = chance.happens(0.5) ? [value] : { [key]: value };
		set(tree, key, value);
	},
	({ tree, key }, chance) => {
		const value = tree[key];
		const times = chance.below(MOST_REPEATS);
		if (typeof value === "string") set(tree, key, value.repeat(times * 40));
		else if (Array.isArray(value))
			set(tree, key, Array.from({ length: times }, () => value).flat());
		else
			set(
				tree,
				key,
				Array.from({ length: times }, () => value),
			);
	},
	// One field more; a list has no names.
	({ tree }, chance) => {
		if (!Array.isArray(tree)) set(tree, chance.pick(KEYS), anything(chance));
	},
];

function mutateTree(text: string, chance: Chance): string {
	let root: unknown;
	try {
		root = JSON.parse(text);
	} catch {
		return text;
	}
	if (typeof root !== "object" || root === null)
		return written(anything(chance));
	const places = placesOf(root as Tree);
	if (places.length === 0) return written(anything(chance));
	chance.pick(ofTree)(chance.pick(places), chance, places);
	return written(root);
}

/** Keeps cases small, so that many of them are met: huge ones have a list of their own. */
const MOST_CHARS = 60_000;

/** One broken message of these good ones; one in twenty is left good, so that good ones after broken ones are met too. */
export function mutated(seeds: readonly string[], chance: Chance): string {
	let text = chance.pick(seeds);
	if (chance.happens(0.05)) return text;
	for (let left = 1 + chance.below(4); left > 0; left--) {
		text = chance.happens(0.6)
			? mutateTree(text, chance)
			: chance.pick(ofText)(text, chance, seeds);
		if (text.length > MOST_CHARS) return text.slice(0, MOST_CHARS);
	}
	return text;
}

/** The text as bytes, of which some are no UTF-8 any more in one of four cases. */
export function bytesOf(text: string, chance: Chance): Buffer {
	const bytes = Buffer.from(text, "utf8");
	if (bytes.length === 0 || chance.happens(0.75)) return bytes;
	for (let left = 1 + chance.below(3); left > 0; left--)
		bytes[chance.below(bytes.length)] = chance.below(256);
	return bytes;
}
