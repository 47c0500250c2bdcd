// A feed of updates on this computer, a release key of its own, and electron-updater itself as Linux runs it, behind our gate.
// Needs no Electron: the app is a plain object. For tests of the updater and of the window that shows it; ships nowhere.
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppUpdater } from "electron-updater";
import { readFeed } from "../core/update/feed.ts";
import type { Installation } from "../core/update/gate.ts";
import type { UpdateMemory } from "../core/update/keep.ts";
import { openUpdateMemory } from "../core/update/keep.ts";
import type { Updater } from "../core/update/runner.ts";
import { bindUpdater } from "./updater.ts";

const { AppImageUpdater } = createRequire(import.meta.url)("electron-updater");

/** What is installed on the stage, and the release that it offers unless a test says otherwise. */
export const INSTALLED = "1.0.0";
export const OFFERED = "2.0.0";

export type UpdateStage = Awaited<ReturnType<typeof openUpdateStage>>;

/** An installer: a program that ends at once, and large enough to come in several pieces. */
export const installer = (version: string): Buffer =>
	Buffer.concat([
		Buffer.from(`#!/bin/sh\nexit 0\n# ${version}\n`),
		Buffer.alloc(1_300_000, version),
	]);

export const installerName = (version: string): string =>
	`Foredeck-${version}-linux-x86_64.AppImage`;

/** As a manifest lists an installer. */
export const listed = (
	version: string,
	content = installer(version),
	name = installerName(version),
) => ({
	name,
	size: content.length,
	sha512: createHash("sha512").update(content).digest("base64"),
});

export async function openUpdateStage() {
	const keys = generateKeyPairSync("ed25519");
	const publicKey = keys.publicKey
		.export({ type: "spki", format: "pem" })
		.toString();
	const folder = mkdtempSync(join(tmpdir(), "foredeck-update-"));
	const files = new Map<string, Buffer>([
		[`/${installerName(OFFERED)}`, installer(OFFERED)],
	]);
	/** Paths, each with the range that was asked for. */
	const asked: string[] = [];
	const world = {
		/** Answers instead of the files when it returns true. */
		interfere: (_asked: IncomingMessage, _answer: ServerResponse) => false,
		channel: "latest" as "latest" | "beta",
	};
	const server = createServer((question, answer) => {
		const path = question.url ?? "";
		const { range } = question.headers;
		asked.push(range === undefined ? path : `${path} ${range}`);
		if (world.interfere(question, answer)) return;
		const body = files.get(path);
		if (body === undefined) answer.writeHead(404).end();
		else answer.writeHead(200, { "content-length": body.length }).end(body);
	});
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
	const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	const feed = readFeed(`provider: generic\nurl: ${base}\n`, true);
	if (feed === null) throw new Error("the feed is one");
	const installed = join(folder, "Foredeck.AppImage");
	writeFileSync(installed, installer(INSTALLED));
	writeFileSync(
		join(folder, "app-update.yml"),
		`provider: generic\nurl: ${base}\nupdaterCacheDirName: foredeck-updater\n`,
	);
	mkdirSync(join(folder, "user"));
	process.env.APPIMAGE = installed;
	const quits: string[] = [];
	const raw: AppUpdater = new AppImageUpdater(null, {
		version: INSTALLED,
		name: "foredeck",
		isPackaged: true,
		appUpdateConfigPath: join(folder, "app-update.yml"),
		userDataPath: join(folder, "user"),
		baseCachePath: join(folder, "cache"),
		whenReady: async () => {},
		relaunch: () => quits.push("relaunch"),
		quit: () => quits.push("quit"),
		onQuit: () => quits.push("on quit"),
	});
	raw.logger = null;
	const openMemory = (): UpdateMemory =>
		openUpdateMemory(join(folder, "update.json"));
	const bind = (
		change: Partial<Installation> = {},
		memory = openMemory(),
	): Updater =>
		bindUpdater({
			library: raw,
			feed,
			installation: {
				version: INSTALLED,
				installId: "one",
				platform: "linux",
				arch: "x64",
				publicKey,
				...change,
			},
			channel: () => world.channel,
			memory,
			fetch,
		});
	/** Puts a manifest on the feed, signed by us; `tamper` changes it after that. */
	const publish = (
		change: Record<string, unknown> = {},
		tamper: (bytes: Buffer) => Buffer = (bytes) => bytes,
	): void => {
		const bytes = Buffer.from(
			JSON.stringify({
				version: OFFERED,
				channel: "latest",
				releasedAt: "2026-11-01T00:00:00Z",
				files: [listed(OFFERED)],
				stagingPercentage: 100,
				notes: "New.",
				...change,
			}),
		);
		const name = `/foredeck-${world.channel}.json`;
		files.set(
			`${name}.sig`,
			Buffer.from(sign(null, bytes, keys.privateKey).toString("base64")),
		);
		files.set(name, tamper(bytes));
	};
	return Object.assign(world, {
		files,
		asked,
		raw,
		quits,
		folder,
		installed,
		openMemory,
		bind,
		publish,
		updater: bind(),
		async close() {
			server.closeAllConnections();
			await new Promise((done) => server.close(done));
			rmSync(folder, { recursive: true });
		},
	});
}
