// JSON or YAML from a file that anybody may have written, as a value with line numbers: never a throw, and work that grows
// with the text only, whatever aliases, depth or repeated keys are in it. Knows no fleet.
import type { Document, YAMLMap } from "yaml";
import {
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

/** Reads the text, or tells what is wrong with it, each problem with its place. */
export function readYaml(text: string): YamlText | readonly string[] {
	const lines = new LineCounter();
	const document = parseDocument(text, {
		lineCounter: lines,
		prettyErrors: false,
		stringKeys: true,
		// Its own look for them compares each key with each other one.
		uniqueKeys: false,
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
			value: document.toJS({ maxAliasCount: MOST_ALIASES }),
			lineOf: (path) => lineOf(document, lines, path),
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

function lineOf(
	document: Document.Parsed,
	lines: LineCounter,
	path: readonly PropertyKey[],
): number {
	for (let length = path.length; length >= 0; length--) {
		const node = document.getIn(path.slice(0, length), true) as
			| { range?: [number, number, number] | null }
			| undefined;
		if (node?.range) return lines.linePos(node.range[0]).line;
	}
	return 1;
}
