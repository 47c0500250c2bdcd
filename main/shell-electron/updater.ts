// Binds the core's gate to electron-updater, which is given as an argument. The library never reads its own feed: it is told
// of one release and one file, those of the signed manifest, so that nothing unsigned decides anything.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { AppUpdater, UpdateInfo } from "electron-updater";
import type { Fault, Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";
import type { Feed, Fetch } from "../core/update/feed.ts";
import { fetchManifest } from "../core/update/feed.ts";
import type { Installation, Release, SeenMemory } from "../core/update/gate.ts";
import { judgeRelease, updateFailed } from "../core/update/gate.ts";
import type { ReleaseFile, UpdateChannel } from "../core/update/manifest.ts";
import type { Updater } from "../core/update/runner.ts";
import type { FileToFetch } from "./fetchFile.ts";
import { fetchFile } from "./fetchFile.ts";
import { whyNotPublisher } from "./publisher.ts";

/** Two small files; a feed that gives a byte a minute must not hold the check for ever. */
const MANIFEST_WITHIN_MS = 60_000;

export interface UpdaterParts {
	/** electron-updater's updater of this system. */
	readonly library: AppUpdater;
	readonly feed: Feed;
	readonly installation: Omit<Installation, "channel">;
	/** Which channel is followed now. */
	readonly channel: () => UpdateChannel;
	/** What was announced before. */
	readonly memory: SeenMemory;
	readonly fetch: Fetch;
}

/** What of the library its types do not show, or show on one system only. */
interface Inner {
	httpExecutor: OnlyDownloads;
	verifyUpdateCodeSignature?: (
		publishers: string[],
		path: string,
	) => Promise<string | null>;
	allowUnverifiedLinuxPackages?: boolean;
	isUserWithinRollout: () => boolean;
	quitAndInstallCalled?: boolean;
	/** macOS: the system has taken the file over, so the app is ended for it. */
	handleUpdateDownloaded?: () => void;
}

/** All that the library may have of the network: whatever else it would ask for is not there. */
interface OnlyDownloads {
	download(url: URL, destination: string): Promise<string>;
}

/** Sets the library up and answers the core's port. */
export function bindUpdater(parts: UpdaterParts): Updater {
	const { library, feed, installation, fetch, memory } = parts;
	let abort: AbortController | null = null;
	/** What the library is about to ask for. */
	let wanted: Omit<FileToFetch, "url" | "destination"> | null = null;
	let onInstallFailed: ((why: Fault) => void) | null = null;
	let mayLeaveNow = (): boolean => false;
	holdLeaving(library, () => mayLeaveNow());
	harden(parts, {
		async download(url, destination) {
			if (wanted === null) throw new Error("no file was asked for");
			await fetchFile({ ...wanted, url: url.href, destination });
			return destination;
		},
	});
	// It reports by events what its promises report as well; without a listener an error event would end the process.
	library.on("error", (error) => {
		const tell = onInstallFailed;
		onInstallFailed = null;
		if (tell === null) return;
		// Or the next wish would be ignored without a word.
		(library as unknown as Inner).quitAndInstallCalled = false;
		tell(updateFailed(`the update was not installed: ${why(error)}`));
	});
	let last: Promise<unknown> = Promise.resolve();
	let path: string | null = null;

	async function fetchRelease(
		release: Release,
		onProgress: (fraction: number) => void,
		signal: AbortSignal,
	): Promise<Result<void>> {
		path = null;
		try {
			signal.throwIfAborted();
			offer(library, feed, release);
			wanted = { fetch, file: release.file, signal, onProgress };
			await library.checkForUpdates();
			signal.throwIfAborted();
			const [file] = await library.downloadUpdate();
			if (file === undefined || (await digestOf(file)) !== release.file.sha512)
				return failed(damaged(release));
			path = file;
			return ok(undefined);
		} catch (error) {
			return failed(updateFailed(`the update was not fetched: ${why(error)}`));
		} finally {
			wanted = null;
		}
	}

	return {
		async check() {
			const signal = AbortSignal.timeout(MANIFEST_WITHIN_MS);
			const channel = parts.channel();
			const read = await fetchManifest(fetch, feed, channel, signal);
			if (!read.ok) return read;
			const { bytes, signature } = read.value;
			const verdict = judgeRelease(
				bytes,
				signature,
				{ ...installation, channel },
				memory,
			);
			// The library skips its check of the signature where no publisher is named.
			return verdict.ok && verdict.value !== null && !canCheckPublisher(parts)
				? failed(
						fault("update.refused", {
							sentence: "this build names no publisher to compare updates with",
						}),
					)
				: verdict;
		},
		download(release, onProgress) {
			abort = new AbortController();
			const { signal } = abort;
			// One after the other: a cancelled download is still tidying up its files.
			const next = last.then(() => fetchRelease(release, onProgress, signal));
			last = next;
			return next;
		},
		cancelDownload: () => abort?.abort(new Error("it was put off")),
		async install(release, onFailed, mayLeave) {
			// Between the download and a person's wish lie hours in which the file was on a disk.
			if (path === null || (await digestOf(path)) !== release.file.sha512)
				return failed(damaged(release));
			mayLeaveNow = mayLeave;
			// Reading the file took a while.
			if (!mayLeave()) return ok(undefined);
			const started = startInstaller(library);
			// From here on it tells by events: on macOS the system unpacks and checks the file only now.
			if (started.ok) onInstallFailed = onFailed;
			return started;
		},
	};
}

/**
 * On macOS the library waits for the system to take the file over, and ends the app whenever that is. Work that began in
 * between is asked about once more.
 */
function holdLeaving(library: AppUpdater, mayLeave: () => boolean): void {
	const inner = library as unknown as Inner;
	const leave = inner.handleUpdateDownloaded?.bind(library);
	if (leave === undefined) return;
	inner.handleUpdateDownloaded = () => {
		if (mayLeave()) leave();
	};
}

/** The library tells a failure by an event, and goes on as if nothing had been asked. */
function startInstaller(library: AppUpdater): Result<void> {
	const errors: unknown[] = [];
	const note = (error: Error): void => void errors.push(error);
	library.on("error", note);
	try {
		library.quitAndInstall(false, true);
	} catch (error) {
		errors.push(error);
	} finally {
		library.off("error", note);
	}
	return errors.length === 0
		? ok(undefined)
		: failed(updateFailed(`the installer did not start: ${why(errors[0])}`));
}

/** Every switch with which the library would act by itself, or take what the gate did not see. */
function harden({ library, feed }: UpdaterParts, network: OnlyDownloads): void {
	const inner = library as unknown as Inner;
	library.autoDownload = false;
	library.autoInstallOnAppQuit = false;
	library.disableWebInstaller = true;
	// Parts of a file would be asked for past our own checks; every update is fetched whole.
	library.disableDifferentialDownload = true;
	library.allowDowngrade = false;
	library.allowPrerelease = false;
	// The gate has decided; the library would send an id of this installation along to decide it again.
	inner.isUserWithinRollout = () => true;
	inner.httpExecutor = network;
	if ("allowUnverifiedLinuxPackages" in library)
		inner.allowUnverifiedLinuxPackages = false;
	if ("verifyUpdateCodeSignature" in library)
		inner.verifyUpdateCodeSignature = (_named, path) =>
			whyNotPublisher(feed.publishers, path);
}

const canCheckPublisher = ({ feed, installation }: UpdaterParts): boolean =>
	installation.platform !== "win32" || feed.publishers.length > 0;

/** Makes this release the only thing the library can find. */
function offer(library: AppUpdater, feed: Feed, release: Release): void {
	library.setFeedURL({
		provider: "custom",
		updateProvider: providerOf(feed, release) as never,
	});
}

/** A provider in the library's sense that knows one signed release and asks nobody. */
function providerOf({ base }: Feed, release: Release): new () => object {
	const { version, releasedAt, file } = release;
	const info = asFileInfo(file);
	return class {
		readonly isUseMultipleRangeRequest = false;
		readonly fileExtraDownloadHeaders = null;
		/** Would carry an id of this installation. */
		setRequestHeaders(): void {}
		async getLatestVersion(): Promise<UpdateInfo> {
			return {
				version,
				releaseDate: releasedAt,
				files: [info],
				path: file.name,
				sha512: file.sha512,
			};
		}
		resolveFiles() {
			return [{ url: new URL(file.name, base), info }];
		}
	};
}

const asFileInfo = ({ name, size, sha512 }: ReleaseFile) => ({
	url: name,
	size,
	sha512,
});

async function digestOf(path: string): Promise<string | null> {
	const hash = createHash("sha512");
	try {
		await pipeline(createReadStream(path), hash);
	} catch {
		return null;
	}
	return hash.digest("base64");
}

const damaged = ({ version }: Release) =>
	fault("update.refused", {
		sentence: `the file of version ${version} is not the one that was signed`,
	});

const why = (error: unknown): string =>
	(error instanceof Error ? error.message : String(error)).slice(0, 200);
