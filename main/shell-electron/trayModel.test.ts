import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Channel } from "../../shared/model.ts";
import { CHANNELS, jobId } from "../../shared/model.ts";
import type {
	TrayAction,
	TrayFacts,
	TrayItem,
	TrayJob,
	TrayProfile,
} from "./trayModel.ts";
import { TOOLTIP_CHARACTERS, TRAY_ICONS, trayModel } from "./trayModel.ts";

const channels = (
	some: Partial<Record<Channel, number>> = { live: 50 },
): Record<Channel, number> => ({
	...(Object.fromEntries(CHANNELS.map((one) => [one, 0])) as Record<
		Channel,
		number
	>),
	...some,
});
const profile = (some: Partial<TrayProfile> = {}): TrayProfile => ({
	name: "prod",
	channels: channels(),
	lasting: 0,
	unreadFailures: 0,
	identityExpired: false,
	...some,
});
const job = (some: Partial<TrayJob> = {}): TrayJob => ({
	id: jobId("j-1"),
	label: "patchapply · openssl",
	hosts: 50,
	ended: 41,
	failed: 2,
	...some,
});
const facts = (some: Partial<TrayFacts> = {}): TrayFacts => ({
	platform: "linux",
	profiles: [profile()],
	jobs: [],
	mutedUntil: null,
	reconnectable: 0,
	...some,
});

/** Every line of the menu as text, submenus indented; what cannot be chosen in brackets. */
const linesOf = (items: readonly TrayItem[], indent = ""): string[] =>
	items.flatMap((one) => {
		if (one.kind === "line") return ["—"];
		if (one.kind === "submenu")
			return [`${indent}${one.label} >`, ...linesOf(one.items, "  ")];
		return [`${indent}${one.action === null ? `(${one.label})` : one.label}`];
	});
const menuOf = (some: Partial<TrayFacts> = {}): string[] =>
	linesOf(trayModel(facts(some)).items);
const actionOf = (
	some: Partial<TrayFacts>,
	label: string,
): TrayAction | null | undefined =>
	trayModel(facts(some))
		.items.filter((one) => one.kind === "item")
		.find((one) => one.label.startsWith(label))?.action;

test("an idle fleet has the whole menu, and nothing to reconnect", () => {
	expect(menuOf()).toEqual([
		"prod: 50 hosts connected",
		"—",
		"Mute notifications >",
		"  30 minutes",
		"  1 hour",
		"  Until morning",
		"(Reconnect now)",
		"—",
		"Open Foredeck",
		"Quit Foredeck",
	]);
});

test.each<[words: string, Partial<TrayProfile>]>([
	["prod: no hosts yet", { channels: channels({}) }],
	["prod: 1 host connected", { channels: channels({ live: 1 }) }],
	[
		"prod: 50 hosts connected",
		{ channels: channels({ live: 8, polling: 42 }) },
	],
	[
		"prod: 48 hosts connected, 2 paused",
		{ channels: channels({ live: 48, paused: 2 }) },
	],
	["prod: 2 hosts paused", { channels: channels({ paused: 2 }) }],
	[
		"prod: connecting to 3 of 50 hosts",
		{ channels: channels({ live: 47, connecting: 3 }) },
	],
	[
		"prod: 3 of 50 hosts blocked, 1 offline, 2 reconnecting",
		{
			channels: channels({
				live: 43,
				blocked: 3,
				offline: 1,
				reconnecting: 2,
				connecting: 1,
			}),
		},
	],
	["prod: 1 of 1 host offline", { channels: channels({ offline: 1 }) }],
	["prod: 1 failure unread, 50 hosts connected", { unreadFailures: 1 }],
	["prod: 99+ failures unread, 50 hosts connected", { unreadFailures: 100 }],
	[
		"prod: identity expired, 2 failures unread, 50 of 50 hosts blocked",
		{
			identityExpired: true,
			unreadFailures: 2,
			channels: channels({ blocked: 50 }),
		},
	],
	["Foredeck: no hosts yet", { name: "", channels: channels({}) }],
])("a profile's worst state in words: %s", (words, some) => {
	const model = trayModel(facts({ profiles: [profile(some)] }));
	expect(linesOf(model.items)[0]).toBe(words);
	expect(model.tooltip).toBe(words);
});

const lost = profile({
	lasting: 1,
	channels: channels({ live: 49, blocked: 1 }),
});
const failing = profile({ unreadFailures: 2 });
const muted = { mutedUntil: "07:00" };

test.each<[icon: string, what: string, Partial<TrayFacts>]>([
	["ok", "all is well", {}],
	["ok", "there is no profile", { profiles: [] }],
	[
		"ok",
		"a fleet without hosts",
		{ profiles: [profile({ channels: channels({}) })] },
	],
	[
		"ok",
		"a host that hiccups",
		{ profiles: [profile({ channels: channels({ reconnecting: 1 }) })] },
	],
	["working", "a job runs", { jobs: [job()] }],
	["degraded", "a host is gone", { profiles: [lost] }],
	[
		"degraded",
		"a host is gone and a job runs",
		{ profiles: [lost], jobs: [job()] },
	],
	[
		"degraded",
		"the other profile misses a host",
		{ profiles: [profile(), lost] },
	],
	["muted", "muted", muted],
	[
		"muted",
		"muted, with a host gone and a job",
		{ ...muted, profiles: [lost], jobs: [job()] },
	],
	["attention", "a failure unread", { profiles: [failing] }],
	[
		"attention",
		"a failure unread, though muted",
		{ ...muted, profiles: [failing], jobs: [job()] },
	],
	[
		"attention",
		"the identity expired",
		{ profiles: [profile({ identityExpired: true })] },
	],
])("the icon is %s when: %s", (icon, _what, some) => {
	expect(trayModel(facts(some)).icon).toBe(icon);
});

test("each icon of the list is shown for something", () => {
	const shown = [
		{},
		{ jobs: [job()] },
		{ profiles: [failing] },
		{ profiles: [lost] },
		muted,
	];
	expect(shown.map((some) => trayModel(facts(some)).icon)).toEqual(TRAY_ICONS);
});

describe("jobs that run", () => {
	test("are lines with how far they are, and a click opens the job", () => {
		const jobs = [
			job(),
			job({ id: jobId("j-2"), label: "reboot", ended: 0, failed: 0, hosts: 3 }),
		];
		expect(menuOf({ jobs }).slice(1, 5)).toEqual([
			"—",
			"patchapply · openssl  41/50, 2 failed",
			"reboot  0/3",
			"—",
		]);
		expect(actionOf({ jobs }, "patchapply")).toEqual({
			kind: "openJob",
			jobId: "j-1",
		});
		expect(trayModel(facts({ jobs })).tooltip).toBe(
			"prod: 50 hosts connected · 2 jobs running",
		);
	});

	test("beyond eight are counted", () => {
		const jobs = Array.from({ length: 11 }, (_, at) =>
			job({ id: jobId(`j-${at}`), label: `job ${at}` }),
		);
		const menu = menuOf({ jobs });
		expect(menu).toContain("job 7  41/50, 2 failed");
		expect(menu).not.toContain("job 8  41/50, 2 failed");
		expect(menu).toContain("and 3 more");
		expect(actionOf({ jobs }, "and 3 more")).toEqual({ kind: "openJobs" });
		expect(menuOf({ jobs: jobs.slice(0, 8) }).join()).not.toContain("more");
	});
});

test("muted, the menu offers to undo it and says until when", () => {
	const menu = menuOf(muted);
	expect(menu).toContain("Unmute (muted until 07:00)");
	expect(menu.join()).not.toContain("Mute notifications");
	expect(actionOf(muted, "Unmute")).toEqual({ kind: "unmute" });
	expect(trayModel(facts(muted)).tooltip).toBe(
		"prod: 50 hosts connected · muted until 07:00",
	);
});

test("hosts without contact can be reconnected", () => {
	expect(menuOf({ reconnectable: 1 })).toContain("Reconnect now (1 host)");
	expect(actionOf({ reconnectable: 3 }, "Reconnect now (3 hosts)")).toEqual({
		kind: "reconnect",
	});
});

test("the worst profile comes first, and a click on one with failures goes to the inbox", () => {
	const profiles = [
		profile({ name: "a" }),
		{ ...lost, name: "b" },
		{ ...failing, name: "c" },
	];
	expect(menuOf({ profiles }).slice(0, 3)).toEqual([
		"c: 2 failures unread, 50 hosts connected",
		"b: 1 of 50 hosts blocked",
		"a: 50 hosts connected",
	]);
	expect(actionOf({ profiles }, "c:")).toEqual({ kind: "openInbox" });
	expect(actionOf({ profiles }, "b:")).toEqual({ kind: "open" });
	expect(
		menuOf({ profiles: Array.from({ length: 9 }, () => profile()) }),
	).toContain("and 1 more profile");
});

describe("words of others are text", () => {
	const labelled = (label: string): string =>
		menuOf({ jobs: [job({ label, ended: 1, hosts: 1, failed: 0 })] })[2] ?? "";

	test.each([
		["install · R&D", "install · R&&D  1/1"],
		["a\tCtrl+Q", "a Ctrl+Q  1/1"],
		["a\r\nQuit Foredeck", "a Quit Foredeck  1/1"],
		["safe\u202Egpj.exe\u200B", "safe‹U+202E›gpj.exe‹U+200B›  1/1"],
		["\ud800", "‹U+D800›  1/1"],
		["   ", "job  1/1"],
		["x".repeat(300), `${"x".repeat(47)}…  1/1`],
		["🚢".repeat(49), `${"🚢".repeat(47)}…  1/1`],
	])("%j is shown as %j", (label, shown) => {
		expect(labelled(label)).toBe(shown);
	});

	test("an ampersand in a tooltip is none on Windows, whose versions disagree about it", () => {
		const profiles = [profile({ name: "R&D" })];
		const tooltip = (platform: NodeJS.Platform): string =>
			trayModel(facts({ profiles, platform })).tooltip;
		expect(tooltip("win32")).toBe("R+D: 50 hosts connected");
		expect(tooltip("linux")).toBe("R&D: 50 hosts connected");
	});
});

const count = fc.nat({ max: 1_000_000 });
const hostile = fc.oneof(
	fc.string({ unit: "binary", maxLength: 600 }),
	fc.constantFrom(
		"&",
		"&&&",
		"\u202e",
		"\u0000",
		"\ud800",
		"…",
		"x".repeat(9999),
	),
);
const anyFacts: fc.Arbitrary<TrayFacts> = fc.record({
	platform: fc.constantFrom("linux", "win32", "darwin", "freebsd"),
	profiles: fc.array(
		fc.record({
			name: hostile,
			channels: fc.record(
				Object.fromEntries(CHANNELS.map((one) => [one, count])) as Record<
					Channel,
					typeof count
				>,
			),
			lasting: count,
			unreadFailures: count,
			identityExpired: fc.boolean(),
		}),
		{ maxLength: 20 },
	),
	jobs: fc.array(
		fc.record({
			id: hostile.map(jobId),
			label: hostile,
			hosts: count,
			ended: count,
			failed: count,
		}),
		{ maxLength: 30 },
	),
	mutedUntil: fc.option(fc.constantFrom("07:00", "Mon 07:00")),
	reconnectable: count,
});

test("whatever the facts: it never throws, everything is bounded and on one line, and no ampersand is a key", () => {
	const all = (items: readonly TrayItem[]): TrayItem[] =>
		items.flatMap((one) =>
			one.kind === "submenu" ? [one, ...all(one.items)] : [one],
		);
	fc.assert(
		fc.property(anyFacts, (given) => {
			const { icon, tooltip, items } = trayModel(given);
			expect(TRAY_ICONS).toContain(icon);
			expect([...tooltip].length).toBeLessThanOrEqual(TOOLTIP_CHARACTERS);
			expect(tooltip).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
			const every = all(items);
			expect(every.length).toBeLessThan(40);
			for (const one of every) {
				if (one.kind === "line") continue;
				expect(one.label).not.toMatch(
					/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u,
				);
				expect(one.label.replaceAll("&&", "")).not.toContain("&");
				expect([...one.label.replaceAll("&&", "&")].length).toBeLessThan(200);
				expect(one.label.trim()).not.toBe("");
			}
			expect(linesOf(items).slice(-2)).toEqual([
				"Open Foredeck",
				"Quit Foredeck",
			]);
		}),
	);
});
