import { expect, test } from "vitest";
import { diffHosts, parseInventory } from "./inventory.ts";

const file = (hosts: string, rest = ""): string =>
	`{ "version": 1, "name": "prod",${rest}\n  "hosts": [\n${hosts}\n] }`;

function sentence(text: string): string {
	const result = parseInventory(text, "fleet.json");
	if (result.ok) throw new Error("was accepted");
	expect(result.fault.code).toBe("fleet.invalid");
	return result.fault.sentence;
}

test("a fleet file of the documentation is read, with its defaults", () => {
	const result = parseInventory(
		file(
			`{ "id": "web-01", "address": "127.0.0.1", "port": 40001, "servername": "web-01.fleet.test", "labels": { "role": "web" } },
{ "id": "db-01", "address": "db-01.fleet.test" }`,
			'"defaults": { "port": 12443, "minTls": "1.3" },',
		),
		"fleet.json",
	);
	expect(result).toEqual({
		ok: true,
		value: {
			name: "prod",
			hosts: [
				{
					id: "web-01",
					address: "127.0.0.1",
					port: 40001,
					servername: "web-01.fleet.test",
					minTls: "1.3",
					labels: { role: "web" },
				},
				{
					id: "db-01",
					address: "db-01.fleet.test",
					port: 12443,
					servername: "db-01.fleet.test",
					minTls: "1.3",
					labels: {},
				},
			],
		},
	});
});

test("YAML is read like JSON", () => {
	const result = parseInventory(
		"version: 1\nname: prod\nhosts:\n  - id: web-01\n    address: ::1\n",
		"fleet.yaml",
	);
	expect(result.ok && result.value.hosts[0]).toMatchObject({
		address: "::1",
		servername: "::1",
		minTls: "1.2",
	});
});

test.each([
	[
		'{ "id": "a", "address": "10.0.0.1/24" }',
		'line 3, hosts[0].address: "10.0.0.1/24" has a CIDR suffix',
	],
	[
		'{ "id": "a", "address": "https://a.test" }',
		"is a URL; give the name or the IP address alone",
	],
	['{ "id": "a", "address": "a.test:443" }', 'give the port in "port"'],
	['{ "id": "a", "address": "300.1" }', "not a whole IPv4 address"],
	['{ "id": "a", "address": "a b" }', "neither a name nor an IP address"],
	[
		'{ "id": "a", "address": "a", "adress": "b" }',
		"hosts[0].adress: unknown key",
	],
	['{ "address": "a" }', "hosts[0].id: is missing"],
	['{ "id": "a", "address": "a", "port": 0 }', "hosts[0].port:"],
	['{ "id": "a", "address": "a", "port": "1" }', "must be a whole number"],
	[
		'{ "id": "a", "address": "a", "labels": { "rack": 1 } }',
		"put it in quotes",
	],
	[
		'{ "id": "a", "address": "a" },\n{ "id": "a", "address": "b" }',
		'line 4, hosts[1].id: "a" is already the id of hosts[0]',
	],
])("%s is refused with its place", (hosts, expected) => {
	expect(sentence(file(hosts))).toContain(expected);
});

test("a broken file names line and column", () => {
	expect(sentence('{ "version": 1,\n "name": ')).toMatch(
		/^fleet\.json: line \d+, column \d+: /,
	);
});

test("a key given twice is refused, not dropped", () => {
	expect(sentence(file('{ "id": "a", "id": "b", "address": "x" }'))).toMatch(
		/unique/,
	);
});

test("an empty file and another version are refused", () => {
	expect(sentence("  \n")).toContain("the file is empty");
	expect(sentence('{"version":2,"name":"x","hosts":[]}')).toContain(
		"version: must be 1",
	);
	expect(sentence("[]")).toContain("the file");
});

test("many problems are counted, the first five told", () => {
	const hosts = Array.from(
		{ length: 9 },
		(_, i) => `{ "id": "h${i}", "address": "http://x" }`,
	).join(",\n");
	expect(sentence(file(hosts))).toMatch(/; and 4 more$/);
});

test("a diff tells redials from new labels", () => {
	const parse = (hosts: string) => {
		const result = parseInventory(file(hosts), "f");
		if (!result.ok) throw new Error(result.fault.sentence);
		return result.value.hosts;
	};
	const now = parse(
		'{"id":"a","address":"a"},{"id":"b","address":"b"},{"id":"c","address":"c"},{"id":"d","address":"d"}',
	);
	const next = parse(
		'{"id":"a","address":"a"},{"id":"b","address":"b2"},{"id":"c","address":"c","labels":{"x":"y"}},{"id":"e","address":"e"}',
	);
	const diff = diffHosts(now, next);
	expect(diff.added.map((h) => h.id)).toEqual(["e"]);
	expect(diff.changed.map((h) => h.id)).toEqual(["b"]);
	expect(diff.relabelled.map((h) => h.id)).toEqual(["c"]);
	expect(diff.removed).toEqual(["d"]);
});
