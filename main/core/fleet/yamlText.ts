// JSON or YAML from a file that anybody may have written, as a value with line numbers: never a throw, and work that grows
// with the text only, whatever aliases, depth or repeated keys are in it. Knows no fleet.
import type { Document, YAMLMap } from "yaml";
import {
	isAlias,
	isMap,
	isPair,
	isScalar,
	isSeq,
	LineCounter,
	parseDocument,
} from "yaml";

/** A text that could be read. */
export interface YamlText {
	readonly value: unknown;
	/** The line of the innermost thing on this path that is there; 1 when none is. */
	lineOf(path: readonly PropertyKey[]): number;
}

/** How often aliases may be followed: enough for labels that are shared, too few for a small file that stands for gigabytes. */
const MOST_ALIASES = 100;

/** What the parser says where its own stack ends. */
const TOO_DEEP = /call stack/i;

/** How a text that other programs write is read. */
export interface YamlLeave {
	/** `<<` takes over the keys of another map, as Ansible does. */
	readonly merge?: boolean;
	readonly mostAliases?: number;
}

/** Reads the text, or tells what is wrong with it, each problem with its place. */
export function readYaml(
	text: string,
	{ merge = false, mostAliases = MOST_ALIASES }: YamlLeave = {},
): YamlText | readonly string[] {
	const lines = new LineCounter();
	const document = parseDocument(text, {
		lineCounter: lines,
		prettyErrors: false,
		stringKeys: true,
		// Its own look for them compares each key with each other one.
		uniqueKeys: false,
		merge,
	});
	const at = (offset: number, words: string): string => {
		const { line, col } = lines.linePos(offset);
		return `line ${line}, column ${col}: ${words}`;
	};
	const broken = document.errors.map(({ pos, message }) =>
		at(pos[0], TOO_DEEP.test(message) ? "nested too deep" : firstLine(message)),
	);
	if (broken.length > 0) return broken;
	const repeated = repeatedKeys(document).map((offset) =>
		at(offset, "Map keys must be unique"),
	);
	if (repeated.length > 0) return repeated;
	try {
		return {
			value: document.toJS({ maxAliasCount: mostAliases }),
			lineOf: linesOf(document, lines),
		};
	} catch (error) {
		// An alias of nothing, or too many of them: the parser meets these only here, without a place.
		return [error instanceof RangeError ? "nested too deep" : saidBy(error)];
	}
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";

const saidBy = (error: unknown): string =>
	error instanceof Error ? firstLine(error.message) : "unreadable";

/** Where a key stands that its map has already, in the order of the text. */
function repeatedKeys(document: Document.Parsed): readonly number[] {
	const found: number[] = [];
	const rest: unknown[] = [document.contents];
	while (rest.length > 0) {
		const node = rest.pop();
		if (isSeq(node)) for (const item of node.items) rest.push(item);
		else if (isPair(node)) rest.push(node.value);
		else if (isMap(node)) {
			for (const offset of repeatedIn(node)) found.push(offset);
			for (const pair of node.items) rest.push(pair.value);
		}
	}
	return found.sort((a, b) => a - b);
}

function repeatedIn({ items }: YAMLMap): readonly number[] {
	const seen = new Set<unknown>();
	const found: number[] = [];
	for (const { key } of items) {
		if (!isScalar(key)) continue;
		if (seen.has(key.value)) found.push(key.range?.[0] ?? 0);
		seen.add(key.value);
	}
	return found;
}

/** Finds lines by path. Keys of a map are looked up in an index: asked for each of many hosts, a search would take minutes. */
function linesOf(
	document: Document.Parsed,
	lines: LineCounter,
): YamlText["lineOf"] {
	const indexes = new WeakMap<YAMLMap, Map<unknown, unknown>>();
	const indexOf = (map: YAMLMap): Map<unknown, unknown> => {
		const known = indexes.get(map);
		if (known !== undefined) return known;
		const index = new Map(
			map.items.map(({ key, value }) => [
				isScalar(key) ? String(key.value) : key,
				// A key without a value has no place of its own.
				value ?? key,
			]),
		);
		indexes.set(map, index);
		return index;
	};
	const below = (node: unknown, key: PropertyKey): unknown => {
		if (isAlias(node)) return below(node.resolve(document), key);
		if (isMap(node)) return indexOf(node).get(String(key));
		return isSeq(node) ? node.items[Number(key)] : undefined;
	};
	return (path) => {
		let node: unknown = document.contents;
		let offset = rangeOf(node) ?? 0;
		for (const key of path) {
			node = below(node, key);
			if (node === undefined) break;
			offset = rangeOf(node) ?? offset;
		}
		return lines.linePos(offset).line;
	};
}

const rangeOf = (node: unknown): number | undefined =>
	(node as { range?: readonly number[] | null } | null | undefined)?.range?.[0];
