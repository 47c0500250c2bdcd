// An Ansible inventory in its INI spelling: `[group]`, `[group:vars]`, `[group:children]` and lines of hosts with variables.
import type { AnsibleGroup } from "./ansibleHosts.ts";
import { expandRange, hostsOfGroups, newGroup } from "./ansibleHosts.ts";
import type { Found, InvalidLine } from "./found.ts";
import { MOST_HOSTS } from "./found.ts";

type Part = "hosts" | "vars" | "children";

export function readAnsibleIni(text: string): Found {
	let named = 0;
	const groups = new Map<string, AnsibleGroup>();
	const invalid: InvalidLine[] = [];
	const groupOf = (name: string): AnsibleGroup => {
		const group = groups.get(name) ?? newGroup();
		groups.set(name, group);
		return group;
	};
	let group = groupOf("ungrouped");
	let part: Part | null = "hosts";
	for (const [at, source] of text.split(/\r?\n/).entries()) {
		const line = at + 1;
		const wrong = (sentence: string, id: string | null = null): void =>
			void invalid.push({ line, id, sentence });
		const section = /^\[([^\]:]+)(?::(\w+))?\]\s*([#;].*)?$/.exec(
			source.trim(),
		);
		if (section !== null) {
			group = groupOf(section[1] ?? "");
			part = partOf(section[2]);
			if (part === null)
				wrong(
					`“${section[2]}” is no part of a group; hosts, vars and children are`,
				);
			continue;
		}
		const words = wordsOf(source);
		const [first] = words;
		if (first === undefined || part === null) continue;
		if (part === "children") {
			group.children.add(first);
			groupOf(first);
		} else if (part === "vars") {
			const [name = "", ...value] = source.trim().split("=");
			if (value.length === 0) wrong("a variable is NAME=VALUE");
			else group.vars = { ...group.vars, [name.trim()]: bare(value.join("=")) };
		} else {
			named += takeHost(group, words, line, wrong);
			if (named > MOST_HOSTS) {
				wrong(`names more than ${MOST_HOSTS} hosts; nothing after it was read`);
				break;
			}
		}
	}
	return { hosts: hostsOfGroups(groups), invalid, notes: [] };
}

function partOf(word: string | undefined): Part | null {
	if (word === undefined || word === "hosts") return "hosts";
	return word === "vars" || word === "children" ? word : null;
}

/** Answers how many names the line stands for. */
function takeHost(
	group: AnsibleGroup,
	[pattern = "", ...rest]: readonly string[],
	line: number,
	wrong: (sentence: string, id: string | null) => void,
): number {
	const vars: Record<string, string> = {};
	for (const word of rest) {
		const [name = "", ...value] = word.split("=");
		if (value.length === 0)
			return none(() =>
				wrong(`“${word.slice(0, 80)}” is not NAME=VALUE`, pattern),
			);
		vars[name] = value.join("=");
	}
	const ids = expandRange(withoutPort(pattern));
	if (ids === null)
		return none(() =>
			wrong(`“${pattern.slice(0, 80)}” is no range of names`, pattern),
		);
	for (const id of ids)
		group.hosts.set(id, {
			line,
			vars: { ...group.hosts.get(id)?.vars, ...vars },
		});
	return ids.length;
}

function none(say: () => void): 0 {
	say();
	return 0;
}

/** A port after the name is SSH's. What has more colons outside of ranges is an IPv6 address. */
function withoutPort(pattern: string): string {
	const at = pattern.lastIndexOf(":");
	const isPort = at > 0 && /^\d+$/.test(pattern.slice(at + 1));
	const isOnly = pattern.replace(/\[[^\]]*\]/g, "").split(":").length === 2;
	return isPort && isOnly ? pattern.slice(0, at) : pattern;
}

/** A value without its quotes, and without the comment after it. */
function bare(value: string): string {
	const text = value.trim();
	const quoted = /^(["'])(.*?)\1\s*(?:#.*)?$/.exec(text);
	return quoted?.[2] ?? text.replace(/\s#.*$/, "").trimEnd();
}

/** Words as a shell would split them; what follows a `#` that begins a word is a comment. */
function wordsOf(line: string): readonly string[] {
	if (/^\s*[;#]/.test(line)) return [];
	const words: string[] = [];
	for (const [word] of line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)) {
		if (word.startsWith("#")) break;
		words.push(word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
	}
	return words;
}
