// What must be true of whatever a decoder made of hostile input: plain, small, and nothing else in the process changed.

/** What a result holds. */
export interface Kept {
	/** Characters of all texts and names in it. */
	readonly chars: number;
	/** Values in it, containers included. */
	readonly nodes: number;
}

const PLAIN: ReadonlySet<unknown> = new Set([
	Object.prototype,
	Array.prototype,
	null,
]);

/** Measures a result. @throws Error when it holds anything but plain values, or a field that could pollute a prototype. */
export function keptIn(value: unknown): Kept {
	let chars = 0;
	let nodes = 0;
	const rest: unknown[] = [value];
	while (rest.length > 0) {
		const next = rest.pop();
		nodes++;
		if (typeof next === "string") chars += next.length;
		if (typeof next === "number" && !Number.isFinite(next))
			throw new Error(`it holds the number ${next}`);
		if (typeof next !== "object" || next === null) continue;
		if (!PLAIN.has(Object.getPrototypeOf(next)))
			throw new Error("it holds something that is no plain value");
		for (const key of Object.keys(next)) {
			if (key === "__proto__") throw new Error("it holds a field __proto__");
			if (!Array.isArray(next)) chars += key.length;
			rest.push((next as Record<string, unknown>)[key]);
		}
	}
	return { chars, nodes };
}

/** Prototypes that every value shares. */
const SHARED: readonly object[] = [
	Object.prototype,
	Array.prototype,
	String.prototype,
	Function.prototype,
];
const names = (): number =>
	SHARED.reduce((sum, one) => sum + Reflect.ownKeys(one).length, 0);
const NAMES_AT_START = names();

/** @throws Error when a prototype that every value shares has got or lost a field since the start. */
export function checkPrototypes(): void {
	if (names() !== NAMES_AT_START || "polluted" in {})
		throw new Error("a shared prototype was changed");
}

/** A text with everything that a terminal would not show as it is escaped; at most `most` characters of the text. */
export const escaped = (text: string, most = 2_000): string =>
	JSON.stringify(text.slice(0, most)).replace(
		/[^\x20-\x7e]/g,
		(char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
	) + (text.length > most ? ` … (${text.length} characters)` : "");
