// An OpenSSH client configuration (ssh_config(5)): each alias without a pattern is a host. Only where it is, is taken: its port,
// user and keys are SSH's.
import type { Found, FoundHost, InvalidLine } from "./found.ts";

interface Block {
	readonly patterns: readonly {
		readonly text: string;
		readonly line: number;
	}[];
	hostName: string | null;
}

const isPattern = (word: string): boolean => /[*?!]/.test(word);

export function readSshConfig(text: string): Found {
	const blocks: Block[] = [];
	const invalid: InvalidLine[] = [];
	const notes: string[] = [];
	/** Null: inside of a Match block, whose condition only SSH can judge. */
	let block: Block | null = {
		patterns: [{ text: "*", line: 1 }],
		hostName: null,
	};
	blocks.push(block);
	for (const [at, source] of text.split(/\r?\n/).entries()) {
		const line = at + 1;
		const [keyword = "", ...words] = wordsOf(source);
		switch (keyword.toLowerCase()) {
			case "host":
				block = {
					patterns: words.map((word) => ({ text: word, line })),
					hostName: null,
				};
				blocks.push(block);
				if (words.length === 0)
					invalid.push({ line, id: null, sentence: "“Host” names no host" });
				break;
			case "match":
				block = null;
				notes.push(`line ${line}: a Match block was left out`);
				break;
			case "include":
				notes.push(
					`line ${line}: ${words.join(" ")} was not followed; import that file by itself`,
				);
				break;
			case "hostname":
				// As in ssh, the first value of a block counts.
				if (block !== null) block.hostName ??= words[0] ?? null;
				break;
		}
	}
	return { hosts: hostsIn(blocks), invalid, notes };
}

function hostsIn(blocks: readonly Block[]): readonly FoundHost[] {
	const hosts = new Map<string, FoundHost>();
	const naming = blocks.filter(({ hostName }) => hostName !== null);
	for (const { patterns } of blocks)
		for (const { text: alias, line } of patterns) {
			if (isPattern(alias) || hosts.has(alias)) continue;
			const address = naming
				.find((block) => fits(block, alias))
				?.hostName?.replaceAll("%h", alias)
				.replaceAll("%%", "%");
			const host =
				address === undefined ? { id: alias } : { id: alias, address };
			hosts.set(alias, { line, host });
		}
	return [...hosts.values()];
}

function fits({ patterns }: Block, alias: string): boolean {
	let isIn = false;
	for (const { text } of patterns) {
		if (text.startsWith("!")) {
			if (isLike(alias, text.slice(1))) return false;
		} else isIn ||= isLike(alias, text);
	}
	return isIn;
}

/** Whether the pattern with `*` and `?` stands for the text; work grows with the product of both lengths at most. */
function isLike(text: string, pattern: string): boolean {
	let at = 0;
	let sign = 0;
	let star = -1;
	let from = 0;
	while (at < text.length) {
		if (pattern[sign] === "*") {
			star = sign++;
			from = at;
		} else if (pattern[sign] === "?" || pattern[sign] === text[at]) {
			at++;
			sign++;
		} else if (star !== -1) {
			sign = star + 1;
			at = ++from;
		} else return false;
	}
	while (pattern[sign] === "*") sign++;
	return sign === pattern.length;
}

/** `Key value`, `Key=value` and `Key "a b"`, without comments. */
function wordsOf(line: string): readonly string[] {
	const text = line.trim();
	if (text === "" || text.startsWith("#")) return [];
	const [, key = "", rest = ""] = /^([^\s=]+)\s*=?\s*(.*)$/.exec(text) ?? [];
	const words: string[] = [];
	for (const match of rest.matchAll(/"([^"]*)"|(\S+)/g)) {
		const word = match[1] ?? match[2] ?? "";
		if (match[1] === undefined && word.startsWith("#")) break;
		words.push(word);
	}
	return [key, ...words];
}
