// What pops up in the window, and when it goes.
import { expect, test } from "vitest";
import type { Inbox } from "./sync.ts";
import type { Note } from "./toasts.ts";
import {
	NO_TOASTS,
	nextToasts,
	withoutToast,
	withoutToasts,
} from "./toasts.ts";

const note = (key: string, at = 1, isFailure = true): Note => ({
	key,
	kind: "failing",
	title: key,
	body: "",
	isFailure,
	target: { jobId: null, hostId: null },
	at,
});
const inbox = (
	...notes: readonly (Note | readonly [Note, "read"])[]
): Inbox => ({
	entries: notes.map((one) =>
		"key" in one
			? { note: one, isRead: false }
			: { note: one[0], isRead: true },
	),
	unread: 0,
});
const keys = ({ shown }: { readonly shown: readonly Note[] }): string[] =>
	shown.map(({ key }) => key);

/** A window that has read an empty inbox. */
const OPEN = nextToasts(NO_TOASTS, inbox(), true);

test("what lay in the inbox before is no news", () => {
	const first = nextToasts(NO_TOASTS, inbox(note("a")), true);
	expect(keys(first)).toEqual([]);
	expect(keys(nextToasts(first, inbox(note("b"), note("a")), true))).toEqual([
		"b",
	]);
});

test("only failures pop up, only to who is looking, and three at most", () => {
	expect(keys(nextToasts(OPEN, inbox(note("a", 1, false)), true))).toEqual([]);
	expect(keys(nextToasts(OPEN, inbox(note("a")), false))).toEqual([]);
	expect(
		keys(
			nextToasts(
				OPEN,
				inbox(...["d", "c", "b", "a"].map((k) => note(k))),
				true,
			),
		),
	).toEqual(["d", "c", "b"]);
});

test("what came while nobody looked does not pop up later", () => {
	const away = nextToasts(OPEN, inbox(note("a")), false);
	expect(keys(nextToasts(away, inbox(note("a")), true))).toEqual([]);
});

test("one that changed is changed in its place, and comes again when it had been closed", () => {
	const one = nextToasts(OPEN, inbox(note("a")), true);
	expect(nextToasts(one, inbox(note("a", 2)), true).shown).toEqual([
		note("a", 2),
	]);
	const closed = withoutToast(one, "a");
	expect(keys(nextToasts(closed, inbox(note("a")), true))).toEqual([]);
	expect(keys(nextToasts(closed, inbox(note("a", 2)), true))).toEqual(["a"]);
});

test("one that was read or replaced goes", () => {
	const one = nextToasts(OPEN, inbox(note("a")), true);
	expect(keys(nextToasts(one, inbox([note("a"), "read"]), true))).toEqual([]);
	expect(keys(nextToasts(one, inbox(note("ended")), true))).toEqual(["ended"]);
});

test("who opens the inbox has seen them: none comes back, and the next failure still pops up", () => {
	const one = nextToasts(OPEN, inbox(note("a")), true);
	const read = withoutToasts(one);
	expect(keys(read)).toEqual([]);
	expect(withoutToasts(read)).toBe(read);
	const next = nextToasts(read, inbox(note("b"), note("a")), true);
	expect(keys(next)).toEqual(["b"]);
});
