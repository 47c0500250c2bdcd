// electron-updater itself, as Linux runs it, behind our gate and against a feed on this computer: good and bad releases, cut,
// endless and corrupted downloads, redirects, replays, and the installation.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Fault } from "../../shared/fault.ts";
import { readFeed } from "../core/update/feed.ts";
import type { Release } from "../core/update/gate.ts";
import type { UpdateStage } from "./updateStage.ts";
import {
	INSTALLED,
	installer,
	installerName,
	listed,
	OFFERED,
	openUpdateStage,
} from "./updateStage.ts";

const NAME = installerName(OFFERED);
const OLD = installer(INSTALLED);
/** An endless answer ends here all the same, so that a broken bound fails a test and fills no disk. */
const MOST_SENT = 64 * 1024 * 1024;
const NEW = installer(OFFERED);

let stage: UpdateStage;
beforeEach(async () => {
	stage = await openUpdateStage();
});
afterEach(() => stage.close());

/** What the gate let in. */
async function found(): Promise<Release> {
	const verdict = await stage.updater.check();
	if (!verdict.ok || verdict.value === null)
		throw new Error(`nothing was found: ${JSON.stringify(verdict)}`);
	return verdict.value;
}
const fetchIt = async (seen: (fraction: number) => void = () => {}) =>
	stage.updater.download(await found(), seen);
const install = (release: Release, onFailed: (why: Fault) => void = () => {}) =>
	stage.updater.install(release, onFailed, () => true);
const pending = () =>
	join(stage.folder, "cache/foredeck-updater/pending", NAME);

test("the library does nothing by itself", () => {
	expect(stage.raw).toMatchObject({
		allowDowngrade: false,
		allowPrerelease: false,
		autoDownload: false,
		autoInstallOnAppQuit: false,
		disableWebInstaller: true,
		disableDifferentialDownload: true,
	});
});

test("a good release is fetched whole, and only when it was asked for", async () => {
	stage.publish();
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

test("progress is told once for each hundredth, up to the whole", async () => {
	stage.publish();
	const seen: number[] = [];
	await fetchIt((fraction) => seen.push(fraction));
	expect(seen.at(-1)).toBe(1);
	expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
	expect(seen.length).toBeLessThanOrEqual(101);
});

test("the library has nothing of the network but our bounded fetch, and never asks for a part of a file", async () => {
	const { httpExecutor } = stage.raw as unknown as { httpExecutor: object };
	expect(Object.keys(httpExecutor)).toEqual(["download"]);
	stage.publish();
	expect(await fetchIt()).toMatchObject({ ok: true });
	expect(stage.asked.filter((line) => line.includes("bytes="))).toEqual([]);
	const { download } = httpExecutor as { download: CallableFunction };
	await expect(
		download(new URL("http://127.0.0.1:1/x"), join(stage.folder, "x")),
	).rejects.toThrow("no file was asked for");
});

test("an answer without a length is cut off at the first byte too many", async () => {
	stage.publish();
	let sent = 0;
	stage.interfere = (question, answer) => {
		if (question.url !== `/${NAME}`) return false;
		answer.on("error", () => {});
		answer.write(NEW);
		// Chunked, and endless if nobody hangs up: no length is announced that could be compared.
		const more = (): void => {
			sent += 65_536;
			if (sent >= MOST_SENT) answer.end();
			else if (!answer.destroyed) answer.write(Buffer.alloc(65_536, 1), more);
		};
		more();
		return true;
	};
	expect(await fetchIt()).toMatchObject({
		ok: false,
		fault: {
			code: "update.failed",
			sentence: expect.stringContaining("more came than the"),
		},
	});
	expect(existsSync(pending())).toBe(false);
	// What sockets hold in between, and not the disk of the person.
	expect(sent).toBeLessThan(MOST_SENT);
});

test("a chunked answer that is the file and nothing else is taken", async () => {
	stage.publish();
	stage.interfere = (question, answer) => {
		if (question.url !== `/${NAME}`) return false;
		answer.write(NEW.subarray(0, 1_000));
		answer.end(NEW.subarray(1_000));
		return true;
	};
	expect(await fetchIt()).toMatchObject({ ok: true });
	expect(readFileSync(pending()).equals(NEW)).toBe(true);
});

test("put off while it is fetched: it ends at once, leaves nothing, and can be fetched again", async () => {
	stage.publish();
	const begun = Promise.withResolvers<void>();
	stage.interfere = (question, answer) => {
		if (question.url !== `/${NAME}`) return false;
		answer.writeHead(200, { "content-length": NEW.length });
		answer.write(NEW.subarray(0, 100_000));
		return true;
	};
	const fetching = fetchIt(() => begun.resolve());
	await begun.promise;
	stage.updater.cancelDownload();
	expect(await fetching).toMatchObject({
		fault: { sentence: expect.stringContaining("put off") },
	});
	expect(existsSync(pending())).toBe(false);
	stage.interfere = () => false;
	expect(await fetchIt()).toMatchObject({ ok: true });
});

test("an older signed release is not taken back, over refusals, failures and restarts", async () => {
	stage.publish({ version: "3.0.0", stagingPercentage: 0 });
	expect(await stage.updater.check()).toEqual({ ok: true, value: null });
	const refused = {
		ok: false,
		fault: {
			code: "update.refused",
			sentence: expect.stringContaining(
				"older than 3.0.0, which was announced before",
			),
		},
	};
	for (const version of [OFFERED, INSTALLED]) {
		stage.publish({ version });
		expect(await stage.updater.check()).toMatchObject(refused);
	}
	// A feed that breaks in between, and a restart, take nothing of it away.
	stage.files.delete("/foredeck-latest.json.sig");
	expect(await stage.updater.check()).toMatchObject({ ok: false });
	stage.updater = stage.bind();
	stage.publish();
	expect(await stage.updater.check()).toMatchObject(refused);
	// What was never signed by us raises nothing.
	stage.publish({ version: "9.0.0" }, (bytes) =>
		Buffer.from(bytes.toString().replace("New.", "Old.")),
	);
	await stage.updater.check();
	const next = "3.0.1";
	stage.publish({ version: next, files: [listed(next)] });
	expect(await stage.updater.check()).toMatchObject({
		value: { version: next },
	});
	// Each channel for itself: a beta that was seen does not hold latest back.
	stage.channel = "beta";
	stage.publish({ channel: "beta" });
	expect(await stage.updater.check()).toMatchObject({
		value: { version: OFFERED },
	});
});

test("update.failed: a tampered file of the right length is thrown away", async () => {
	stage.publish();
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
	expect(await install(release)).toMatchObject({ ok: false });
});

test("update.refused: a tampered, an unsigned, an older and a wrong channel's release never reach the library", async () => {
	const refusals: [string, () => void][] = [
		[
			"not signed",
			() =>
				stage.publish({}, (bytes) =>
					Buffer.from(bytes.toString().replace("2.0.0", "3.0.0")),
				),
		],
		[
			"not signed",
			() => {
				stage.publish();
				stage.files.set("/foredeck-latest.json.sig", Buffer.from("none"));
			},
		],
		["older", () => stage.publish({ version: "0.9.0" })],
		["channel beta", () => stage.publish({ channel: "beta" })],
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
	stage.publish();
	stage.files.delete("/foredeck-latest.json.sig");
	await fails();
	stage.publish();
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
	stage.publish({ stagingPercentage: 0 });
	expect(await stage.updater.check()).toEqual({ ok: true, value: null });
	stage.publish({ stagingPercentage: 100 });
	expect(await stage.updater.check()).toMatchObject({
		value: { version: "2.0.0" },
	});
});

test("who follows beta asks for the beta channel", async () => {
	stage.channel = "beta";
	stage.publish({ channel: "beta" });
	await found();
	expect(stage.asked.toSorted()).toEqual([
		"/foredeck-beta.json",
		"/foredeck-beta.json.sig",
	]);
});

test("a connection that is cut half-way leaves nothing behind, and the next try fetches it", async () => {
	stage.publish();
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
	stage.publish();
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
		fault: { code: "update.failed" },
	});
	expect(stage.asked).not.toContain("/elsewhere");
});

test("a file that was changed on the disk after it was fetched is not installed", async () => {
	stage.publish();
	const release = await found();
	await stage.updater.download(release, () => {});
	writeFileSync(pending(), "another program");
	expect(await install(release)).toMatchObject({
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
	stage.publish();
	const release = await found();
	await stage.updater.download(release, () => {});
	expect(await install(release)).toMatchObject({ ok: true });
	await left.promise;
	hooks.deregister();
	expect(told).toEqual(["before-quit-for-update"]);
	expect(readFileSync(stage.installed).equals(NEW)).toBe(true);
});

test("an installer that does not start is a fault, and the old program is still there to say so", async () => {
	stage.publish();
	const release = await found();
	await stage.updater.download(release, () => {});
	process.env.APPIMAGE = "not/absolute";
	expect(await install(release)).toMatchObject({
		ok: false,
		fault: { code: "update.failed" },
	});
});

test("what the system's installer says later is told once, and the next wish is not ignored", async () => {
	stage.publish();
	const release = await found();
	await stage.updater.download(release, () => {});
	const inner = stage.raw as unknown as { quitAndInstallCalled: boolean };
	stage.raw.quitAndInstall = () => {
		inner.quitAndInstallCalled = true;
	};
	const told: Fault[] = [];
	expect(await install(release, (why) => told.push(why))).toMatchObject({
		ok: true,
	});
	expect(told).toEqual([]);
	stage.raw.emit("error", new Error("Code signature did not match"));
	stage.raw.emit("error", new Error("and again"));
	expect(told).toMatchObject([
		{
			code: "update.failed",
			sentence: "the update was not installed: Code signature did not match",
		},
	]);
	expect(inner.quitAndInstallCalled).toBe(false);
});

test("on macOS the library ends the app only when it may at that moment", async () => {
	const inner = stage.raw as unknown as { handleUpdateDownloaded(): void };
	let ended = 0;
	inner.handleUpdateDownloaded = () => {
		ended += 1;
	};
	// As the library does: it leaves whenever the system has taken the file over.
	stage.raw.quitAndInstall = () => {};
	const updater = stage.bind();
	inner.handleUpdateDownloaded();
	expect(ended).toBe(0);
	stage.publish();
	const release = await found();
	await updater.download(release, () => {});
	let may = true;
	await updater.install(
		release,
		() => {},
		() => may,
	);
	may = false;
	inner.handleUpdateDownloaded();
	expect(ended).toBe(0);
	may = true;
	inner.handleUpdateDownloaded();
	expect(ended).toBe(1);
});

test("work that began while the file was read holds the installer", async () => {
	stage.publish();
	const release = await found();
	await stage.updater.download(release, () => {});
	let started = 0;
	stage.raw.quitAndInstall = () => {
		started += 1;
	};
	expect(
		await stage.updater.install(
			release,
			() => {},
			() => false,
		),
	).toMatchObject({ ok: true });
	expect(started).toBe(0);
});

test("on Windows a build that names no publisher takes no update", async () => {
	const files = [listed(OFFERED, NEW, "Foredeck-2.0.0-win-x64.exe")];
	stage.updater = stage.bind({ platform: "win32" });
	stage.publish({ files });
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
