// When an installed app has an updater at all, and what the console answers about it.
import { generateKeyPairSync } from "node:crypto";
import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { updateHandlers } from "../core/update/updateCommands.ts";
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

async function open(change: Partial<UpdateParts> = {}) {
	const clock = openVirtualClock();
	const asked: string[] = [];
	let loaded = 0;
	const updates = await openUpdates({
		isPackaged: true,
		version: "1.0.0",
		resources: folder,
		env: { APPIMAGE: "/a/Foredeck.AppImage" },
		platform: "linux",
		arch: "x64",
		memoryPath: join(folder, "kept", "update.json"),
		console: { book: { jobs: new Map() }, unreadFailures: 0 } as never,
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
	return { updates, clock, asked, loaded };
}

test("from the sources, from a package, without a key or without a feed there is no updater, and none is loaded", async () => {
	const none: Partial<UpdateParts>[] = [
		{ isPackaged: false },
		{ env: {} },
		{ publicKey: null },
		{ resources: join(folder, "nowhere") },
	];
	for (const change of none)
		expect(await open(change)).toMatchObject({ updates: null, loaded: 0 });
	writeFileSync(
		join(folder, "app-update.yml"),
		"provider: generic\nurl: http://updates.example/\n",
	);
	expect((await open()).updates).toBeNull();
});

test("an installed AppImage asks its feed for its channel, and tells update.failed", async () => {
	for (const [env, channel] of [
		[{}, "latest"],
		[{ FOREDECK_UPDATE_CHANNEL: "beta" }, "beta"],
		[{ FOREDECK_UPDATE_CHANNEL: "../evil" }, "latest"],
	] as const) {
		const { updates, clock, asked } = await open({
			env: { APPIMAGE: "/a", ...env },
		});
		await clock.pass(60_000);
		expect(asked[0]).toBe(`https://updates.example/foredeck-${channel}.json`);
		const answer = await updateHandlers(() => updates)["update.read"]({});
		expect(answer).toMatchObject({
			value: { kind: "failed", fault: { code: "update.failed" } },
		});
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

test("where somebody else updates Foredeck the window is told so, and its wishes do nothing", async () => {
	const handlers = updateHandlers(() => null);
	expect(await handlers["update.read"]({})).toMatchObject({
		value: { kind: "managed", version: null },
	});
	expect(await handlers["update.install"]({})).toEqual({ ok: true, value: {} });
	expect(await handlers["update.postpone"]({})).toEqual({
		ok: true,
		value: {},
	});
});
