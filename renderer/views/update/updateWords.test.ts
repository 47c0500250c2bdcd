// What the window says of an update in each of its states.
import { expect, test } from "vitest";
import type { UpdateTold } from "../../../shared/update.ts";
import { updateSchema } from "../../../shared/update.ts";
import {
	aboutOf,
	deedsOf,
	noteBlocks,
	noticeOf,
	whenOf,
} from "./updateWords.ts";

const told = (change: Partial<UpdateTold>): UpdateTold =>
	updateSchema.parse({
		kind: "ready",
		version: "0.5.0",
		releasedAt: "2026-11-01T00:00:00Z",
		notes: "",
		fraction: null,
		wanted: false,
		waitsFor: null,
		isPostponed: false,
		why: null,
		fault: null,
		...change,
	});
const FAULT = {
	code: "update.failed",
	sentence: "the disk is full",
	nextStep: "Nothing was installed.",
};

test("the notice says what is known, and nothing where there is nothing to say", () => {
	const cases: [Partial<UpdateTold>, string | null][] = [
		[{ kind: "managed", version: null }, null],
		[{ kind: "idle", version: null }, null],
		[{ kind: "checking", version: null }, null],
		[{ kind: "available" }, "Update 0.5.0 is available"],
		[{ kind: "downloading", fraction: 0.4299 }, "Update 0.5.0, fetching 42 %"],
		[{}, "Update 0.5.0 is ready"],
		[{ waitsFor: "a job is open" }, "Update 0.5.0 is ready"],
		[
			{ wanted: true, waitsFor: "2 jobs are open" },
			"Update 0.5.0 waits: 2 jobs are open",
		],
		[{ kind: "installing" }, "Update 0.5.0 is being installed"],
		[{ kind: "failed", fault: FAULT }, "Update 0.5.0 failed"],
		[{ kind: "failed", version: null, fault: FAULT }, null],
		[{ kind: "refused", version: null, fault: FAULT }, "Update refused"],
		[{ isPostponed: true }, null],
		[{ kind: "available", isPostponed: true }, null],
	];
	for (const [change, words] of cases)
		expect(noticeOf(told(change))?.words ?? null).toBe(words);
});

test("what is spoken does not change with every hundredth", () => {
	const at = (fraction: number) =>
		noticeOf(told({ kind: "downloading", fraction }))?.spoken;
	expect(at(0.1)).toBe(at(0.2));
});

test("when it is installed names the rule and what is waited for now", () => {
	expect(whenOf(told({})).join(" ")).toMatch(/Nothing stands in the way/);
	expect(whenOf(told({ waitsFor: "a job is open" }))).toContain(
		"Now it would wait: a job is open.",
	);
	expect(whenOf(told({ wanted: true, waitsFor: "a job is open" }))).toEqual([
		"It is installed by itself as soon as no job is open and no failure is unread.",
		"Now it waits: a job is open.",
	]);
	expect(whenOf(told({ kind: "idle", version: null }))).toEqual([]);
});

test("install is offered until it was said, not now while there is something to put off, and a check else", () => {
	const deeds = (change: Partial<UpdateTold>) => deedsOf(told(change));
	expect(deeds({})).toEqual({
		install: "Install now",
		postpone: true,
		check: false,
	});
	expect(deeds({ waitsFor: "a job is open" }).install).toBe(
		"Install when free",
	);
	expect(deeds({ wanted: true, waitsFor: "a job is open" })).toEqual({
		install: null,
		postpone: true,
		check: false,
	});
	expect(deeds({ isPostponed: true })).toEqual({
		install: "Install now",
		postpone: false,
		check: false,
	});
	for (const kind of ["idle", "failed", "refused"] as const)
		expect(deeds({ kind })).toEqual({
			install: null,
			postpone: false,
			check: true,
		});
	expect(deeds({ kind: "installing" })).toEqual({
		install: null,
		postpone: false,
		check: false,
	});
});

test("About says it also when the notice is gone, and who updates a build that does not", () => {
	const why = "updates are not set up in this build";
	expect(aboutOf(told({ kind: "managed", why }))).toBe(why);
	expect(aboutOf(told({ isPostponed: true }))).toBe(
		"0.5.0 is ready, put off for a day",
	);
	expect(aboutOf(told({ kind: "failed", version: null, fault: FAULT }))).toBe(
		"the disk is full",
	);
});

test("notes: items with their lines, paragraphs, and no markup but lists", () => {
	expect(
		noteBlocks(
			"The first.\nIt goes on.\n\n- one\n  goes on\n- two\n\n- three\r\n\nLast <b>.",
		),
	).toEqual([
		{ kind: "text", text: "The first. It goes on." },
		{ kind: "list", items: ["one goes on", "two", "three"] },
		{ kind: "text", text: "Last <b>." },
	]);
	expect(noteBlocks("")).toEqual([]);
	expect(noteBlocks("- ")).toEqual([{ kind: "text", text: "-" }]);
});
