import { expect, test } from "vitest";
import type { Channel, Host } from "../../shared/model.ts";
import { deltaOf, hostRow, NOW, snapshotOf } from "./fixtures.ts";
import type { HostSort, SortColumn } from "./hostSort.ts";
import {
	ariaSort,
	createHostOrder,
	isInOrder,
	nextSort,
	parseSort,
	SORT_COLUMNS,
	sortHosts,
	sortText,
} from "./hostSort.ts";
import { stripOf } from "./linkStrip.ts";
import { fleetOf, nextFleet } from "./replica.ts";

const linked = (
	id: string,
	channel: Channel,
	change: Partial<Host> = {},
): Host => {
	const host = hostRow(id, change);
	return { ...host, link: { ...host.link, channel } };
};
const hosts = [
	linked("a-1", "live", {
		heardAt: NOW - 5,
		agentVersion: "1.10.0",
		skewMs: -40_000,
	}),
	linked("a-2", "blocked", { heardAt: null, agentVersion: null, openRuns: 2 }),
	linked("a-10", "polling", {
		heardAt: NOW - 90,
		agentVersion: "1.9.0",
		pendingReboot: true,
		skewMs: null,
		health: { kind: "unreachable", sinceAt: NOW },
	}),
];
const fleet = fleetOf(snapshotOf({ hosts }));
const by = (column: SortColumn, turned = false): readonly string[] =>
	sortHosts(fleet.replica.hosts, fleet.hostOrder, { by: column, turned });

test("what needs a look comes first, and those alike stay by name", () => {
	expect(by("channel")).toEqual(["a-2", "a-10", "a-1"]);
	expect(by("health")).toEqual(["a-10", "a-1", "a-2"]);
	expect(by("heard")).toEqual(["a-2", "a-10", "a-1"]);
	expect(by("runs")).toEqual(["a-2", "a-1", "a-10"]);
	expect(by("reboot")).toEqual(["a-10", "a-1", "a-2"]);
	expect(by("agent")).toEqual(["a-2", "a-10", "a-1"]);
	expect(by("clock")).toEqual(["a-1", "a-2", "a-10"]);
	expect(by("host", true)).toEqual(["a-10", "a-2", "a-1"]);
	expect(by("heard", true)).toEqual(["a-1", "a-10", "a-2"]);
	expect(sortHosts(fleet.replica.hosts, fleet.hostOrder, null)).toBe(
		fleet.hostOrder,
	);
});

test("a column is pressed through its two ways and back to names", () => {
	const once = nextSort(null, "heard");
	expect(once).toEqual({ by: "heard", turned: false });
	const twice = nextSort(once, "heard");
	expect(twice).toEqual({ by: "heard", turned: true });
	expect(nextSort(twice, "heard")).toBeNull();
	expect(nextSort(null, "host")).toEqual({ by: "host", turned: true });
	expect(nextSort({ by: "host", turned: true }, "host")).toBeNull();
});

test("aria-sort says which way the values go", () => {
	const says = (sort: HostSort | null): string[] =>
		SORT_COLUMNS.map((column) => ariaSort(sort, column)).filter(
			(word) => word !== "none",
		);
	expect(says(null)).toEqual(["ascending"]);
	expect(ariaSort({ by: "runs", turned: false }, "runs")).toBe("descending");
	expect(ariaSort({ by: "runs", turned: true }, "runs")).toBe("ascending");
	expect(ariaSort({ by: "heard", turned: false }, "heard")).toBe("ascending");
	expect(ariaSort({ by: "heard", turned: true }, "heard")).toBe("descending");
	expect(ariaSort({ by: "heard", turned: true }, "host")).toBe("none");
});

test("every order survives the address", () => {
	for (const column of SORT_COLUMNS)
		for (const turned of [false, true])
			expect(parseSort(sortText({ by: column, turned }))).toEqual({
				by: column,
				turned,
			});
	expect(parseSort("nothing")).toBeNull();
	expect(parseSort(null)).toBeNull();
});

test("rows keep their place when values change, until a person asks again", () => {
	const order = createHostOrder();
	const sort: HostSort = { by: "runs", turned: false };
	const before = order(fleet, sort, 0);
	expect(before).toEqual(["a-2", "a-1", "a-10"]);
	const busy = nextFleet(
		fleet,
		deltaOf(10, { hosts: [linked("a-10", "live", { openRuns: 9 })] }),
	);
	expect(order(busy, sort, 0)).toBe(before);
	expect(isInOrder(busy.replica.hosts, before, sort)).toBe(false);
	expect(order(busy, sort, 1)).toEqual(["a-10", "a-2", "a-1"]);
	expect(isInOrder(busy.replica.hosts, order(busy, sort, 1), sort)).toBe(true);
	const more = nextFleet(busy, deltaOf(11, { hosts: [hostRow("a-3")] }));
	expect(order(more, sort, 1)).toHaveLength(4);
});

test("a strip says how long the channel was up, and joins dialing and waiting into one loss", () => {
	const change = (at: number, from: Channel, to: Channel) => ({
		at: NOW + at,
		from,
		to,
		fault: null,
		sentence: null,
	});
	const strip = stripOf(
		[
			change(0, "connecting", "live"),
			change(60_000, "live", "reconnecting"),
			change(62_000, "reconnecting", "connecting"),
			change(70_000, "connecting", "live"),
		],
		NOW + 100_000,
	);
	expect(
		strip?.stretches.map(({ reach, from, width }) => [
			reach,
			from,
			Number(width.toFixed(3)),
		]),
	).toEqual([
		["up", 0, 0.6],
		["down", 0.6, 0.1],
		["up", 0.7, 0.3],
	]);
	expect(strip?.words).toBe(
		"Live for 90 % of the last 1 m 40 s, away once, at longest 10 s.",
	);
	expect(stripOf([], NOW)).toBeNull();
	const whole = stripOf([change(0, "connecting", "live")], NOW + 1_000);
	expect(whole?.words).toBe("Live for 100 % of the last 1 s.");
	const skewed = stripOf([change(5_000, "connecting", "polling")], NOW);
	expect(skewed?.stretches[0]?.width).toBe(0);
});
