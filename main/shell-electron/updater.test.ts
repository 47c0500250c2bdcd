// electron-updater itself, as Linux runs it, behind our gate and against a feed on this computer: good and bad releases, cut
// and corrupted downloads, redirects, and the installation. Needs no Electron: the app is a plain object.
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request } from "node:http";
import { createRequire, registerHooks } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import type { AppUpdater } from "electron-updater";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readFeed } from "../core/update/feed.ts";
import type { Installation, Release } from "../core/update/gate.ts";
import type { Updater } from "../core/update/runner.ts";
import { bindUpdater } from "./updater.ts";

const require = createRequire(import.meta.url);
const { AppImageUpdater } = require("electron-updater");
const library = createRequire(require.resolve("electron-updater"));
const { HttpExecutor, configureRequestUrl } = library("builder-util-runtime");

/** The library's executor of Electron with Node's client in place of Chromium's. */
class NodeExecutor extends HttpExecutor {
	createRequest(options: object, callback: (answer: unknown) => void) {
		return request(options, callback as never);
	}
	download(
		url: URL,
		destination: string,
		options: { cancellationToken: { createPromise: CallableFunction } },
	) {
		return options.cancellationToken.createPromise(
			(
				resolve: (path: string) => void,
				reject: (error: Error) => void,
				onCancel: unknown,
			) => {
				const asked = {};
				configureRequestUrl(url, asked);
				this.doDownload(
					asked,
					{
						destination,
						options,
						onCancel,
						callback: (error?: Error | null) =>
							error ? reject(error) : resolve(destination),
						responseHandler: null,
					},
					0,
				);
			},
		);
	}
}

const BLOCK = 64 * 1024;
/** A file in blocks with its block map at the end, as an AppImage has it. It is a program that ends at once. */
function appImage(version: string, changed: number): Buffer {
	const blocks = Array.from({ length: 20 }, (_, at) => {
		const block = Buffer.alloc(BLOCK, at);
		if (at === 0) block.write("#!/bin/sh\nexit 0\n");
		if (at === changed) block.write(version);
		return block;
	});
	const checksums = blocks.map((block) =>
		createHash("sha256").update(block).digest("base64").slice(0, 24),
	);
	const map = deflateRawSync(
		JSON.stringify({
			version: "2",
			files: [
				{ name: "file", offset: 0, checksums, sizes: blocks.map(() => BLOCK) },
			],
		}),
	);
	const length = Buffer.alloc(4);
	length.writeUInt32BE(map.length);
	return Buffer.concat([...blocks, map, length]);
}

const keys = generateKeyPairSync("ed25519");
const NAME = "Foredeck-2.0.0-linux-x86_64.AppImage";
const OLD = appImage("1.0.0", 3);
const NEW = appImage("2.0.0", 3);

let stage: Awaited<ReturnType<typeof openStage>>;
beforeEach(async () => {
	stage = await openStage();
});
afterEach(() => stage.close());

async function openStage() {
	const folder = mkdtempSync(join(tmpdir(), "foredeck-update-"));
	const files = new Map<string, Buffer>([[`/${NAME}`, NEW]]);
	const asked: string[] = [];
	/** Answers instead of the files when it returns true. */
	const world = {
		interfere: (_asked: IncomingMessage, _answer: ServerResponse) => false,
	};
	const server = createServer((question, answer) => {
		const path = question.url ?? "";
		const { range } = question.headers;
		asked.push(range === undefined ? path : `${path} ${range}`);
		if (world.interfere(question, answer)) return;
		const body = files.get(path);
		if (body === undefined) answer.writeHead(404).end();
		else sendRange(answer, body, range);
	});
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
	const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	const feed = readFeed(`provider: generic\nurl: ${base}\n`, true);
	if (feed === null) throw new Error("the feed is one");
	const installed = join(folder, "Foredeck.AppImage");
	writeFileSync(installed, OLD);
	writeFileSync(
		join(folder, "app-update.yml"),
		`provider: generic\nurl: ${base}\nupdaterCacheDirName: foredeck-updater\n`,
	);
	mkdirSync(join(folder, "user"));
	process.env.APPIMAGE = installed;
	const quits: string[] = [];
	const raw: AppUpdater = new AppImageUpdater(null, {
		version: "1.0.0",
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
	(raw as unknown as { httpExecutor: unknown }).httpExecutor =
		new NodeExecutor();
	const publicKey = keys.publicKey
		.export({ type: "spki", format: "pem" })
		.toString();
	const installation: Installation = {
		version: "1.0.0",
		channel: "latest",
		installId: "one",
		platform: "linux",
		arch: "x64",
		publicKey,
	};
	const bind = (change: Partial<Installation> = {}): Updater =>
		bindUpdater({
			library: raw,
			feed,
			installation: { ...installation, ...change },
			fetch,
		});
	return Object.assign(world, {
		files,
		asked,
		raw,
		quits,
		folder,
		installed,
		bind,
		updater: bind(),
		async close() {
			server.closeAllConnections();
			await new Promise((done) => server.close(done));
			rmSync(folder, { recursive: true });
		},
	});
}

function sendRange(
	answer: ServerResponse,
	body: Buffer,
	range: string | undefined,
): void {
	const found = /^bytes=(\d+)-(\d+)$/.exec(range ?? "");
	if (found === null) {
		answer.writeHead(200, { "content-length": body.length }).end(body);
		return;
	}
	const [from, to] = [Number(found[1]), Number(found[2])];
	answer.writeHead(206, {
		"content-range": `bytes ${from}-${to}/${body.length}`,
		"content-length": to - from + 1,
	});
	answer.end(body.subarray(from, to + 1));
}

/** Puts a manifest on the feed, signed by us; `tamper` changes it after that. */
function publish(
	change: Record<string, unknown> = {},
	tamper: (bytes: Buffer) => Buffer = (bytes) => bytes,
): void {
	const bytes = Buffer.from(
		JSON.stringify({
			version: "2.0.0",
			channel: "latest",
			releasedAt: "2026-11-01T00:00:00Z",
			files: [fileEntry()],
			stagingPercentage: 100,
			notes: "New.",
			...change,
		}),
	);
	const name = `/foredeck-${stage.raw.channel}.json`;
	stage.files.set(
		`${name}.sig`,
		Buffer.from(sign(null, bytes, keys.privateKey).toString("base64")),
	);
	stage.files.set(name, tamper(bytes));
}

const fileEntry = (more: Record<string, unknown> = {}) => ({
	name: NAME,
	size: NEW.length,
	sha512: createHash("sha512").update(NEW).digest("base64"),
	...more,
});
const withBlockMap = () =>
	fileEntry({ blockMapSize: NEW.readUInt32BE(NEW.length - 4) });

/** What the gate let in. */
async function found(): Promise<Release> {
	const verdict = await stage.updater.check();
	if (!verdict.ok || verdict.value === null)
		throw new Error(`nothing was found: ${JSON.stringify(verdict)}`);
	return verdict.value;
}
const fetchIt = async (seen: (fraction: number) => void = () => {}) =>
	stage.updater.download(await found(), seen);
const pending = () =>
	join(stage.folder, "cache/foredeck-updater/pending", NAME);

test("the library does nothing by itself, and downgrades stay off although a channel is set", () => {
	expect(stage.raw).toMatchObject({
		channel: "latest",
		allowDowngrade: false,
		allowPrerelease: false,
		autoDownload: false,
		autoInstallOnAppQuit: false,
		disableWebInstaller: true,
	});
});

test("a good release is fetched whole, and only when it was asked for", async () => {
	publish();
	const release = await found();
	expect(release).toMatchObject({ version: "2.0.0", notes: "New." });
	expect(stage.asked.toSorted()).toEqual([
		"/foredeck-latest.json",
		"/foredeck-latest.json.sig",
	]);
	expect(await stage.updater.download(release, () => {})).toEqual({
		ok: true,
		value: undefined,
	});
	expect(readFileSync(pending()).equals(NEW)).toBe(true);
	// Neither the library's own unsigned feed nor anything else was asked for, and nothing is planned for the end of the app.
	expect(stage.asked.slice(2)).toEqual([`/${NAME}`]);
	expect(stage.quits).toEqual([]);
});

test("a differential download takes a part of the file and gives the whole", async () => {
	publish({ files: [withBlockMap()] });
	expect(await fetchIt()).toMatchObject({ ok: true });
	expect(readFileSync(pending()).equals(NEW)).toBe(true);
	expect(stage.asked).not.toContain(`/${NAME}`);
	expect(stage.asked.filter((line) => line.includes("bytes="))).not.toEqual([]);
});

test("a corrupted differential download is noticed and the whole file is fetched", async () => {
	publish({ files: [withBlockMap()] });
	// What is installed is not what its block map says.
	const damaged = Buffer.from(OLD);
	damaged.fill(0xff, 5 * BLOCK, 6 * BLOCK);
	writeFileSync(stage.installed, damaged);
	expect(await fetchIt()).toMatchObject({ ok: true });
	expect(stage.asked).toContain(`/${NAME}`);
	expect(readFileSync(pending()).equals(NEW)).toBe(true);
});

test("update.failed: a tampered file of the right length is thrown away", async () => {
	publish();
	const tampered = Buffer.from(NEW);
	tampered[1_000_000] = 0xee;
	stage.files.set(`/${NAME}`, tampered);
	expect(await fetchIt()).toMatchObject({
		ok: false,
		fault: {
			code: "update.failed",
			sentence: expect.stringContaining("sha512"),
		},
	});
	expect(existsSync(pending())).toBe(false);
	const release = await found();
	expect(await stage.updater.install(release)).toMatchObject({ ok: false });
});

test("update.refused: a tampered, an unsigned, an older and a wrong channel's release never reach the library", async () => {
	const refusals: [string, () => void][] = [
		[
			"not signed",
			() =>
				publish({}, (bytes) =>
					Buffer.from(bytes.toString().replace("2.0.0", "3.0.0")),
				),
		],
		[
			"not signed",
			() => {
				publish();
				stage.files.set("/foredeck-latest.json.sig", Buffer.from("none"));
			},
		],
		["older", () => publish({ version: "0.9.0" })],
		["channel beta", () => publish({ channel: "beta" })],
	];
	for (const [sentence, offer] of refusals) {
		offer();
		expect(await stage.updater.check()).toMatchObject({
			ok: false,
			fault: {
				code: "update.refused",
				sentence: expect.stringContaining(sentence),
			},
		});
	}
	expect(stage.asked.filter((path) => path.includes(NAME))).toEqual([]);
});

test("update.failed: a feed without a signature, without a manifest, or that answers too much", async () => {
	const fails = async () =>
		expect(await stage.updater.check()).toMatchObject({
			ok: false,
			fault: { code: "update.failed" },
		});
	await fails();
	publish();
	stage.files.delete("/foredeck-latest.json.sig");
	await fails();
	publish();
	stage.interfere = (question, answer) => {
		if (question.url !== "/foredeck-latest.json") return false;
		// Endless: only its own bound ends the reading.
		const more = () => void answer.write(Buffer.alloc(65_536, 0x20), more);
		answer.on("error", () => {});
		more();
		return true;
	};
	await fails();
});

test("a staged rollout at 0 % offers nothing, at 100 % it offers the release", async () => {
	publish({ stagingPercentage: 0 });
	expect(await stage.updater.check()).toEqual({ ok: true, value: null });
	publish({ stagingPercentage: 100 });
	expect(await stage.updater.check()).toMatchObject({
		value: { version: "2.0.0" },
	});
});

test("a beta installation asks for the beta channel, without downgrades", async () => {
	stage.updater = stage.bind({ channel: "beta" });
	expect(stage.raw).toMatchObject({ channel: "beta", allowDowngrade: false });
	publish({ channel: "beta" });
	await found();
	expect(stage.asked.toSorted()).toEqual([
		"/foredeck-beta.json",
		"/foredeck-beta.json.sig",
	]);
});

test("a connection that is cut half-way leaves nothing behind, and the next try fetches it", async () => {
	publish();
	stage.interfere = (question, answer) => {
		if (question.url !== `/${NAME}`) return false;
		answer.writeHead(200, { "content-length": NEW.length });
		answer.write(NEW.subarray(0, NEW.length / 2), () => answer.destroy());
		return true;
	};
	expect(await fetchIt()).toMatchObject({
		ok: false,
		fault: { code: "update.failed" },
	});
	expect(existsSync(pending())).toBe(false);
	stage.interfere = () => false;
	expect(await fetchIt()).toMatchObject({ ok: true });
	expect(readFileSync(pending()).equals(NEW)).toBe(true);
});

test("no redirect is followed, for the manifest nor for the file", async () => {
	publish();
	stage.files.set("/elsewhere", NEW);
	let from = "/foredeck-latest.json";
	stage.interfere = (question, answer) => {
		if (question.url !== from) return false;
		answer.writeHead(302, { location: "/elsewhere" }).end();
		return true;
	};
	expect(await stage.updater.check()).toMatchObject({ ok: false });
	from = `/${NAME}`;
	expect(await fetchIt()).toMatchObject({
		ok: false,
		fault: { sentence: expect.stringContaining("redirect") },
	});
	expect(stage.asked).not.toContain("/elsewhere");
});

test("a file that was changed on the disk after it was fetched is not installed", async () => {
	publish();
	const release = await found();
	await stage.updater.download(release, () => {});
	writeFileSync(pending(), "another program");
	expect(await stage.updater.install(release)).toMatchObject({
		ok: false,
		fault: { code: "update.refused" },
	});
	expect(readFileSync(stage.installed).equals(OLD)).toBe(true);
});

test("a wish installs: the new file takes the old one's place and the app is asked to end", async () => {
	const left = Promise.withResolvers<void>();
	const told: string[] = [];
	(globalThis as Record<string, unknown>).updaterDouble = {
		emit: (event: string) => told.push(event),
	};
	const hooks = registerHooks({
		resolve: (name, context, next) =>
			name === "electron"
				? { url: "double:updater", format: "commonjs", shortCircuit: true }
				: next(name, context),
		load: (url, context, next) =>
			url === "double:updater"
				? {
						format: "commonjs",
						shortCircuit: true,
						source:
							"module.exports = { autoUpdater: globalThis.updaterDouble };",
					}
				: next(url, context),
	});
	stage.quits.push = () => {
		left.resolve();
		return 1;
	};
	publish();
	const release = await found();
	await stage.updater.download(release, () => {});
	expect(await stage.updater.install(release)).toMatchObject({ ok: true });
	await left.promise;
	hooks.deregister();
	expect(told).toEqual(["before-quit-for-update"]);
	expect(readFileSync(stage.installed).equals(NEW)).toBe(true);
});

test("an installer that does not start is a fault, and the old program is still there to say so", async () => {
	publish();
	const release = await found();
	await stage.updater.download(release, () => {});
	process.env.APPIMAGE = "not/absolute";
	expect(await stage.updater.install(release)).toMatchObject({
		ok: false,
		fault: { code: "update.failed" },
	});
});

test("on Windows a build that names no publisher takes no update", async () => {
	const files = [fileEntry({ name: "Foredeck-2.0.0-win-x64.exe" })];
	stage.updater = stage.bind({ platform: "win32" });
	publish({ files });
	expect(await stage.updater.check()).toMatchObject({
		fault: {
			sentence: "this build names no publisher to compare updates with",
		},
	});
});

test("only https is a feed; plain http is on loopback with a port, for tests", () => {
	const feed = (url: string, loopback = false) =>
		readFeed(`provider: generic\nurl: ${url}\n`, loopback);
	expect(feed("https://updates.example/foredeck")).toEqual({
		base: "https://updates.example/foredeck/",
		publishers: [],
	});
	expect(feed("http://127.0.0.1:8080/")).toBeNull();
	expect(feed("http://127.0.0.1/", true)).toBeNull();
	expect(feed("http://updates.example:80/", true)).toBeNull();
	expect(feed("https://name:word@updates.example/")).toBeNull();
	expect(readFeed("provider: github\nowner: a\nrepo: b\n")).toBeNull();
	expect(readFeed(": :\n\t-")).toBeNull();
});
