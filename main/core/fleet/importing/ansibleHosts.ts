// What the two spellings of an Ansible inventory have in common: groups in groups, ranges in names, and which variables are
// taken. A port of Ansible's is SSH's, so it never becomes the agent's.
import type { FoundHost, RawHost } from "./found.ts";
import { labelKey } from "./found.ts";

export interface AnsibleGroup {
	/** Hosts that it lists itself, in their order. */
	readonly hosts: Map<string, { readonly line: number; vars: Vars }>;
	readonly children: Set<string>;
	vars: Vars;
}
export type Vars = Readonly<Record<string, string>>;

/** Variables that say what a host is for; any other may hold what must not be on a screen. */
const TOLD =
	/^(role|env|environment|stage|tier|site|region|zone|datacenter|dc|rack|team|owner|service|app|application|customer)$/i;
const LABEL = /^foredeck_label_(.+)$/;

/** Names that stand for every host, and say nothing of one. */
const EVERYBODY: ReadonlySet<string> = new Set(["all", "ungrouped"]);

export const newGroup = (): AnsibleGroup => ({
	hosts: new Map(),
	children: new Set(),
	vars: {},
});

/** Hosts of all groups with what was said of them, nearer words first; a host of several groups is one. */
export function hostsOfGroups(
	groups: ReadonlyMap<string, AnsibleGroup>,
): readonly FoundHost[] {
	const parents = new Map<string, Set<string>>();
	for (const [name, { children }] of groups)
		for (const child of children)
			parents.set(child, (parents.get(child) ?? new Set()).add(name));
	const lines = new Map<string, number>();
	const direct = new Map<string, string[]>();
	const own = new Map<string, Vars>();
	for (const [name, group] of groups)
		for (const [id, { line, vars }] of group.hosts) {
			lines.set(id, Math.min(line, lines.get(id) ?? line));
			direct.set(id, [...(direct.get(id) ?? []), name]);
			own.set(id, { ...own.get(id), ...vars });
		}
	return [...lines].map(([id, line]) => {
		const near = direct.get(id) ?? [];
		const all = withParents(near, parents);
		const vars: Record<string, string> = { ...groups.get("all")?.vars };
		// The farthest group first, so that a nearer one has the last word.
		for (const name of [...all].reverse())
			Object.assign(vars, groups.get(name)?.vars);
		Object.assign(vars, own.get(id));
		return { line, host: hostOf(id, vars, near, all) };
	});
}

/** These groups and all above them, nearest first; a ring of groups ends. */
function withParents(
	near: readonly string[],
	parents: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
	const all = new Set(near);
	for (const name of all)
		for (const parent of parents.get(name) ?? []) all.add(parent);
	return [...all].filter((name) => !EVERYBODY.has(name));
}

function hostOf(
	id: string,
	vars: Vars,
	near: readonly string[],
	all: readonly string[],
): RawHost {
	const labels: Record<string, string> = {};
	for (const name of all) labels[labelKey(`group/${name}`)] = "yes";
	const groups = near.filter((name) => !EVERYBODY.has(name));
	const [only] = groups;
	if (groups.length === 1 && only !== undefined) labels.group = only;
	for (const [name, value] of Object.entries(vars)) {
		const label = LABEL.exec(name)?.[1] ?? (TOLD.test(name) ? name : null);
		if (label !== null && value !== "") labels[labelKey(label)] = value;
	}
	const { ansible_host, foredeck_port, foredeck_servername, foredeck_min_tls } =
		vars;
	return {
		id,
		...(ansible_host === undefined ? {} : { address: ansible_host }),
		...(foredeck_port === undefined ? {} : { port: foredeck_port }),
		...(foredeck_servername === undefined
			? {}
			: { servername: foredeck_servername }),
		...(foredeck_min_tls === undefined ? {} : { minTls: foredeck_min_tls }),
		labels,
	};
}

/** Most names that one pattern may stand for, and most ranges in it. */
const MOST_IN_RANGE = 10_000;
const MOST_RANGES = 8;
/** A name is far shorter; what is longer is no inventory. */
const LONGEST_PATTERN = 1_000;

/**
 * The names that `web[01:03].example` stands for; `[a:c]` and a step (`[1:9:2]`) too.
 * @returns null where a range is not one, or stands for more than 10,000 names.
 */
export function expandRange(pattern: string): readonly string[] | null {
	if (pattern.length > LONGEST_PATTERN) return null;
	if (pattern.split("[").length - 1 > MOST_RANGES) return null;
	return expand(pattern);
}

function expand(pattern: string): readonly string[] | null {
	const found = /^([^[\]]*)\[([^[\]:]+):([^[\]:]+)(?::(\d+))?\](.*)$/.exec(
		pattern,
	);
	if (found === null) return /[[\]]/.test(pattern) ? null : [pattern];
	const [, before = "", from = "", to = "", step = "1", after = ""] = found;
	const middle =
		/^\d+$/.test(from) && /^\d+$/.test(to)
			? numbers(from, to, Number(step))
			: letters(from, to, Number(step));
	const tails = middle === null ? null : expand(after);
	if (middle === null || tails === null) return null;
	if (middle.length * tails.length > MOST_IN_RANGE) return null;
	return middle.flatMap((part) => tails.map((tail) => before + part + tail));
}

function numbers(
	from: string,
	to: string,
	step: number,
): readonly string[] | null {
	const [first, last] = [Number(from), Number(to)];
	if (step < 1 || last < first || (last - first) / step >= MOST_IN_RANGE)
		return null;
	const width = from.startsWith("0") ? from.length : 0;
	const all: string[] = [];
	for (let at = first; at <= last; at += step)
		all.push(String(at).padStart(width, "0"));
	return all;
}

function letters(
	from: string,
	to: string,
	step: number,
): readonly string[] | null {
	if (!/^[a-z]$/i.test(from) || !/^[a-z]$/i.test(to) || step < 1) return null;
	const all: string[] = [];
	for (let at = from.charCodeAt(0); at <= to.charCodeAt(0); at += step)
		all.push(String.fromCharCode(at));
	return all.length === 0 ? null : all;
}
