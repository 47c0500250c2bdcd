// YAML and JSON: a fleet file of ours (a list of hosts), or an Ansible inventory (a map of groups).
import type { YamlText } from "../yamlText.ts";
import { readYaml } from "../yamlText.ts";
import type { AnsibleGroup, Vars } from "./ansibleHosts.ts";
import { expandRange, hostsOfGroups, newGroup } from "./ansibleHosts.ts";
import type { Found, FoundHost, InvalidLine, RawHost } from "./found.ts";
import { MOST_HOSTS } from "./found.ts";

type Map_ = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Map_ =>
	typeof value === "object" && value !== null && !Array.isArray(value);

const broken = (sentences: readonly string[]): Found => ({
	hosts: [],
	invalid: sentences.map((sentence) => ({
		line: Number(/^line (\d+)/.exec(sentence)?.[1] ?? 1),
		id: null,
		sentence: sentence.replace(/^line \d+(, column \d+)?: /, ""),
	})),
	notes: [],
});

/** Whether it is a list of hosts as fleet files have it: at the top, or under `hosts`. */
export const isFleetFile = (value: unknown): boolean =>
	Array.isArray(value) || (isMap(value) && Array.isArray(value.hosts));

/** Sound YAML, or what is wrong with it. */
export type ReadYaml = YamlText | readonly string[];

/** An inventory that other programs wrote: they share variables by aliases and `<<`. */
export const readForeignYaml = (text: string): ReadYaml =>
	readYaml(text, { merge: true, mostAliases: 2_000 });

export function readFleetHosts(read: ReadYaml): Found {
	if (!("lineOf" in read)) return broken(read);
	const { value, lineOf } = read;
	const list = Array.isArray(value) ? value : isMap(value) ? value.hosts : null;
	if (!Array.isArray(list))
		return broken(["a fleet file has a list of hosts under “hosts”"]);
	const path = Array.isArray(value) ? [] : ["hosts"];
	const defaults = isMap(value) && isMap(value.defaults) ? value.defaults : {};
	const hosts: FoundHost[] = [];
	const invalid: InvalidLine[] = [];
	for (const [at, host] of list.entries()) {
		const line = lineOf([...path, at]);
		if (isMap(host))
			// What has another shape than RawHost is told when it is checked.
			hosts.push({
				line,
				host: { ...defaults, ...host } as unknown as RawHost,
			});
		else invalid.push({ line, id: null, sentence: "is not a host" });
	}
	const name =
		isMap(value) && typeof value.name === "string" ? value.name : null;
	return { hosts, invalid, notes: [], ...(name === null ? {} : { name }) };
}

export function readAnsibleYaml(read: ReadYaml): Found {
	if (!("lineOf" in read)) return broken(read);
	if (!isMap(read.value))
		return broken(["an inventory is a map of groups, or a list of hosts"]);
	const groups = new Map<string, AnsibleGroup>();
	const invalid: InvalidLine[] = [];
	const room = { left: MOST_HOSTS };
	const seen = new Map<object, Set<string>>();
	const rest: { name: string; value: unknown; path: readonly string[] }[] =
		Object.entries(read.value).map(([name, value]) => ({
			name,
			value,
			path: [name],
		}));
	for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
		const { name, value, path } = next;
		const group = groups.get(name) ?? newGroup();
		groups.set(name, group);
		// Through aliases a group can stand in many places, its own inside among them; once for each name is all there is to say.
		if (!isMap(value) || seen.get(value)?.has(name)) continue;
		seen.set(value, (seen.get(value) ?? new Set()).add(name));
		if (isMap(value.vars))
			group.vars = { ...group.vars, ...scalars(value.vars) };
		if (isMap(value.hosts))
			takeHosts(group, value.hosts, [...path, "hosts"], read, invalid, room);
		if (!isMap(value.children)) continue;
		for (const [child, below] of Object.entries(value.children)) {
			group.children.add(child);
			rest.push({
				name: child,
				value: below,
				path: [...path, "children", child],
			});
		}
	}
	const hosts = [...hostsOfGroups(groups)].sort((a, b) => a.line - b.line);
	return { hosts, invalid, notes: [] };
}

function takeHosts(
	group: AnsibleGroup,
	hosts: Map_,
	path: readonly string[],
	{ lineOf }: YamlText,
	invalid: InvalidLine[],
	room: { left: number },
): void {
	for (const [pattern, vars] of Object.entries(hosts)) {
		const line = lineOf([...path, pattern]);
		const ids = expandRange(pattern);
		if (ids === null)
			invalid.push({
				line,
				id: pattern,
				sentence: `“${pattern.slice(0, 80)}” is no range of names`,
			});
		room.left -= ids?.length ?? 0;
		if (room.left < 0) {
			const sentence = `names more than ${MOST_HOSTS} hosts; nothing after it was read`;
			invalid.push({ line, id: null, sentence });
			return;
		}
		for (const id of ids ?? [])
			group.hosts.set(id, {
				line,
				vars: {
					...group.hosts.get(id)?.vars,
					...(isMap(vars) ? scalars(vars) : {}),
				},
			});
	}
}

/** What is a word or a number; lists, maps and sealed values are nothing that could be shown. */
const scalars = (vars: Map_): Vars =>
	Object.fromEntries(
		Object.entries(vars).flatMap(([name, value]) =>
			typeof value === "string" ||
			typeof value === "number" ||
			typeof value === "boolean"
				? [[name, String(value)] as const]
				: [],
		),
	);
