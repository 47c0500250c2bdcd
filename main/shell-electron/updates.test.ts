// When an installed app has an updater at all, and what the console answers about it.
import { generateKeyPairSync } from "node:crypto";
import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SettingsDesk } from "../core/settings/desk.ts";
import { openSettings } from "../core/settings/desk.ts";
import { RELEASE_KEY } from "../core/update/releaseKey.ts";
import { updateDesk } from "../core/update/updateCommands.ts";
import { openVirtualClock } from "../testkit/virtualClock.ts";
import type { UpdateParts } from "./updates.ts";
import { openUpdates } from "./updates.ts";

const publicKey = generateKeyPairSync("ed25519")
	.publicKey.export({ type: "spki", format: "pem" })
	.toString();
let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "foredeck-updates-"));
	writeFileSync(
		join(folder, "app-update.yml"),
		"provider: generic\nurl: https://updates.example/\n",
	);
});
afterEach(() => rmSync(folder, { recursive: true }));

async function open(
	change: Partial<UpdateParts> = {},
	settings: SettingsDesk = openSettings(null, () => {}),
) {
	const clock = openVirtualClock();
	const asked: string[] = [];
	let loaded = 0;
	let told = 0;
	const duty = await openUpdates({
		isPackaged: true,
		version: "1.0.0",
		resources: folder,
		env: { APPIMAGE: "/a/Foredeck.AppImage" },
		platform: "linux",
		arch: "x64",
		memoryPath: join(folder, "kept", "update.json"),
		console: {
			book: { jobs: new Map() } as never,
			unreadFailures: 0,
			settings,
			updatesChanged: () => void told++,
		},
		clock,
		log: () => {},
		random: () => 0.5,
		fetch: async (url) => {
			asked.push(url);
			return new Response(null, { status: 500 });
		},
		loadLibrary: async () => {
			loaded++;
			return new EventEmitter() as never;
		},
		publicKey,
		...change,
	});
	const updates = duty.kind === "own" ? duty.updates : null;
	return { duty, updates, clock, asked, loaded, told: () => told };
}

test("from the sources, from a package, without a key or without a feed there is no updater, and none is loaded", async () => {
	const none: [Partial<UpdateParts>, string][] = [
		[{ isPackaged: false }, "runs from its sources"],
		[{ env: {} }, "package manager"],
		[{ publicKey: null }, "updates are not set up in this build"],
		[
			{ resources: join(folder, "nowhere") },
			"updates are not set up in this build",
		],
	];
	for (const [change, why] of none) {
		const { duty, loaded } = await open(change);
		expect(duty).toEqual({
			kind: "managed",
			why: expect.stringContaining(why),
		});
		expect(loaded).toBe(0);
		expect(updateDesk(() => duty).told()).toMatchObject({
			kind: "managed",
			why: expect.stringContaining(why),
		});
	}
	writeFileSync(
		join(folder, "app-update.yml"),
		"provider: generic\nurl: http://updates.example/\n",
	);
	expect((await open()).updates).toBeNull();
});

test("a build without the compiled-in release key says in About that updates are not set up", async () => {
	const { duty } = await open({ publicKey: RELEASE_KEY });
	expect(duty).toEqual(
		RELEASE_KEY === null
			? { kind: "managed", why: "updates are not set up in this build" }
			: expect.objectContaining({ kind: "own" }),
	);
});

test("a library that cannot be loaded costs the updates and not the app", async () => {
	const { duty } = await open({
		loadLibrary: () => Promise.reject(new Error("not here")),
	});
	expect(duty).toEqual({
		kind: "managed",
		why: "the updater could not be loaded",
	});
});

test("an installed AppImage asks its feed for its channel, and tells update.failed", async () => {
	for (const [env, channel] of [
		[{}, "latest"],
		[{ FOREDECK_UPDATE_CHANNEL: "beta" }, "beta"],
		[{ FOREDECK_UPDATE_CHANNEL: "../evil" }, "latest"],
	] as const) {
		const { duty, updates, clock, asked, told } = await open({
			env: { APPIMAGE: "/a", ...env },
		});
		await clock.pass(60_000);
		expect(asked[0]).toBe(`https://updates.example/foredeck-${channel}.json`);
		const { handlers } = updateDesk(() => duty);
		expect(await handlers["update.read"]({})).toMatchObject({
			value: {
				kind: "failed",
				fault: {
					code: "update.failed",
					nextStep: expect.stringContaining("tried again"),
				},
			},
		});
		// Checking, and then failed.
		expect(told()).toBe(2);
		updates?.stop();
	}
});

test("this installation keeps its id over restarts, and a damaged memory is made anew", async () => {
	const path = join(folder, "kept", "update.json");
	const id = async (): Promise<string> => {
		(await open()).updates?.stop();
		return JSON.parse(readFileSync(path, "utf8")).installId;
	};
	const first = await id();
	expect(await id()).toBe(first);
	writeFileSync(path, "{");
	expect(await id()).not.toBe(first);
});

test("the channel that is set is followed at once, and FOREDECK_UPDATE_CHANNEL wins over it", async () => {
	const feed = (channel: string) =>
		`https://updates.example/foredeck-${channel}.json`;
	const settings = openSettings(null, () => {});
	const { updates, asked, clock } = await open({}, settings);
	settings.change({ updates: { channel: "beta" } });
	await clock.pass(0);
	expect(asked[0]).toBe(feed("beta"));
	settings.change({ window: { closeToTray: false } });
	settings.change({ updates: { channel: "latest" } });
	await clock.pass(0);
	expect(asked.filter((url) => url.endsWith(".json"))).toEqual([
		feed("beta"),
		feed("latest"),
	]);
	updates?.stop();
	settings.change({ updates: { channel: "beta" } });
	await clock.pass(0);
	expect(asked).toHaveLength(4);
	const forced = await open(
		{ env: { APPIMAGE: "/a", FOREDECK_UPDATE_CHANNEL: "latest" } },
		settings,
	);
	await forced.clock.pass(60_000);
	expect(forced.asked[0]).toBe(feed("latest"));
	forced.updates?.stop();
});

test("where somebody else updates Foredeck the window is told so, and its wishes do nothing", async () => {
	const { handlers } = updateDesk();
	expect(await handlers["update.read"]({})).toMatchObject({
		value: { kind: "managed", version: null, why: null },
	});
	for (const wish of [
		"update.check",
		"update.install",
		"update.postpone",
	] as const)
		expect(await handlers[wish]({})).toEqual({ ok: true, value: {} });
});
