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

describe("which run names a job", () => {
	const twins = (more: Partial<Arrival> = {}) => [
		arrival("a", 0, { agentJobId: agentJobId("r-1"), ...more }),
		arrival("b", 0, { agentJobId: agentJobId("r-2"), ...more }),
		arrival("b", 0, { agentJobId: agentJobId("r-1"), ...more }),
	];

	test("of runs created at the same moment the host's name decides, then the run's", () => {
		const [one, two, three] = twins() as [Arrival, Arrival, Arrival];
		const groups = openGroups().place([two, three, one]);
		// b may be in a job once: its run r-1 comes before r-2, and joins a's.
		expect(groups[1]).toBe(groups[2]);
		expect(groups[0]).not.toBe(groups[2]);
		expect(placed(one)[0]?.id).toBe(groups[2]?.id);
		expect(placed(two)[0]?.id).toBe(groups[0]?.id);
	});

	test("when every run has a start of its own, the one created first by the agents' clocks does", () => {
		const early = arrival("z", 9_000, { createdAt: T });
		const late = arrival("a", 0, { createdAt: T + 1 });
		expect(placed(late, early)[1]?.id).toBe(placed(early)[0]?.id);
	});

	test("created at the same moment, the name decides there too, in whatever order they came", () => {
		const a = arrival("a", 10, { createdAt: T });
		const b = arrival("b", 0, { createdAt: T });
		const c = arrival("c", 5, { createdAt: T });
		for (const order of [
			[a, b, c],
			[c, b, a],
			[b, c, a],
		])
			expect(placed(...order)[0]?.id).toBe(placed(a)[0]?.id);
	});

	test("ids are the same in every release: somebody has written them down", () => {
		expect(idsOf(placed(arrival("web-01", 0)))).toEqual(["j-ed012a2c6963"]);
		expect(idsOf(placed(arrival("a", 0, { parentJobId: "p-1" })))).toEqual([
			"j-b967424358b7",
		]);
		const many = Array.from({ length: 300 }, (_, at) => arrival("a", at));
		for (const group of many.map((run) => placed(run)[0]))
			expect(group?.id).toMatch(/^j-[0-9a-f]{12}$/);
	});

	test("packages are told apart where one ends and the next begins", () => {
		const ids = idsOf(
			placed(
				arrival("a", 0, { packages: ["ab", "c"] }),
				arrival("b", 0, { packages: ["a", "bc"] }),
				arrival("c", 0, { operation: "patchapplya", packages: ["bc"] }),
			),
		);
		expect(new Set(ids).size).toBe(3);
	});

	test("a run whose job left before it came back has an id of its own, while the old one stands", () => {
		const groups = openGroups();
		const run = arrival("a", 0);
		const [first] = groups.place([run]);
		const again = groups.place([run, arrival("a", 1)]);
		expect(new Set([first?.id, ...idsOf(again)]).size).toBe(3);
		expect(again[0]?.id).toMatch(/^j-[0-9a-f]{12}$/);
		const third = groups.place([run]);
		expect(new Set([first?.id, ...idsOf(again), third[0]?.id]).size).toBe(4);
	});
});

describe("nearness", () => {
	test("of two groups as near as each other, the one opened first gets the run", () => {
		const groups = openGroups();
		const [first, second] = groups.place([
			arrival("a", 0),
			arrival("a", 20_000),
		]);
		expect(second).not.toBe(first);
		expect(groups.place([arrival("b", 10_000)])[0]).toBe(first);
	});

	test("a host that joined a group is in it: its next run goes elsewhere", () => {
		const groups = openGroups();
		const [job] = groups.place([arrival("a", 0)]);
		expect(groups.place([arrival("b", 1)])[0]).toBe(job);
		expect(groups.place([arrival("b", 2)])[0]).not.toBe(job);
	});

	test("a dropped group takes no more runs, and its neighbours of the same kind still do", () => {
		const groups = openGroups();
		const [first, second] = groups.place([
			arrival("a", 0),
			arrival("a", 300_000),
		]);
		if (first === undefined || second === undefined) throw new Error("no job");
		groups.drop(first.id);
		expect(groups.place([arrival("b", 300_001)])[0]).toBe(second);
		const [anew] = groups.place([arrival("c", 1)]);
		expect(anew).not.toBe(first);
		expect(groups.place([arrival("d", 2)])[0]).toBe(anew);
		groups.drop(second.id);
		if (anew === undefined) throw new Error("no job");
		groups.drop(anew.id);
		// Nothing of the kind is left: the first run founds a group again.
		expect(groups.place([arrival("a", 0)])[0]?.id).toBe(first.id);
	});
});

describe("certain jobs", () => {
	test("all runs of a job of ours are in one group, until the job goes with all its claims", () => {
		const groups = openGroups();
		const ours = { id: jobId("j-ours"), label: "ours" };
		const other = { id: jobId("j-other"), label: "other" };
		const [a, b, c] = [arrival("a", 0), arrival("b", 0), arrival("c", 0)];
		for (const run of [a, b, c]) groups.claim(run.hostId, run.agentJobId, ours);
		const [first, second] = groups.place([a, b]);
		expect(second).toBe(first);
		// The same run was claimed again, by another job: that claim outlives the first job.
		groups.claim(c.hostId, c.agentJobId, other);
		groups.drop(ours.id);
		expect([a, b, c].map((run) => groups.isCertain(run))).toEqual([
			false,
			false,
			true,
		]);
		expect(groups.place([c])[0]?.id).toBe(other.id);
	});

	test("a parent's job that is gone is made anew, and no other parent's job with it", () => {
		const groups = openGroups();
		const run = (parentJobId: string) => arrival("a", 0, { parentJobId });
		const [one, two] = groups.place([run("p-1"), run("p-2")]);
		if (one === undefined || two === undefined) throw new Error("no job");
		groups.drop(one.id);
		const [oneAgain, twoAgain] = groups.place([run("p-1"), run("p-2")]);
		expect(twoAgain).toBe(two);
		expect(oneAgain).not.toBe(one);
		expect(oneAgain?.id).toBe(one.id);
		groups.drop(jobId("j-unheard-of"));
		expect(groups.place([run("p-2")])[0]).toBe(two);
	});

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
