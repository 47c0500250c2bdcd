import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agentJobId, hostId, jobId } from "../../../shared/model.ts";
import type { Arrival, Group } from "./group.ts";
import { labelOf, openGroups } from "./group.ts";

const T = 1_800_000_000_000;

const arrival = (
	host: string,
	atMs: number,
	more: Partial<Arrival> = {},
): Arrival => ({
	hostId: hostId(host),
	agentJobId: agentJobId(`${host}-${atMs}`),
	operation: "patchapply",
	packages: ["openssl"],
	startAt: T + atMs,
	createdAt: T + atMs,
	parentJobId: null,
	parentLabel: null,
	...more,
});
const placed = (...arrivals: Arrival[]): Group[] =>
	openGroups().place(arrivals);
const idsOf = (groups: readonly Group[]) => groups.map(({ id }) => id);

describe("observed jobs", () => {
	test("same operation and packages within two minutes of the first run are one job", () => {
		const groups = placed(
			arrival("a", 0),
			arrival("b", 120_000),
			arrival("c", 120_001),
		);
		expect(groups[0]).toEqual({
			id: expect.stringMatching(/^j-[0-9a-f]{12}$/),
			label: "patchapply · openssl",
			origin: "observed",
			operation: "patchapply",
			packages: ["openssl"],
		});
		expect(groups[1]?.id).toBe(groups[0]?.id);
		expect(groups[2]?.id).not.toBe(groups[0]?.id);
	});

	test("the order and repetition of packages make no difference, other packages and operations do", () => {
		const [a, b, c, d] = idsOf(
			placed(
				arrival("a", 0, { packages: ["curl", "openssl"] }),
				arrival("b", 1, { packages: ["openssl", "curl", "curl"] }),
				arrival("c", 2, { packages: ["openssl"] }),
				arrival("d", 3, {
					packages: ["openssl", "curl"],
					operation: "install",
				}),
			),
		);
		expect(b).toBe(a);
		expect(new Set([a, c, d]).size).toBe(3);
	});

	test("a host is in a job at most once: its second run begins another, which others then join by nearness", () => {
		const groups = openGroups();
		const [first, second] = groups.place([
			arrival("a", 0),
			arrival("a", 60_000),
		]);
		const [slow, late] = groups.place([
			arrival("b", 2_000),
			arrival("b", 61_000),
		]);
		expect(second?.id).not.toBe(first?.id);
		expect(slow?.id).toBe(first?.id);
		expect(late?.id).toBe(second?.id);
	});

	test("a run that is told of later, but began earlier, joins too", () => {
		const groups = openGroups();
		const [first] = groups.place([arrival("a", 5_000)]);
		expect(groups.place([arrival("b", 0)])[0]).toBe(first);
	});

	test("placed together, the same runs make the same jobs with the same ids in any order", () => {
		const runs = fc.uniqueArray(
			fc.record({
				host: fc.constantFrom("a", "b", "c", "d", "e"),
				atMs: fc.integer({ min: 0, max: 400_000 }),
				packages: fc.constantFrom(["openssl"], ["curl"]),
			}),
			{ selector: ({ host, atMs }) => `${host}-${atMs}`, maxLength: 12 },
		);
		const shuffled = runs.chain((list) =>
			fc.tuple(
				fc.constant(list),
				fc.shuffledSubarray(list, { minLength: list.length }),
			),
		);
		const jobsOf = (
			list: readonly {
				host: string;
				atMs: number;
				packages: readonly string[];
			}[],
		) => {
			const arrivals = list.map(({ host, atMs, packages }) =>
				arrival(host, atMs, { packages }),
			);
			const ids = idsOf(placed(...arrivals));
			return new Map(arrivals.map((run, at) => [run.agentJobId, ids[at]]));
		};
		fc.assert(
			fc.property(shuffled, ([list, mixed]) => {
				const wanted = jobsOf(list);
				const got = jobsOf(mixed);
				for (const [run, id] of wanted) expect(got.get(run)).toBe(id);
			}),
			{ numRuns: 300 },
		);
	});

	test("a corrected clock does not rename a job: the agents' own times choose the first run", () => {
		const before = placed(arrival("a", 0), arrival("b", 3));
		const after = placed(
			arrival("a", 0, { startAt: T + 5 }),
			arrival("b", 3, { startAt: T }),
		);
		expect(idsOf(after)).toEqual(idsOf(before));
	});

	test("a place once given is kept, whatever comes earlier", () => {
		const groups = openGroups();
		const [first] = groups.place([arrival("a", 5_000)]);
		groups.place([arrival("b", 0), arrival("c", 1)]);
		expect(groups.place([arrival("d", 2)])[0]?.id).toBe(first?.id);
	});

	test("a host that left may come back, and a dropped job is forgotten", () => {
		const groups = openGroups();
		const [job] = groups.place([arrival("a", 0), arrival("b", 0)]);
		if (job === undefined) throw new Error("no job");
		groups.leave(job.id, hostId("b"));
		expect(groups.place([arrival("b", 0)])[0]?.id).toBe(job.id);
		groups.drop(job.id);
		expect(idsOf(groups.place([arrival("c", 0)]))).not.toEqual([job.id]);
	});
});

describe("certain jobs", () => {
	test("runs with the same parent are one job, whatever they do and when, under the parent's label", () => {
		const parent = { parentJobId: "p-1", parentLabel: "patch apply · prod" };
		const [a, b] = placed(
			arrival("a", 0, parent),
			arrival("b", 900_000, { ...parent, operation: "reboot" }),
		);
		expect(a).toMatchObject({ origin: "parent", label: "patch apply · prod" });
		expect(b).toBe(a);
	});

	test("a parent's id does not depend on which run came first", () => {
		const parent = { parentJobId: "p-1", parentLabel: null };
		const [first] = placed(arrival("a", 0, parent));
		const [other] = placed(arrival("z", 7, parent));
		expect(first?.id).toBe(other?.id);
		expect(first?.label).toBe("patchapply · openssl");
	});

	test("what we started ourselves is ours before anything else", () => {
		const groups = openGroups();
		const ours = { id: jobId("j-ours"), label: "ours" };
		const run = arrival("a", 0, { parentJobId: "p-1" });
		groups.claim(run.hostId, run.agentJobId, ours);
		expect(groups.isCertain(run)).toBe(true);
		expect(groups.place([run])[0]).toMatchObject({ ...ours, origin: "ours" });
	});

	test("only what must be observed is uncertain", () => {
		const groups = openGroups();
		expect(groups.isCertain(arrival("a", 0))).toBe(false);
		expect(groups.isCertain(arrival("a", 0, { parentJobId: "p" }))).toBe(true);
	});
});

test.each([
	["patchapply", ["openssl"], "patchapply · openssl"],
	["patchapply", ["openssl", "curl"], "patchapply · openssl, curl"],
	["install", ["a", "b", "c", "d"], "install · a, b +2"],
	["patchapply", [], "patchapply · all packages"],
	["update", [], "update · all packages"],
	["reboot", [], "reboot"],
	["selfupdate", [], "selfupdate"],
	["", [], "unnamed operation"],
])("%s of %j is called %s", (operation, packages, label) => {
	expect(labelOf(operation, packages)).toBe(label);
});

test("a label is never longer than the model holds", () => {
	const long = "p".repeat(256);
	const label = labelOf("install", [long, long, long]);
	expect(label).toHaveLength(300);
	expect(label.endsWith(" +1")).toBe(true);
});
