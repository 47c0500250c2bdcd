// The notifier against a real notification service on a real bus of its own.
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import { hostId, jobId } from "../../shared/model.ts";
import type { Note, NoteEffect } from "../core/notify/note.ts";
import type { NotShown } from "../core/notify/notes.ts";
import { untilTrue } from "../testkit/demoWorld.ts";
import type {
	Asked,
	NotificationSession,
	ServiceKind,
} from "../testkit/notificationSession.ts";
import {
	NO_NOTIFICATIONS,
	openNotificationSession,
} from "../testkit/notificationSession.ts";
import { openVirtualClock } from "../testkit/virtualClock.ts";
import type { DbusNotifier } from "./dbusNotifier.ts";
import { isOnDesktop, openDbusNotifier, sessionBus } from "./dbusNotifier.ts";

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
const withdraw: NoteEffect = { kind: "withdraw", key: note().key };

let session: NotificationSession | undefined;
let notifier: DbusNotifier | undefined;
afterEach(async () => {
	notifier?.stop();
	await session?.stop();
	notifier = undefined;
	session = undefined;
});

async function openStage(kind: ServiceKind = "full", clock = systemClock()) {
	const running = await openNotificationSession(kind);
	session = running;
	let isFrozen = false;
	const opened: string[] = [];
	const told: NotShown[] = [];
	const made = openDbusNotifier({
		address: running.address,
		clock,
		log: () => {},
		open: (hash) => opened.push(hash),
	});
	notifier = made;
	made.port.whenNotShown((why) => told.push(why));
	return {
		session: running,
		opened,
		told,
		async test() {
			const answer = await made.port.test();
			await running.caughtUp();
			return answer;
		},
		freeze() {
			isFrozen = true;
			running.freeze();
		},
		async present(...effects: NoteEffect[]) {
			for (const effect of effects) made.port.present(effect);
			await made.settled();
			if (!isFrozen) await running.caughtUp();
		},
		notes: () =>
			running.asked.filter(
				(one): one is Extract<Asked, { kind: "notify" }> =>
					one.kind === "notify",
			),
	};
}

describe.skipIf(NO_NOTIFICATIONS !== null)("on a real bus", () => {
	test("a failure is shown as urgent, changed in place without a sound, and withdrawn", async () => {
		const stage = await openStage();
		await stage.present(
			show("aloud"),
			show("update", { body: "2 of 2 failed" }),
			withdraw,
			withdraw,
		);
		expect(stage.session.asked).toMatchObject([
			{
				kind: "notify",
				id: 1,
				replaces: 0,
				app: "Foredeck",
				summary: "install · prod",
				body: "1 of 2 failed: a, still running\ncurl",
				actions: ["default", "Open"],
				hints: { urgency: 2, "desktop-entry": "foredeck" },
				timeout: -1,
			},
			{
				replaces: 1,
				body: "2 of 2 failed",
				hints: { "suppress-sound": true },
			},
			{ kind: "close", id: 1 },
		]);
		expect(stage.session.asked).toHaveLength(3);
		expect(stage.told).toEqual([]);
	});

	test("a note for the inbox alone is not shown, and a success is not urgent", async () => {
		const stage = await openStage();
		await stage.present(show("inbox"), show("aloud", { isFailure: false }));
		expect(stage.notes()).toMatchObject([{ hints: { urgency: 1 } }]);
	});

	test("a click opens the job at its first failed host; what was put away does not come back", async () => {
		const stage = await openStage();
		await stage.present(show("aloud"));
		await stage.session.click(7);
		await stage.session.click(1);
		await untilTrue(() => stage.opened.length > 0);
		expect(stage.opened).toEqual(["#/jobs/j-1?host=web%201"]);
		await stage.session.dismiss(1);
		// A signal and an answer come in order: after this the dismissal is known.
		await stage.test();
		await stage.present(show("update"));
		expect(stage.notes().map(({ summary }) => summary)).toEqual([
			"install · prod",
			"Foredeck can reach you here",
		]);
	});

	test("only the service's own word of a click counts", async () => {
		const stage = await openStage();
		await stage.present(show("aloud"));
		await stage.session.forgeClick(stage.notes()[0]?.sender ?? "", 1);
		await stage.test();
		await stage.present();
		expect(stage.opened).toEqual([]);
	});

	test.each([
		[
			"full",
			"a &lt;b&gt;&lt;img src=x&gt; &amp;amp; ‹U+202E›‹ESC›[31m\n$(reboot)",
		],
		["plain", "a <b><img src=x> &amp; ‹U+202E›‹ESC›[31m\n$(reboot)"],
	] as const)(
		"hostile text arrives as text at a %s service",
		async (kind, body) => {
			const stage = await openStage(kind);
			await stage.present(
				show("aloud", {
					title: "<i>\u0007\u202e — x",
					body: "a <b><img src=x> &amp; \u202e\u001b[31m\n$(reboot)",
				}),
			);
			expect(stage.notes()).toMatchObject([
				{ summary: "<i>‹BEL›‹U+202E› — x", body },
			]);
		},
	);

	test("a service that was restarted shows the next note, and its numbers are not mistaken for the old ones", async () => {
		const stage = await openStage();
		await stage.present(show("aloud"), show("aloud", { key: "other" }));
		await stage.session.restart("full");
		await stage.present(show("aloud", { key: "new" }), withdraw);
		expect(stage.notes().at(-1)).toMatchObject({ id: 1, replaces: 0 });
		expect(stage.session.asked.filter(({ kind }) => kind === "close")).toEqual(
			[],
		);
		await stage.session.click(1);
		await untilTrue(() => stage.opened.length > 0);
	});

	test("nobody there is told once, with what to do, and healed by itself", async () => {
		const stage = await openStage("none");
		await stage.present(show("aloud"), show("aloud", { key: "other" }));
		expect(stage.told).toEqual([
			{
				sentence: "No notification service runs in this desktop session.",
				nextStep: expect.stringContaining("dunst"),
			},
		]);
		expect(await stage.test()).toMatchObject({ outcome: "unavailable" });
		await stage.session.restart("full");
		await stage.present(show("aloud"));
		expect(stage.notes()).toHaveLength(1);
	});

	test("a refusal is told in the service's words; a test says what it answered", async () => {
		const stage = await openStage("refusing");
		await stage.present(show("aloud"));
		expect(stage.told[0]?.sentence).toBe(
			"The notification service refused: org.freedesktop.Notifications.Error.TooMany: too <many> of them.",
		);
		expect(await stage.test()).toMatchObject({ outcome: "refused" });
		await stage.session.restart("full");
		expect(await stage.test()).toEqual({
			outcome: "shown",
			sentence: expect.stringMatching(/^recorder 1\.0 took it\./),
		});
	});

	test("a refusal of any length is told in a sentence", async () => {
		const stage = await openStage("refusing");
		await stage.present(show("aloud", { body: "x".repeat(9_000) }));
		expect(stage.told[0]?.sentence).toMatch(/refused: .*x{100}/);
		expect(stage.told[0]?.sentence.length).toBeLessThan(400);
	});

	test("an answer without a number is told, and the next notification is tried all the same", async () => {
		const stage = await openStage("odd");
		await stage.present(show("aloud"), show("aloud", { body: "2" }));
		expect(stage.notes().map(({ replaces }) => replaces)).toEqual([0, 0]);
		expect(stage.told[0]?.sentence).toBe(
			"The notification service answered without a number.",
		);
	});

	test("a service that does not answer is told after five seconds", async () => {
		const clock = openVirtualClock();
		const stage = await openStage("full", clock);
		await stage.present(show("aloud"));
		stage.freeze();
		const waits = clock.timers;
		const presented = stage.present(show("aloud", { key: "other" }));
		await untilTrue(() => clock.timers > waits);
		clock.advance(5_000);
		await presented;
		expect(stage.told[0]?.sentence).toMatch(/did not answer within 5 seconds/);
		expect(clock.timers).toBe(0);
	});
});

test("a bus that is not there is told with the reason", async () => {
	const told: NotShown[] = [];
	const { port, settled } = openDbusNotifier({
		address: "tcp:host=localhost;unix:path=/nowhere/bus,guid=00",
		clock: systemClock(),
		log: () => {},
		open: () => {},
	});
	port.whenNotShown((why) => told.push(why));
	port.present(show("aloud"));
	await settled();
	expect(told[0]?.sentence).toBe(
		"The bus of the desktop session cannot be reached: ENOENT.",
	);
});

test("only before a Linux desktop with a bus it is on by itself", () => {
	const bus = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/bus" };
	expect(sessionBus({})).toBeNull();
	expect(sessionBus({ XDG_RUNTIME_DIR: "/nowhere" })).toBeNull();
	expect(sessionBus(bus)).toBe("unix:path=/run/bus");
	expect(isOnDesktop({ ...bus, DISPLAY: ":0" }, "linux")).toBe(true);
	expect(isOnDesktop({ ...bus, WAYLAND_DISPLAY: "w" }, "linux")).toBe(true);
	expect(isOnDesktop({ ...bus, DISPLAY: ":0" }, "darwin")).toBe(false);
	expect(isOnDesktop(bus, "linux")).toBe(false);
	expect(isOnDesktop({ DISPLAY: ":0" }, "linux")).toBe(false);
});
