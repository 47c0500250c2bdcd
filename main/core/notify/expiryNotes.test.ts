// A client certificate that expires, as stories: what a person is told of it, and when no more.
import { expect, test } from "vitest";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { isExpired } from "./expiryNotes.ts";
import { memoryOf, memoryText, NO_MEMORY } from "./memory.ts";
import type { Note, NoteEffect } from "./note.ts";
import type { NotifyPort } from "./notes.ts";
import { openNotes } from "./notes.ts";
import type { NotifySettings } from "./rules.ts";
import { notice } from "./rules.ts";

const DAY = 86_400_000;
const T = 1_800_000_000_000;

function openStory(settings: Partial<NotifySettings> = {}) {
	let { state } = NO_MEMORY;
	let now = T;
	const certificate = (name: string, days: number) => ({
		fingerprint256: name,
		expiresAt: T + days * DAY,
	});
	return {
		certificate,
		/** As after a restart: only what is kept is known. */
		restart() {
			state = memoryOf(memoryText({ state, inbox: [] }))?.state ?? state;
		},
		marks: () => Object.keys(state.expiry.marks),
		pass: (days: number) => {
			now += days * DAY;
		},
		look(identity: ReturnType<typeof certificate> | null): string[] {
			const [next, effects] = notice(
				state,
				{ kind: "identity", identity },
				{
					now,
					local: { weekday: 3, minute: 180 },
					settings: {
						profile: "prod",
						quietHours: [],
						failuresBreakQuiet: false,
						mutedUntil: 0,
						...settings,
					},
					watching: null,
					hosts: 10,
				},
			);
			state = next;
			return effects.map((one) =>
				one.kind === "show" ? `${one.manner} ${one.note.title}` : one.key,
			);
		},
	};
}

test("each mark is told aloud once, over restarts and months, and takes the note before it off the screen", () => {
	const { certificate, look, pass, restart } = openStory();
	const mine = certificate("AA", 100);
	const said: string[][] = [];
	for (let day = 0; day <= 105; day++) {
		const told = [...look(mine), ...look(mine)];
		if (told.length > 0) said.push(told);
		if (day % 3 === 0) restart();
		pass(1);
	}
	expect(said.map((told) => told.at(-1))).toEqual([
		"aloud Client certificate expires in 30 days · prod",
		"aloud Client certificate expires in 14 days · prod",
		"aloud Client certificate expires in 7 days · prod",
		"aloud Client certificate expires in 24 hours · prod",
		"aloud Client certificate has expired · prod",
	]);
});

test("the note before is withdrawn by the next, and by a renewed certificate", () => {
	const { certificate, look, pass } = openStory();
	const mine = certificate("AA", 10);
	expect(look(mine)).toEqual([
		"aloud Client certificate expires in 10 days · prod",
	]);
	pass(4);
	expect(look(mine)).toEqual([
		"prod/identity/expiry/AA/14",
		"aloud Client certificate expires in 6 days · prod",
	]);
	// A keychain that is locked for a while renews nothing.
	expect(look(null)).toEqual([]);
	expect(look(certificate("BB", 400))).toEqual(["prod/identity/expiry/AA/7"]);
	expect(look(certificate("BB", 400))).toEqual([]);
	// The old one again is no news.
	expect(look(mine)).toEqual([]);
});

test("marks that passed while the computer slept are told as the last one alone", () => {
	const { certificate, look, pass } = openStory();
	const mine = certificate("AA", 20);
	look(mine);
	pass(25);
	expect(look(mine).at(-1)).toBe("aloud Client certificate has expired · prod");
	expect(look(mine)).toEqual([]);
});

test("who wants to hear nothing finds it in the inbox", () => {
	const { certificate, look } = openStory({ mutedUntil: T + DAY });
	expect(look(certificate("AA", 5))).toEqual([
		"inbox Client certificate expires in 5 days · prod",
	]);
});

test("a memory of before there were marks is read, and one with a mark that there is not is refused", () => {
	const old = JSON.stringify({ version: 1, told: {}, inbox: [] });
	expect(memoryOf(old)?.state.expiry).toEqual({ marks: {}, shown: null });
	const wrong = { version: 1, told: {}, marks: { AA: 5 }, inbox: [] };
	expect(memoryOf(JSON.stringify(wrong))).toBeNull();
});

test("only certificates of late are remembered", () => {
	const { certificate, look, marks } = openStory();
	for (let n = 0; n < 60; n++) look(certificate(`C${n}`, 5));
	expect(marks()).toHaveLength(50);
	expect(marks()).toContain("C59");
});

test("expired begins with the last moment", () => {
	const one = { fingerprint256: "AA", expiresAt: T };
	expect([T - 1, T].map((now) => isExpired(one, now))).toEqual([false, true]);
	expect(isExpired(null, T)).toBe(false);
});

function openStage(port: NotifyPort = {}) {
	const clock = openVirtualClock();
	const presented: Note[] = [];
	const badges: [number, boolean][] = [];
	const notes = openNotes({
		clock,
		profile: () => "prod",
		book: { jobs: new Map() },
		fleet: { size: 1 },
		listen: () => () => {},
		port: {
			present(effect: NoteEffect) {
				if (effect.kind === "show") presented.push(effect.note);
			},
			badge: (unread, hasExpired) => badges.push([unread, hasExpired]),
			...port,
		},
		onInbox: () => {},
	});
	const of = (name: string, days: number) => ({
		fingerprint256: name,
		expiresAt: clock.wallMs() + days * DAY,
	});
	return { clock, notes, presented, badges, of };
}

test("the badge shows that the certificate has expired until another is used, and a click leads to the identities", () => {
	const { notes, presented, badges, of } = openStage();
	notes.identityLooked(of("AA", 20));
	expect(badges.at(-1)).toEqual([0, false]);
	notes.identityLooked(of("AA", -1));
	expect(badges.at(-1)).toEqual([1, true]);
	const { key, isFailure } = presented.at(-1) ?? {};
	expect(isFailure).toBe(true);
	expect(notes.placeOf((one) => one === key)).toBe("#/identities");
	notes.identityLooked(of("BB", 300));
	expect(badges.at(-1)).toEqual([1, false]);
	notes.stop();
});

test("a system that shows nothing is told in the inbox, once for each reason and not again after a restart", async () => {
	let tell: Parameters<NonNullable<NotifyPort["whenNotShown"]>>[0] = () => {};
	const kept: string[] = [];
	const port: NotifyPort = {
		whenNotShown: (listener) => {
			tell = listener;
		},
		keep: (text) => kept.push(text),
	};
	const why = { sentence: "It said no.", nextStep: "Sign it." };
	const first = openStage(port);
	tell(why);
	tell(why);
	const read = first.notes.handlersOf({})["inbox.read"];
	expect(await read({})).toMatchObject({
		value: {
			unread: 0,
			entries: [{ note: { kind: "refused", body: "It said no.\nSign it." } }],
		},
	});
	expect(first.presented).toEqual([]);
	expect(first.notes.placeOf(() => true)).toBe("#/settings");
	await first.notes.handlersOf({})["inbox.markRead"]({ keys: null });
	first.notes.stop();
	const memory = memoryOf(kept.at(-1) ?? "") ?? NO_MEMORY;
	expect(memory.inbox).toHaveLength(1);
	const second = openStage({ ...port, memory });
	tell(why);
	expect(await second.notes.handlersOf({})["inbox.read"]({})).toMatchObject({
		value: { entries: [{ isRead: true }] },
	});
	second.notes.stop();
});

test("trying it out says what the system did, or that nothing is shown here, or that it is switched off", async () => {
	const ask = async (port: NotifyPort) =>
		(await openStage(port).notes.handlersOf({})["notify.test"]({})) as unknown;
	const answer = { outcome: "shown", sentence: "It took it." } as const;
	let asked = 0;
	const test = async () => {
		asked++;
		return answer;
	};
	expect(await ask({})).toMatchObject({ value: { outcome: "unavailable" } });
	expect(await ask({ test })).toMatchObject({ value: answer });
	const settings = () => ({
		quietHours: [],
		failuresBreakQuiet: false,
		mutedUntil: 0,
		desktop: false,
	});
	expect(await ask({ test, settings })).toMatchObject({
		value: {
			outcome: "unavailable",
			sentence: expect.stringContaining("switched off"),
		},
	});
	expect(asked).toBe(1);
	// One that hangs is not asked again meanwhile.
	const { notes } = openStage({
		test() {
			asked++;
			return new Promise(() => {});
		},
	});
	void notes.handlersOf({})["notify.test"]({});
	void notes.handlersOf({})["notify.test"]({});
	expect(asked).toBe(2);
});

test("switched off, nothing is shown outside of the window, and the inbox has it", () => {
	const { notes, presented, of } = openStage({
		settings: () => ({
			quietHours: [],
			failuresBreakQuiet: false,
			mutedUntil: 0,
			desktop: false,
		}),
	});
	notes.identityLooked(of("AA", 5));
	expect(presented).toEqual([]);
	expect(notes.placeOf(() => true)).toBe("#/identities");
	notes.stop();
});
