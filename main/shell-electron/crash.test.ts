import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { openVirtualClock } from "../testkit/virtualClock.ts";
import {
	addressAfterCrash,
	CRASHED_AGAIN_MS,
	endOnSurprise,
	reviveAfterCrash,
} from "./crash.ts";

/** A window that is watched, with a person who answers every question with this button. */
function play(answer = 0) {
	const clock = openVirtualClock();
	const loads: string[] = [];
	const questions: string[] = [];
	const deeds: string[] = [];
	const contents = Object.assign(new EventEmitter(), {
		getURL: () => loads.at(-1) ?? "app://console/index.html#/hosts",
		loadURL: async (address: string) => void loads.push(address),
		forcefullyCrashRenderer: () => deeds.push("end the page"),
	});
	const window = Object.assign(new EventEmitter(), { webContents: contents });
	reviveAfterCrash(window as never, {
		clock,
		log: (_level, message) => void deeds.push(message),
		dialog: {
			showMessageBox: (async ({ message }: { message: string }) => {
				questions.push(message);
				return { response: answer };
			}) as never,
		},
		quit: () => deeds.push("quit"),
	});
	const crash = async (reason = "crashed"): Promise<void> => {
		contents.emit("render-process-gone", {}, { reason });
		await new Promise(setImmediate);
	};
	return { clock, loads, questions, deeds, crash, window };
}

describe("a window whose process died", () => {
	test("is brought back once, where it was, and says when", async () => {
		const { loads, questions, crash, clock } = play();
		const at = clock.wallMs();
		await crash();
		expect(loads).toEqual([
			`app://console/index.html?crashed=${Math.floor(at)}#/hosts`,
		]);
		expect(questions).toEqual([]);
	});

	test("is not brought back within a minute without a person's word", async () => {
		const { loads, questions, deeds, crash } = play(1);
		await crash();
		await crash();
		expect(loads).toHaveLength(1);
		expect(questions).toEqual(["Foredeck’s window crashed again."]);
		expect(deeds).toContain("quit");
	});

	test("is brought back when the person says so", async () => {
		const { loads, deeds, crash } = play(0);
		await crash();
		await crash();
		expect(loads).toHaveLength(2);
		expect(deeds).not.toContain("quit");
	});

	test("comes back by itself again when the last crash is a minute ago", async () => {
		const { loads, questions, crash, clock } = play();
		await crash();
		await clock.advance(CRASHED_AGAIN_MS);
		await crash();
		expect(loads).toHaveLength(2);
		expect(questions).toEqual([]);
	});

	test("stays away when it ended by itself", async () => {
		const { loads, crash } = play();
		await crash("clean-exit");
		expect(loads).toEqual([]);
	});
});

describe("a window that does not answer", () => {
	test("is left alone when the person waits", async () => {
		const { window, questions, deeds, loads } = play(0);
		window.emit("unresponsive");
		await new Promise(setImmediate);
		expect(questions).toEqual(["Foredeck’s window does not answer."]);
		expect(deeds).not.toContain("end the page");
		expect(loads).toEqual([]);
	});

	test("is ended when the person asks for it, and asked about once at a time", async () => {
		const { window, questions, deeds } = play(1);
		window.emit("unresponsive");
		window.emit("unresponsive");
		await new Promise(setImmediate);
		expect(questions).toHaveLength(1);
		expect(deeds).toContain("end the page");
	});
});

test("the address after a crash takes nothing from a page that is not ours", () => {
	expect(addressAfterCrash("https://evil.test/#/x", 5)).toBe(
		"app://console/index.html?crashed=5",
	);
	expect(addressAfterCrash("", 5)).toBe("app://console/index.html?crashed=5");
});

test.each(["uncaughtException", "unhandledRejection"] as const)(
	"%s is logged, told and ends with 1, once",
	(event) => {
		const own = new EventEmitter();
		const did: string[] = [];
		endOnSurprise(
			own,
			(_level, message) => void did.push(message),
			{ showErrorBox: (title) => void did.push(`told ${title}`) },
			(code) => void did.push(`exit ${code}`),
		);
		own.emit(event, new Error("secret"));
		own.emit(event, new Error("more"));
		expect(did).toEqual([
			"something happened that was not foreseen",
			"told Foredeck",
			"exit 1",
		]);
	},
);
