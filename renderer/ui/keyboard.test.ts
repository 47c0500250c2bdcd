import { expect, test } from "vitest";
import { chordOf, createKeyboard } from "./keyboard.ts";

const pressed = (key: string, change: Partial<KeyboardEvent> = {}) => ({
	key,
	ctrlKey: false,
	metaKey: false,
	altKey: false,
	...change,
});

test("keys are named as actions name them", () => {
	expect(chordOf(pressed("j"), false)).toBe("j");
	expect(chordOf(pressed(" "), false)).toBe("Space");
	expect(chordOf(pressed("K", { ctrlKey: true }), false)).toBe("Mod+k");
	expect(chordOf(pressed("k", { metaKey: true }), true)).toBe("Mod+k");
	expect(chordOf(pressed("k", { metaKey: true }), false)).toBeNull();
	expect(chordOf(pressed("k", { ctrlKey: true }), true)).toBeNull();
	expect(chordOf(pressed("k", { altKey: true }), false)).toBeNull();
	expect(
		chordOf(pressed("k", { ctrlKey: true, metaKey: true }), true),
	).toBeNull();
});

test("the newest listener is asked first, what works everywhere last, and one that left no more", () => {
	const done: string[] = [];
	const keyboard = createKeyboard((chord) => chord, false);
	const says = (word: string) => () => () => void done.push(word);
	keyboard.hold(() => ({ f: says("frame")(), y: says("frame y")() }), true);
	const leave = keyboard.hold(() => ({ f: says("screen")() }), false);
	keyboard.run("f");
	expect(keyboard.can("y")).toBe(true);
	expect(keyboard.can("x")).toBe(false);
	leave();
	keyboard.run("f");
	expect(keyboard.run("x")).toBe(false);
	expect(done).toEqual(["screen", "frame"]);
});
