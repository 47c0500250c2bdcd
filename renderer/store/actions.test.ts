import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Action, OwnKeys } from "./actions.ts";
import {
	ACTIONS,
	keyHint,
	keyNames,
	keyOf,
	meantBy,
	parseOwnKeys,
	refusalOf,
	worksOn,
} from "./actions.ts";

const action = (id: string): Action => {
	const found = ACTIONS.find((known) => known.id === id);
	if (found === undefined) throw new Error(`no action ${id}`);
	return found;
};

test("no two actions are in each other's way as they come", () => {
	for (const one of ACTIONS)
		if (one.fixed !== true)
			expect([one.id, refusalOf(one, one.key, {})]).toEqual([one.id, null]);
	expect(new Set(ACTIONS.map(({ id }) => id)).size).toBe(ACTIONS.length);
});

test("a key means the action that has it now, and the action's former key means nothing", () => {
	const own: OwnKeys = { failed: "x" };
	expect(meantBy(own, "hosts", "x")).toBe("f");
	expect(meantBy(own, "hosts", "f")).toBeNull();
	expect(meantBy({}, "hosts", "f")).toBe("f");
	expect(meantBy(own, "hosts", "Escape")).toBe("Escape");
	expect(meantBy(own, "hosts", "q")).toBe("q");
	// Where the action does not work, its key is free.
	expect(meantBy(own, "settings", "x")).toBe("x");
	expect(meantBy(own, "settings", "f")).toBe("f");
});

test("two actions may change places", () => {
	const own = parseOwnKeys({ "failed.next": "[", "failed.previous": "]" });
	expect(meantBy(own, "job", "[")).toBe("]");
	expect(meantBy(own, "job", "]")).toBe("[");
});

describe("a key is refused with its reason", () => {
	test.each([
		["failed", "y", /copy a link/],
		["failed", "j", /next row/],
		["failed", "g", /would hide “go to jobs”/],
		["copy.link", "g j x", /One key, two keys/],
		["go.jobs", "y y", /would hide “copy a link/],
		["failed", "Escape", /meaning of its own/],
		["failed", "Mod+c", /meaning of its own/],
		["failed", "Mod+k", /command palette/],
		["failed", "", /One key/],
	])("%s with %j", (id, chord, why) => {
		expect(refusalOf(action(id), chord, {})).toMatch(why);
	});

	test("but not what another screen uses", () => {
		expect(refusalOf(action("output"), "x", {})).toBeNull();
		expect(refusalOf(action("failed"), "x", { output: "x" })).toMatch(/output/);
		expect(refusalOf(action("failed"), "Mod+e", {})).toBeNull();
		expect(refusalOf(action("go.jobs"), "x j", {})).toBeNull();
	});
});

test("stored keys of gone actions, fixed actions and conflicts are left out", () => {
	expect(
		parseOwnKeys({
			failed: "x",
			"copy.link": "x",
			gone: "z",
			back: "b",
			palette: 7,
		}),
	).toEqual({ failed: "x" });
	for (const broken of [null, 3, "x", [], { failed: {} }])
		expect(parseOwnKeys(broken)).toEqual({});
});

test("whatever is stored, every key means one action at most", () => {
	const chord = fc.oneof(
		fc.constantFrom("g", "j", "g j", "x", "Mod+e", "Escape", ""),
		fc.string({ maxLength: 3 }),
	);
	const stored = fc.dictionary(
		fc.constantFrom(...ACTIONS.map(({ id }) => id)),
		chord,
	);
	fc.assert(
		fc.property(stored, (value) => {
			const own = parseOwnKeys(value);
			for (const screen of ["jobs", "job", "hosts", "activity"] as const) {
				const here = ACTIONS.filter((one) => worksOn(one, screen));
				const keys = here.flatMap((one) => [
					keyOf(one, own),
					...(one.also ?? []),
				]);
				expect(new Set(keys).size).toBe(keys.length);
				for (const one of here)
					expect(meantBy(own, screen, keyOf(one, own))).toBe(one.key);
			}
		}),
	);
});

test("keys are shown as they are printed", () => {
	expect(keyNames("Mod+k", false)).toEqual(["Ctrl K"]);
	expect(keyNames("Mod+k", true)).toEqual(["⌘ K"]);
	expect(keyNames("g j", false)).toEqual(["g", "j"]);
	expect(keyNames("ArrowDown", false)).toEqual(["↓"]);
	expect(keyNames("Ctrl+Space", true)).toEqual(["Ctrl Space"]);
	expect(keyHint("g j", false)).toBe(" (g j)");
	expect(keyHint(null, false)).toBe("");
});
