import fc from "fast-check";
import { expect, test } from "vitest";
import { hostId, jobId, RUN_STATES } from "../../shared/model.ts";
import { SORT_COLUMNS } from "./hostSort.ts";
import type { Address, Place } from "./view.ts";
import {
	createViewStore,
	DEFAULT_PREFERENCES,
	hashOf,
	parseAddress,
	parsePreferences,
} from "./view.ts";

test.each<[string, Address]>([
	["", { screen: "jobs", q: "" }],
	["#/jobs", { screen: "jobs", q: "" }],
	["#/nowhere", { screen: "jobs", q: "" }],
	[
		"#/jobs/j-1?host=db-07&state=failed",
		{
			screen: "job",
			jobId: jobId("j-1"),
			host: hostId("db-07"),
			state: "failed",
			q: "",
		},
	],
	[
		"#/jobs/j-1?state=burning",
		{ screen: "job", jobId: jobId("j-1"), host: null, state: null, q: "" },
	],
	[
		"#/jobs/j-1?view=matrix&ended=1800000000000-1800000060000",
		{
			screen: "job",
			jobId: jobId("j-1"),
			host: null,
			state: null,
			q: "",
			view: "matrix",
			ended: { from: 1_800_000_000_000, to: 1_800_000_060_000 },
		},
	],
	[
		"#/jobs/j-1?view=pie&ended=5-2",
		{ screen: "job", jobId: jobId("j-1"), host: null, state: null, q: "" },
	],
	[
		"#/hosts?q=channel%3Apolling",
		{ screen: "hosts", host: null, q: "channel:polling" },
	],
	["#/hosts/db-07", { screen: "hosts", host: hostId("db-07"), q: "" }],
	["#/activity?kind=host", { screen: "activity", kind: "host", q: "" }],
	["#/hosts/%E0%A4%A", { screen: "hosts", host: hostId("%E0%A4%A"), q: "" }],
])("the address %j is read", (hash, address) => {
	expect(parseAddress(hash)).toEqual(address);
});

const id = fc.string({ minLength: 1 }).filter((text) => text.isWellFormed());
const q = fc.string().filter((text) => text.isWellFormed());
const address: fc.Arbitrary<Address> = fc.oneof(
	fc.record({ screen: fc.constant("jobs" as const), q }),
	fc.record(
		{
			screen: fc.constant("job" as const),
			jobId: id.map(jobId),
			host: fc.option(id.map(hostId)),
			state: fc.option(fc.constantFrom(...RUN_STATES)),
			q,
			view: fc.constant("matrix" as const),
			ended: fc.nat().map((from) => ({ from, to: from + 60_000 })),
		},
		{ requiredKeys: ["screen", "jobId", "host", "state", "q"] },
	),
	fc.record({
		screen: fc.constant("hosts" as const),
		host: fc.option(id.map(hostId)),
		q,
	}),
	fc.record({
		screen: fc.constant("hosts" as const),
		host: fc.option(id.map(hostId)),
		q,
		sort: fc.record({
			by: fc.constantFrom(...SORT_COLUMNS),
			turned: fc.boolean(),
		}),
	}),
	fc.record({
		screen: fc.constant("activity" as const),
		kind: fc.option(
			fc.constantFrom("host" as const, "job" as const, "gap" as const),
		),
		q,
	}),
	fc.constant({ screen: "settings" as const }),
);

test("an address survives being written and read", () => {
	fc.assert(
		fc.property(address, (there) => {
			expect(parseAddress(hashOf(there))).toEqual(there);
		}),
	);
});

test("preferences that are absent, broken or unknown fall back to the defaults", () => {
	expect(parsePreferences(null)).toEqual(DEFAULT_PREFERENCES);
	expect(parsePreferences("{")).toEqual(DEFAULT_PREFERENCES);
	expect(parsePreferences("null")).toEqual(DEFAULT_PREFERENCES);
	expect(parsePreferences('{"theme":"pink","utc":"yes"}')).toEqual(
		DEFAULT_PREFERENCES,
	);
	expect(parsePreferences('{"theme":"dark","utc":true}')).toEqual({
		...DEFAULT_PREFERENCES,
		theme: "dark",
		density: "comfortable",
		utc: true,
	});
});

function memoryPlace(hash: string): Place & { history: string[] } {
	const history = [hash];
	let stored: string | null = null;
	return {
		history,
		readHash: () => history.at(-1) ?? "",
		writeHash(next, replace) {
			if (replace) history.pop();
			history.push(next);
		},
		readPreferences: () => stored,
		writePreferences: (text) => {
			stored = text;
		},
	};
}

test("typing a filter replaces the history entry, opening a host adds one", () => {
	const place = memoryPlace("#/hosts");
	const view = createViewStore(place).getState();
	view.go({ screen: "hosts", host: null, q: "w" }, true);
	view.go({ screen: "hosts", host: null, q: "we" }, true);
	expect(place.history).toEqual(["#/hosts?q=we"]);
	view.go({ screen: "hosts", host: hostId("web-1"), q: "we" });
	expect(place.history).toHaveLength(2);
});

test("the address follows the browser's history, and preferences are kept", () => {
	const place = memoryPlace("#/jobs");
	const store = createViewStore(place);
	place.history.push("#/activity");
	store.getState().hashChanged();
	expect(store.getState().address.screen).toBe("activity");
	store.getState().prefer({ density: "compact" });
	expect(createViewStore(place).getState().preferences.density).toBe("compact");
});

test("a browser that keeps nothing is no reason to stop", () => {
	const refusing: Place = {
		...memoryPlace("#/hosts"),
		readPreferences() {
			throw new Error("storage is off");
		},
		writePreferences() {
			throw new Error("storage is full");
		},
	};
	const store = createViewStore(refusing);
	expect(store.getState().preferences).toEqual(DEFAULT_PREFERENCES);
	store.getState().prefer({ theme: "light" });
	expect(store.getState().preferences.theme).toBe("light");
});

test("the same words said twice are told apart", () => {
	const store = createViewStore(memoryPlace(""));
	store.getState().say("Link copied.");
	const first = store.getState().said;
	store.getState().say("Link copied.");
	expect(store.getState().said).not.toEqual(first);
});
