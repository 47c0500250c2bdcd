// What each system is asked for, and what becomes of its answers; Electron's objects are played.
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { NotificationConstructorOptions } from "electron";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { hostId, jobId } from "../../shared/model.ts";
import { APP_ID, TOAST_ACTIVATOR_CLSID } from "../../shared/product.ts";
import type { Note, NoteEffect } from "../core/notify/note.ts";
import type { NotShown } from "../core/notify/notes.ts";
import { openVirtualClock } from "../testkit/virtualClock.ts";
import { openDeepLinks } from "./deepLink.ts";
import type { NotifierParts } from "./notifier.ts";
import {
	cutToBytes,
	openNotifier,
	registerNotifications,
	systemIdOf,
} from "./notifier.ts";

const note = (change: Partial<Note> = {}): Note => ({
	key: "prod/j-1/failing",
	kind: "failing",
	title: "install · prod",
	body: "1 of 2 failed: a, still running\ncurl",
	isFailure: true,
	target: { jobId: jobId("j-1"), hostId: hostId("web 1") },
	at: 0,
	...change,
});
const show = (
	manner: "aloud" | "update" | "inbox",
	change: Partial<Note> = {},
): NoteEffect => ({ kind: "show", manner, note: note(change) });

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
/** Objects that nobody holds are gone; what was looked at by a weak reference is held until the turn is over. */
async function collected(): Promise<void> {
	await new Promise((turn) => setImmediate(turn));
	collect();
}

function openStage(platform: NodeJS.Platform, isSupported = true) {
	const deeds: string[] = [];
	const made: Played[] = [];
	let activated: ((details: { arguments: string }) => void) | null = null;
	const former: Played[] = [];
	class Played extends EventEmitter {
		static isSupported = () => isSupported;
		static remove = (id: string) => deeds.push(`remove ${id}`);
		static getHistory = async () => former;
		static handleActivation(listener: typeof activated) {
			activated = listener;
		}
		readonly options: NotificationConstructorOptions;
		constructor(options: NotificationConstructorOptions) {
			super();
			this.options = options;
			made.push(this);
		}
		get id() {
			return this.options.id;
		}
		show() {
			deeds.push(`show ${this.options.body}`);
		}
		close() {
			deeds.push(`close ${this.options.body}`);
			this.emit("close", { reason: "applicationHidden" });
		}
	}
	const clock = openVirtualClock();
	const links = openDeepLinks(() => {});
	const notifier = openNotifier({
		Notification: Played as unknown as NotifierParts["Notification"],
		platform,
		clock,
		log: () => {},
		go: links.asked,
	});
	const told: NotShown[] = [];
	notifier.port.whenNotShown((why) => told.push(why));
	return {
		deeds,
		made,
		told,
		clock,
		links,
		follow: (keys: Readonly<Record<string, string>> = {}) =>
			notifier.follow({
				fleetName: "prod",
				placeOfNote(isIt) {
					const key = Object.keys(keys).find(isIt);
					return key === undefined ? null : (keys[key] ?? null);
				},
			}),
		present: (...effects: NoteEffect[]) => {
			for (const effect of effects) notifier.port.present(effect);
		},
		test: notifier.port.test,
		activate: (text: string) => activated?.({ arguments: text }),
		ofFormerRun(key: string) {
			const it = new Played({ id: systemIdOf(key) });
			former.push(it);
			return it;
		},
	};
}

describe("what is asked for", () => {
	test("Windows: id and group of its own length, a header, and a failure stays until it is seen", () => {
		const { present, made, follow } = openStage("win32");
		follow();
		present(
			show("aloud"),
			show("aloud", { key: "k".repeat(900), isFailure: false }),
		);
		expect(made[0]?.options).toEqual({
			id: systemIdOf("prod/j-1/failing"),
			groupId: systemIdOf("prod"),
			groupTitle: "prod",
			title: "install · prod",
			body: "1 of 2 failed: a, still running\ncurl",
			silent: false,
			urgency: "critical",
			timeoutType: "never",
		});
		expect(made[1]?.options).toMatchObject({
			urgency: "normal",
			timeoutType: "default",
		});
		for (const { id = "" } of made) expect(id).toMatch(/^[0-9a-f]{32}$/);
	});

	test("macOS: a body of 256 bytes at most, cut between two characters", () => {
		const { present, made, follow } = openStage("darwin");
		follow();
		present(show("aloud", { body: "é".repeat(200) }));
		expect(made[0]?.options.body).toBe(`${"é".repeat(126)}…`);
		expect(made[0]?.options).not.toHaveProperty("timeoutType");
		expect(cutToBytes("short", 256)).toBe("short");
		expect(cutToBytes("👩‍🔧👩‍🔧", 15)).toBe("👩‍🔧…");
		expect(cutToBytes("👩‍🔧👩‍🔧", 13)).toBe("…");
	});

	test("Linux: no ids, and nothing in a text begins markup", () => {
		const { present, made } = openStage("linux");
		present(
			show("aloud", {
				title: "<b>x</b>",
				body: "R&D <img src=x>\u202e\n\u001b[31m",
			}),
		);
		expect(made[0]?.options).toEqual({
			title: "‹b›x‹/b›",
			body: "R＆D ‹img src=x›‹U+202E›\n‹ESC›[31m",
			silent: false,
			urgency: "critical",
		});
	});

	test("what is for the inbox alone is not shown", () => {
		const { present, deeds } = openStage("win32");
		present(show("inbox"));
		expect(deeds).toEqual([]);
	});
});

describe("a note that changes", () => {
	test("takes its own place without a sound, and is withdrawn", () => {
		const { present, deeds, made } = openStage("linux");
		present(show("aloud", { body: "1" }), show("update", { body: "2" }));
		expect(deeds).toEqual(["show 1", "close 1", "show 2"]);
		expect(made[1]?.options.silent).toBe(true);
		present({ kind: "withdraw", key: note().key });
		present({ kind: "withdraw", key: note().key });
		expect(deeds.slice(3)).toEqual(["close 2"]);
	});

	test("macOS replaces it by its id, and removes it also when a former run showed it", () => {
		const { present, deeds } = openStage("darwin");
		present(show("aloud", { body: "1" }), show("update", { body: "2" }));
		expect(deeds).toEqual(["show 1", "show 2"]);
		present({ kind: "withdraw", key: "other" });
		expect(deeds[2]).toBe(`remove ${systemIdOf("other")}`);
	});

	test("macOS: what was replaced is not collected before it is withdrawn, or the new one would go with it", async () => {
		const { present, made } = openStage("darwin");
		present(show("aloud"), show("update"));
		const first = new WeakRef(made[0] as object);
		made.length = 0;
		await collected();
		expect(first.deref() === undefined).toBe(false);
		await collected();
		present({ kind: "withdraw", key: note().key });
		await collected();
		expect(first.deref() === undefined).toBe(true);
	});

	test("does not come back when a person put it away, and does when only its time was over", () => {
		const away = openStage("win32");
		away.present(show("aloud", { body: "1" }));
		away.made[0]?.emit("close", { reason: "userCanceled" });
		away.present(show("update", { body: "2" }));
		expect(away.deeds).toEqual(["show 1"]);
		const over = openStage("win32");
		over.present(show("aloud", { body: "1" }));
		over.made[0]?.emit("close", { reason: "timedOut" });
		over.present(show("update", { body: "2" }));
		expect(over.deeds).toEqual(["show 1", "show 2"]);
	});

	test("the end of what was replaced does not forget what took its place", () => {
		const { present, made, deeds } = openStage("win32");
		present(show("aloud", { body: "1" }), show("update", { body: "2" }));
		made[0]?.emit("close", { reason: "userCanceled" });
		present(show("update", { body: "3" }));
		expect(deeds).toEqual(["show 1", "show 2", "show 3"]);
	});
});

describe("a click", () => {
	test.each(["darwin", "linux"] as const)(
		"on %s leads to the job at its first failed host",
		(platform) => {
			const { present, made, links } = openStage(platform);
			const shown: string[] = [];
			links.opened((hash) => shown.push(hash));
			present(show("aloud"), show("aloud", { key: "x", kind: "expiry" }));
			for (const it of made) it.emit("click", {});
			expect(shown).toEqual(["#/jobs/j-1?host=web%201", "#/identities"]);
		},
	);

	test("on Windows comes through the activation alone, also when it started the app", () => {
		const { present, made, links, follow, activate } = openStage("win32");
		follow({ "prod/j-9/ended": "#/jobs/j-9" });
		activate(`type=click&tag=${systemIdOf("prod/j-9/ended")}`);
		const shown: string[] = [];
		// It waited for the window.
		expect(links.opened((hash) => shown.push(hash))).toBe("#/jobs/j-9");
		present(show("aloud"));
		made[0]?.emit("click", {});
		expect(shown).toEqual([]);
		activate("type=click&tag=of%20a%20forgotten%20note");
		activate("");
		expect(shown).toEqual(["#/inbox", "#/inbox"]);
	});

	test("on macOS also leads from a notification of a former run", async () => {
		const { follow, links, ofFormerRun } = openStage("darwin");
		const it = ofFormerRun("prod/j-9/ended");
		follow({ "prod/j-9/ended": "#/jobs/j-9" });
		await Promise.resolve();
		const shown: string[] = [];
		links.opened((hash) => shown.push(hash));
		it.emit("click", {});
		expect(shown).toEqual(["#/jobs/j-9"]);
	});
});

describe("a system that shows nothing", () => {
	test.each([
		["darwin", /signed/],
		["win32", /Start menu/],
	] as const)(
		"%s says why, which is told once with what to do",
		(platform, advice) => {
			const { present, made, told } = openStage(platform);
			present(show("aloud"), show("aloud", { key: "other" }));
			for (const it of made) it.emit("failed", {}, "not\u0007 permitted");
			expect(told).toEqual([
				{
					sentence: "The system said: not‹BEL› permitted.",
					nextStep: expect.stringMatching(advice),
				},
			]);
		},
	);

	test("a desktop without a service is told too, and nothing throws", async () => {
		const { present, made, told, test: tryOut } = openStage("linux", false);
		present(show("aloud"));
		expect(made).toEqual([]);
		expect(told).toHaveLength(1);
		expect(await tryOut()).toMatchObject({ outcome: "unavailable" });
	});
});

describe("trying it out", () => {
	test.each([
		["show", [], "shown"],
		["failed", ["no"], "refused"],
	] as const)(
		"%s is told as what the system did",
		async (event, more, outcome) => {
			const { test: tryOut, made, clock } = openStage("darwin");
			const answer = tryOut();
			made[0]?.emit(event, {}, ...more);
			expect((await answer).outcome).toBe(outcome);
			await clock.pass(0);
			expect(clock.timers).toBe(0);
		},
	);

	test("a system that says nothing is not taken for one that showed it", async () => {
		const { test: tryOut, clock } = openStage("win32");
		const answer = tryOut();
		clock.advance(5_000);
		expect(await answer).toMatchObject({
			outcome: "unavailable",
			sentence: expect.stringContaining("did not answer"),
		});
	});
});

test("Windows knows the sender by the installer's own id, and by one activator for ever", () => {
	const config: unknown = parse(
		readFileSync(
			join(import.meta.dirname, "../../electron-builder.yml"),
			"utf8",
		),
	);
	expect(config).toMatchObject({ appId: APP_ID });
	const deeds: string[] = [];
	const app = {
		setAppUserModelId: (id: string) => deeds.push(id),
		setToastActivatorCLSID: (id: string) => deeds.push(id),
	};
	registerNotifications(app as never, "win32");
	expect(deeds).toEqual([APP_ID, TOAST_ACTIVATOR_CLSID]);
	registerNotifications(app as never, "linux");
	expect(deeds).toHaveLength(3);
	expect(TOAST_ACTIVATOR_CLSID).toMatch(
		/^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/,
	);
});
