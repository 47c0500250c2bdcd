import { expect, test } from "vitest";
import { roster } from "./roster.ts";

test.each([1, 2, 7, 50, 199, 1000])(
	"%i hosts have %i different ids",
	(hosts) => {
		for (const dialect of ["new", undefined] as const) {
			const ids = roster(hosts, dialect).map(({ id }) => id);
			expect(new Set(ids).size).toBe(hosts);
		}
	},
);

test("fifty hosts of the mix hold the promised characters", () => {
	const hosts = new Map(roster(50, undefined).map((host) => [host.id, host]));
	expect(hosts.get("web-12")?.dialect).toBe("stub");
	expect(hosts.get("db-09")?.faults).toMatchObject([
		{ kind: "restart", forget: true },
	]);
	const kinds = [...hosts.values()].flatMap(({ faults }) =>
		faults.map(({ kind }) => kind),
	);
	expect(kinds).toEqual(expect.arrayContaining(["cut", "flapping", "restart"]));
	const dialects = [...hosts.values()].map(({ dialect }) => dialect);
	expect(dialects.filter((each) => each === "old").length).toBeGreaterThan(1);
	expect(dialects.filter((each) => each === "new").length).toBeGreaterThan(40);
});

test("a fleet of one dialect has no peculiarities", () => {
	for (const host of roster(50, "old")) {
		expect(host.dialect).toBe("old");
		expect(host.faults).toEqual([]);
		expect(host.servername).toBe(`${host.id}.fleet.test`);
		expect(host.labels).toMatchObject({ role: host.id.split("-")[0] });
	}
});
