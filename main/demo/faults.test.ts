import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
	faultsOf,
	parseFaults,
	patternsWithoutHost,
	readFaults,
} from "./faults.ts";

const parse = (hosts: unknown, version: unknown = 1) =>
	parseFaults(JSON.stringify({ version, hosts }), "faults.json");
const refusal = (result: ReturnType<typeof parse>) => {
	if (result.ok) throw new Error("was accepted");
	return result.fault;
};

test("a faults file gives each host the switches of every pattern that fits it", () => {
	const plan = parse({
		"web-01": [{ kind: "deaf", afterEvents: 3 }],
		"web-*": [{ kind: "no-ping" }],
		"*-01": [{ kind: "duplicate" }],
	});
	if (!plan.ok) throw new Error(plan.fault.sentence);
	const kinds = (id: string) =>
		faultsOf(plan.value, id).map(({ kind }) => kind);
	expect(kinds("web-01")).toEqual(["deaf", "no-ping", "duplicate"]);
	expect(kinds("web-02")).toEqual(["no-ping"]);
	expect(kinds("db-01")).toEqual(["duplicate"]);
	expect(kinds("xweb-010")).toEqual([]);
	expect(patternsWithoutHost(plan.value, ["web-01", "db-02"])).toEqual([]);
	expect(patternsWithoutHost(plan.value, ["db-02"])).toHaveLength(3);
});

test("a dot in a pattern is a dot", () => {
	const plan = parse({ "a.b": [{ kind: "swap" }] });
	if (!plan.ok) throw new Error(plan.fault.sentence);
	expect(faultsOf(plan.value, "axb")).toEqual([]);
	expect(faultsOf(plan.value, "a.b")).toHaveLength(1);
});

test("every problem is named with its path", () => {
	const { code, sentence } = refusal(
		parse({
			"web-01": [{ kind: "deaf", afterEvents: "three" }],
			"web-02": [{ kind: "deaff" }],
			"web-03": [{ kind: "swap", soon: true }],
		}),
	);
	expect(code).toBe("faults.invalid");
	expect(sentence).toContain("hosts.web-01[0].afterEvents: ");
	expect(sentence).toContain(
		"hosts.web-02[0].kind: no such switch; one of stub-101, ",
	);
	expect(sentence).toContain("hosts.web-03[0]: unknown key soon");
});

test("another version, no version and no JSON are refused", () => {
	expect(refusal(parse({}, 2)).sentence).toBe(
		"faults.json: version: must be 1",
	);
	expect(refusal(parseFaults("[]", "f")).sentence).toMatch(/^f: the file: /);
	expect(refusal(parseFaults("{", "f")).sentence).toMatch(/^f: not JSON: /);
});

test("more than five problems are counted", () => {
	const many = Array.from({ length: 8 }, () => ({ kind: "nope" }));
	expect(refusal(parse({ a: many })).sentence).toMatch(/; and 3 more$/);
});

test("a file is read from disk, and one that is not there is named", async () => {
	const folder = await mkdtemp(join(tmpdir(), "faults-"));
	try {
		const file = join(folder, "faults.json");
		await writeFile(file, '{"version":1,"hosts":{"*":[{"kind":"swap"}]}}');
		expect(await readFaults(file)).toEqual({
			ok: true,
			value: { version: 1, hosts: { "*": [{ kind: "swap" }] } },
		});
		expect(
			refusal(await readFaults(join(folder, "absent"))).sentence,
		).toContain("absent: cannot be read: ENOENT");
	} finally {
		await rm(folder, { recursive: true });
	}
});
