// Asking for a passphrase: nothing is shown, and the terminal is left as it was.
import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { askSecret } from "./askSecret.ts";

function openInput(isTTY = true) {
	const input = Object.assign(new EventEmitter(), {
		isTTY,
		modes: [] as boolean[],
		setRawMode(on: boolean) {
			input.modes.push(on);
		},
		resume: () => input,
		pause: () => input,
	});
	return input;
}

function ask(isTTY = true) {
	const input = openInput(isTTY);
	const written: string[] = [];
	const stopping = new AbortController();
	const answer = askSecret(
		"Passphrase: ",
		input as never,
		{ write: (text) => written.push(text) },
		stopping.signal,
	);
	const type = (text: string): boolean => input.emit("data", Buffer.from(text));
	return { input, written, answer, type, stop: () => stopping.abort() };
}

test("what is typed is the answer and is not shown; the terminal is as before", async () => {
	const { input, written, answer, type } = ask();
	type("se");
	type("sX\x7fame ü\r");
	expect(await answer).toBe("sesame ü");
	expect(written).toEqual(["Passphrase: ", "\n"]);
	expect(input.modes).toEqual([true, false]);
	expect(input.listenerCount("data")).toBe(0);
});

test.each([
	["Ctrl-C", "\x03"],
	["Ctrl-D", "\x04"],
])("%s is no answer", async (_, key) => {
	const { input, answer, type } = ask();
	type(`abc${key}`);
	expect(await answer).toBeNull();
	expect(input.modes).toEqual([true, false]);
});

test("a signal is no answer", async () => {
	const { input, answer, stop } = ask();
	stop();
	expect(await answer).toBeNull();
	expect(input.modes).toEqual([true, false]);
});

test("where there is no terminal nobody is asked", async () => {
	const { written, answer } = ask(false);
	expect(await answer).toBeNull();
	expect(written).toEqual([]);
});
