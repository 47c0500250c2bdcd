import { expect, test } from "vitest";
import { countsOf, hostRow, jobRow, snapshotOf } from "../../store/fixtures.ts";
import { fleetOf } from "../../store/replica.ts";
import { DEFAULT_PREFERENCES } from "../../store/view.ts";
import type { Told } from "./items.ts";
import { groupsOf } from "./items.ts";

const fleet = fleetOf(
	snapshotOf({
		hosts: [
			...Array.from({ length: 200 }, (_, at) => hostRow(`web-${at}`)),
			hostRow("db-07"),
		],
		jobs: [
			jobRow("j-new", { startedAt: 9, label: "install · jq" }),
			jobRow("j-bad", {
				startedAt: 5,
				label: "patchapply · openssl",
				counts: countsOf({ host: 3, failed: 2, succeeded: 1 }),
			}),
		],
	}),
);
const told: Told = {
	fleet,
	preferences: {
		...DEFAULT_PREFERENCES,
		keys: { "copy.link": "x" },
		views: [{ name: "Night web", hash: "#/hosts?q=role%3Dweb" }],
	},
	can: (key) => key !== "s",
	unread: 2,
};
const words = (typed: string, page: "all" | "diagnose" = "all") =>
	groupsOf(told, typed, page).map(({ name, items }) => ({
		name,
		first: items[0]?.words,
		count: items.length,
	}));

test("nothing typed: what this screen can do, views, failed jobs first, screens and settings", () => {
	const groups = groupsOf(told, "", "all");
	expect(groups.map(({ name }) => name)).toEqual([
		"On this screen",
		"Saved views",
		"Jobs",
		"Go to",
		"More",
	]);
	expect(groups[2]?.items.map((item) => item.words)).toEqual([
		"patchapply · openssl",
		"install · jq",
	]);
	const all = groups.flatMap(({ items }) => items);
	// Nobody listens to the key of pausing here.
	expect(all.some((item) => item.id === "action hold")).toBe(false);
	expect(all.find((item) => item.id === "action copy.link")?.key).toBe("x");
	expect(all.some((item) => item.words === "Mark all 2 notes as read")).toBe(
		true,
	);
	expect(all.some((item) => item.words === "Theme: system")).toBe(false);
	expect(all.every((item) => item.deed.do !== "host")).toBe(true);
});

test("hosts are found among many, at most fifty of them", () => {
	expect(words("web-19")[0]).toEqual({
		name: "Hosts",
		first: "web-19",
		count: 20,
	});
	expect(words("web").find(({ name }) => name === "Hosts")?.count).toBe(50);
	expect(words("db7")[0]?.first).toBe("db-07");
});

test("the group of the best match comes first", () => {
	expect(words("opens")[0]).toMatchObject({
		name: "Jobs",
		first: "patchapply · openssl",
	});
	expect(words("j-bad")[0]).toMatchObject({
		name: "Jobs",
		first: "patchapply · openssl",
	});
	expect(words("theme dark")[0]).toMatchObject({
		name: "More",
		first: "Theme: dark",
	});
	expect(words("night")[0]).toMatchObject({
		name: "Saved views",
		first: "Night web",
	});
	expect(words("settings")[0]).toMatchObject({
		name: "Go to",
		first: "Go to settings",
	});
	expect(words("zzqq")).toEqual([]);
});

test("a view comes before hosts that begin alike with a shorter name, and after a host that is meant", () => {
	const own = {
		...told.preferences,
		views: [{ name: "web-19, not well", hash: "#/hosts" }],
	};
	const first = (typed: string) =>
		groupsOf({ ...told, preferences: own }, typed, "all")[0]?.items[0]?.words;
	expect(first("web-1")).toBe("web-1");
	expect(first("web")).toBe("web-19, not well");
});

test("a host is diagnosed by a page of its own, or typed in one go", () => {
	expect(words("diag")[0]).toMatchObject({ first: "Diagnose a host …" });
	expect(words("db", "diagnose")).toEqual([
		{ name: "Diagnose", first: "Diagnose db-07", count: 1 },
	]);
	expect(words("diagnose db-07")[0]).toMatchObject({
		name: "Diagnose",
		first: "Diagnose db-07",
	});
});
