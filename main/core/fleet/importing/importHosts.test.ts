import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseInventory } from "../inventory.ts";
import type { ImportPlan, ImportQuestion } from "./importHosts.ts";
import { formatOf, planImport } from "./importHosts.ts";
import { readForeignYaml } from "./readYamlHosts.ts";

const planned = (
	text: string,
	source: string,
	more: Partial<ImportQuestion> = {},
): ImportPlan => {
	const plan = planImport({ text, source, current: null, ...more });
	if (!plan.ok) throw new Error(plan.fault.sentence);
	return plan.value;
};
const lines = ({ rows }: ImportPlan): string[] =>
	rows.map(
		({ verdict, line, id, words }) => `${verdict} ${line} ${id}: ${words}`,
	);
const entries = (plan: ImportPlan) => {
	const read = parseInventory(plan.text ?? "", "it");
	if (!read.ok) throw new Error(read.fault.sentence);
	return read.value.hosts;
};
const again = (text: string, source: string, before: ImportPlan): ImportPlan =>
	planned(text, source, {
		current: { text: before.text ?? "", path: "fleet.json" },
	});

describe("a table", () => {
	const TABLE = [
		"Name;IP address;Agent port;Role;Root password;labels",
		"web-01;10.20.0.11;;web;hunter2;env=prod",
		";10.20.0.12;40001;db;;",
		"",
		'"two\nlines";10.20.0.13;;;;',
		"web-01;10.20.0.14;;;;",
		"web-03;10.20.0.0/24;;;;",
		"web-04;10.20.0.15;99999;;;",
		"web-05;10.20.0.16;;;;;extra",
	].join("\r\n");

	test("each line gets a verdict, with the line it stands on", () => {
		expect(lines(planned(TABLE, "hosts.csv"))).toEqual([
			"add 2 web-01: 10.20.0.11:12443",
			"add 3 10.20.0.12: 10.20.0.12:40001",
			"invalid 5 two\\x0alines: id: must not hold spaces or slashes",
			"invalid 7 web-01: is already on line 2",
			'invalid 8 web-03: address: "10.20.0.0/24" has a CIDR suffix; give the address of one host',
			"invalid 9 web-04: port: must be a whole number from 1 to 65535",
			"invalid 10 web-05: has 7 cells, the first line 6",
		]);
	});
	test("other columns become labels, but none that may hold a secret", () => {
		const plan = planned(TABLE, "hosts.csv");
		expect(entries(plan)[0]?.labels).toEqual({ role: "web", env: "prod" });
		expect(plan.notes).toEqual([
			"the column “Root password” was left out: it may hold what must not be on a screen",
		]);
		expect(plan.text).not.toContain("hunter2");
	});
	test("without a header it says what the first line must name", () => {
		const plan = planImport({
			text: "web-01,10.0.0.1\nweb-02,10.0.0.2\n",
			source: "x.csv",
			current: null,
		});
		expect(plan).toMatchObject({
			ok: false,
			fault: {
				code: "fleet.invalid",
				sentence:
					"x.csv names no host (read as csv); line 1: the first line must name the columns, one of them “id” or “address”",
			},
		});
	});
	test("a byte order mark is not part of the first name", () => {
		expect(planned("\uFEFFid,address\na,10.0.0.1", "h.csv").counts.add).toBe(1);
	});
});

describe("an Ansible inventory", () => {
	const INI = `# all of them
bastion ansible_host=10.0.0.1 ansible_port=2222

[web]
web[01:03].example.test env=prod ansible_user=root db_password=x
"odd" env="a b"  # a comment
[db]
db-[a:b] foredeck_port=40001 foredeck_servername=db.fleet.test
[prod:children]
web
db
[prod:vars]
site = "north"
env=staging
[db:vars]
foredeck_label_backup=nightly
`;
	const YAML = `all:
  vars: { site: north }
  children:
    web:
      hosts:
        web-01: { ansible_host: 10.0.0.1, role: front }
        web-[2:3]:
      children:
        edge:
          hosts: { edge-1: {} }
`;
	test("ranges, groups and nearer words in the INI spelling", () => {
		const plan = planned(INI, "hosts");
		expect(plan.format).toBe("ansible");
		expect(entries(plan).map(({ id, address }) => `${id} ${address}`)).toEqual([
			"bastion 10.0.0.1",
			"web01.example.test web01.example.test",
			"web02.example.test web02.example.test",
			"web03.example.test web03.example.test",
			"odd odd",
			"db-a db-a",
			"db-b db-b",
		]);
		const [bastion, web, , , , db] = entries(plan);
		// SSH's port is not the agent's.
		expect(bastion).toMatchObject({ port: 12443, labels: {} });
		expect(web?.labels).toEqual({
			"group/web": "yes",
			"group/prod": "yes",
			group: "web",
			site: "north",
			env: "prod",
		});
		expect(db).toMatchObject({
			port: 40001,
			servername: "db.fleet.test",
			labels: { env: "staging", backup: "nightly" },
		});
		expect(plan.text).not.toMatch(/password|root/);
	});
	test("the YAML spelling, with the lines of its hosts", () => {
		const plan = planned(YAML, "inventory.yml");
		expect(lines(plan)).toEqual([
			"add 6 web-01: 10.0.0.1:12443",
			"add 7 web-2: web-2:12443",
			"add 7 web-3: web-3:12443",
			"add 10 edge-1: edge-1:12443",
		]);
		expect(entries(plan)[3]?.labels).toEqual({
			"group/edge": "yes",
			"group/web": "yes",
			group: "edge",
			site: "north",
		});
		expect(entries(plan)[0]?.labels.role).toBe("front");
	});
	test("what is no range is invalid, and a range cannot fill memory", () => {
		expect(
			lines(
				planned("a\nb[1:\nc[1:99999999]\nd[3:1]\ne x\n[g:what]\nf\n", "hosts"),
			),
		).toEqual([
			"add 1 a: a:12443",
			"invalid 2 b[1:: “b[1:” is no range of names",
			"invalid 3 c[1:99999999]: “c[1:99999999]” is no range of names",
			"invalid 4 d[3:1]: “d[3:1]” is no range of names",
			"invalid 5 e: “x” is not NAME=VALUE",
			"invalid 6 null: “what” is no part of a group; hosts, vars and children are",
		]);
	});
	test("groups that contain each other end", () => {
		const plan = planned("[a]\nx\n[a:children]\nb\n[b:children]\na\n", "hosts");
		expect(entries(plan)[0]?.labels).toMatchObject({
			"group/a": "yes",
			"group/b": "yes",
		});
		const ring = "all: &a\n  hosts: { x: }\n  children: { b: *a }\n";
		expect(() =>
			planImport({ text: ring, source: "r.yml", current: null }),
		).not.toThrow();
	});
});

test("an SSH configuration: aliases, patterns that lend an address, and what is passed over", () => {
	const plan = planned(
		`Include ~/.ssh/more
Host web-01 web-02
  User root
Host db-*  !db-9
  HostName=%h.example.test
Host db-1
  HostName 10.0.0.1
  Port 2222
Match user x
  HostName nowhere.test
Host "db-2" # the second
Host db-9
`,
		"config",
	);
	expect(plan.format).toBe("ssh-config");
	expect(lines(plan)).toEqual([
		"add 2 web-01: web-01:12443",
		"add 2 web-02: web-02:12443",
		"add 6 db-1: db-1.example.test:12443",
		"add 11 db-2: db-2.example.test:12443",
		"add 12 db-9: db-9:12443",
	]);
	expect(plan.notes).toEqual([
		"line 1: ~/.ssh/more was not followed; import that file by itself",
		"line 9: a Match block was left out",
	]);
});

describe("a fleet file", () => {
	const FILE = `{ "version": 1, "name": "prod", "defaults": { "port": 40000 },
  "hosts": [
    { "id": "a", "address": "10.0.0.1" },
    { "id": "b", "address": "10.0.0.2", "labels": { "role": 7 } },
    { "id": "c", "address": "10.0.0.3", "colour": "red" },
    "d" ] }`;
	test("its defaults count, and each unsound host is named", () => {
		const plan = planned(FILE, "fleet.json");
		expect(plan.fleetName).toBe("prod");
		expect(lines(plan)).toEqual([
			"add 3 a: 10.0.0.1:40000",
			"invalid 4 b: labels.role: must be text (put it in quotes)",
			"invalid 5 c: colour: unknown key",
			"invalid 6 null: is not a host",
		]);
	});
	test("a bare list will do", () => {
		expect(
			planned("- { id: a, address: 10.0.0.1 }\n", "x.yaml").counts.add,
		).toBe(1);
	});
});

describe("into a fleet that is there", () => {
	const first = planned(
		"id,address,role,env\nweb-01,10.0.0.1,web,prod\ndb-01,10.0.0.2,db,prod\n",
		"hosts.csv",
	);
	test("a second time all is the same, and nothing is to be written", () => {
		const plan = again(
			"id,address,role,env\nweb-01,10.0.0.1,web,prod\ndb-01,10.0.0.2,db,prod\n",
			"hosts.csv",
			first,
		);
		expect(plan.counts).toEqual({ add: 0, change: 0, same: 2, invalid: 0 });
		expect(plan.text).toBeNull();
	});
	test("what the import does not name stays, and what differs is told", () => {
		const plan = again(
			"id,address,port,role\nweb-01,10.0.0.9,40001,edge\n",
			"more.csv",
			first,
		);
		expect(lines(plan)).toEqual([
			"change 2 web-01: address 10.0.0.1 → 10.0.0.9, port 12443 → 40001, servername 10.0.0.1 → 10.0.0.9, label role web → edge",
		]);
		expect(entries(plan)).toHaveLength(2);
		expect(entries(plan)[0]?.labels).toEqual({ role: "edge", env: "prod" });
	});
	test("one that is not sound is left alone", () => {
		const plan = planImport({
			text: "id\na\n",
			source: "x.csv",
			current: { text: "{ broken", path: "/fleet.json" },
		});
		expect(plan).toMatchObject({ ok: false, fault: { code: "fleet.invalid" } });
	});
});

describe("what an inventory does not name", () => {
	const there = planned("id,address,role\nweb-01,10.0.0.1,web\n", "hosts.csv");
	test.each([
		[
			"roles.csv",
			"id,role\nweb-01,edge\n",
			"change 2 web-01: label role web → edge",
		],
		[
			"hosts",
			"[edge]\nweb-01\n",
			"change 2 web-01: label group/edge none → yes, label group none → edge",
		],
		["config", "Host web-01\n  User root\n", "same 1 web-01: "],
	])("leaves the address alone (%s)", (source, text, told) => {
		expect(lines(again(text, source, there))).toEqual([told]);
	});

	test("in a fleet file is the agents' own, not the default of the fleet it comes to", () => {
		const other = planned(
			'{ "version": 1, "name": "x", "defaults": { "port": 9000 }, "hosts": [ { "id": "a", "address": "a" } ] }',
			"x.json",
		);
		// The import brought it as a default of its own.
		expect(entries(other)[0]?.port).toBe(9000);
		const file = JSON.stringify({
			version: 1,
			name: "x",
			defaults: { port: 9000 },
			hosts: [{ id: "a", address: "a" }],
		});
		const plan = planned('[{ "id": "b", "address": "b" }]', "y.json", {
			current: { text: file, path: "fleet.json" },
		});
		expect(entries(plan).map(({ id, port }) => [id, port])).toEqual([
			["a", 9000],
			["b", 12443],
		]);
	});
});

test("YAML that shares variables by << and by many aliases is read as Ansible reads it", () => {
	const text = [
		"all:",
		"  vars:",
		"    common: &common { ansible_host: 10.9.8.7 }",
		"  hosts:",
		"    a: { <<: *common, role: web }",
		...Array.from({ length: 300 }, (_, n) => `    h${n}: *common`),
	].join("\n");
	const hosts = entries(planned(text, "inventory.yml"));
	expect(hosts).toHaveLength(301);
	expect(hosts[0]).toMatchObject({
		address: "10.9.8.7",
		labels: { role: "web" },
	});
});

test("names that every object has are names like others", () => {
	const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
	const plan = planned(
		`id,${names.join(",")}\n${names.map((name) => `${name},1,2,3,4`).join("\n")}\n`,
		"x.csv",
	);
	expect(lines(plan)).toEqual(
		names.map((name, at) => `add ${at + 2} ${name}: ${name}:12443`),
	);
	expect(Object.keys(entries(plan)[0]?.labels ?? {}).sort()).toEqual(
		["constructor", "hasownproperty", "proto", "tostring"].sort(),
	);
	expect(lines(again("id,constructor\ntoString,9\n", "x.csv", plan))).toEqual([
		"change 2 toString: label constructor 2 → 9",
	]);
});

test("tables of Excel: a first line that names the separator, and a likelier column before another", () => {
	expect(
		lines(planned("sep=;\nname;id;address\nAlpha;a;10.0.0.1\n", "x.csv")),
	).toEqual(["add 3 a: 10.0.0.1:12443"]);
	expect(
		planImport({ text: "i\0d\0", source: "x.csv", current: null }),
	).toMatchObject({
		fault: { sentence: "x.csv is not text in UTF-8" },
	});
});

test("a quote that never ends is told with its line, in bounds", () => {
	const plan = planned(
		`id,address\na,10.0.0.1\n"b,${"x\n".repeat(50_000)}`,
		"x.csv",
	);
	expect(plan.counts.invalid).toBeGreaterThan(0);
	expect(JSON.stringify(plan.rows).length).toBeLessThan(10_000);
});

test("comments after a group's variables are no part of them", () => {
	const [host] = entries(
		planned(
			'[web]\na\n[web:vars]\nenv="prod" # all\nforedeck_port=40001   # ours\n',
			"hosts",
		),
	);
	expect(host).toMatchObject({ port: 40001, labels: { env: "prod" } });
});

// Each of these took from seconds to for ever with a careless pattern, range or search.
test.each([
	[
		"ssh-config",
		`Host ${"*a".repeat(40)}b\n HostName x\nHost ${"a".repeat(2_000)}\n`,
	],
	["ansible", "x".repeat(200_000)],
	["ansible", "\n".repeat(200_000)],
	[
		"ansible",
		Array.from({ length: 11 }, (_, n) => `h${n}-[1:9999]`).join("\n"),
	],
	["ansible", `h${"[1:1]".repeat(20_000)}`],
	[
		"ansible",
		`all:\n  hosts:\n${Array.from({ length: 5_000 }, (_, n) => `    h${n}:`).join("\n")}`,
	],
] as const)(
	"%s: work is bounded, whatever is in the file (%#)",
	(format, text) => {
		planImport({ text, source: "hosts", format, current: null });
		formatOf("hosts", text, () => []);
	},
	30_000,
);

test("formats are seen from name and text", () => {
	const table: readonly (readonly [string, string, string])[] = [
		["a.csv", "", "csv"],
		["hosts", "id,address\na,b", "csv"],
		["hosts", "web-01\nweb-02\n", "ansible"],
		["hosts", "[web]\na\n", "ansible"],
		["hosts", "all:\n  hosts:\n", "ansible"],
		["hosts", "version: 1\nhosts:\n  - { id: a, address: a }\n", "json"],
		["hosts", '{ "version": 1 }', "json"],
		["config", "Host a\n  HostName b\n", "ssh-config"],
		["x.yml", "hosts:\n  - { id: a, address: a }\n", "json"],
	];
	for (const [source, text, format] of table)
		expect([
			source,
			text,
			formatOf(source, text, () => readForeignYaml(text)),
		]).toEqual([source, text, format]);
});

test("any text gives a plan or a fault, and a plan's text is a sound fleet file", () => {
	const piece = fc.oneof(
		fc.constantFrom(
			"Host a",
			"  HostName b",
			"[web]",
			"[web:vars]",
			"x[1:3]",
			"id,address",
			"a,10.0.0.1",
			"all:",
			"  hosts:",
			"    a: {role: x}",
			'{"hosts":[{"id":"a","address":"b"}]}',
			'"',
			"&a *a",
		),
		fc.string({ unit: "binary" }),
	);
	fc.assert(
		fc.property(
			fc.array(piece, { maxLength: 12 }),
			fc.option(fc.constantFrom("ansible", "csv", "json", "ssh-config"), {
				nil: undefined,
			}),
			(pieces, format) => {
				const plan = planImport({
					text: pieces.join("\n"),
					source: "hosts",
					format: format as never,
					current: null,
				});
				if (!plan.ok) {
					expect(plan.fault.sentence.length).toBeLessThan(2_500);
					return;
				}
				const { counts, rows, text } = plan.value;
				expect(counts.add + counts.change + counts.same + counts.invalid).toBe(
					rows.length,
				);
				if (text !== null)
					expect(parseInventory(text, "it")).toMatchObject({ ok: true });
			},
		),
		{ numRuns: 500 },
	);
});
