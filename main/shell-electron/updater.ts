// Binds the core's gate to electron-updater, which is given as an argument. The library never reads its own feed: it is told
// of one release and one file, those of the signed manifest, so that nothing unsigned decides anything.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { AppUpdater, UpdateInfo } from "electron-updater";
import type { Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";
import type { Feed, Fetch } from "../core/update/feed.ts";
import { fetchManifest } from "../core/update/feed.ts";
import type { Installation, Release } from "../core/update/gate.ts";
import { judgeRelease, updateFailed } from "../core/update/gate.ts";
import type { ReleaseFile } from "../core/update/manifest.ts";
import type { Updater } from "../core/update/runner.ts";
import { whyNotPublisher } from "./publisher.ts";

/** Two small files; a feed that gives a byte a minute must not hold the check for ever. */
const MANIFEST_WITHIN_MS = 60_000;

export interface UpdaterParts {
	/** electron-updater's updater of this system. */
	readonly library: AppUpdater;
	readonly feed: Feed;
	readonly installation: Installation;
	readonly fetch: Fetch;
}

/** What of the library its types do not show, or show on one system only. */
interface Inner {
	httpExecutor?: { maxRedirects: number } | null;
	verifyUpdateCodeSignature?: (
		publishers: string[],
		path: string,
	) => Promise<string | null>;
	allowUnverifiedLinuxPackages?: boolean;
	isUserWithinRollout: () => boolean;
}

/** Sets the library up and answers the core's port. */
export function bindUpdater(parts: UpdaterParts): Updater {
	const { library, feed, installation, fetch } = parts;
	harden(parts);
	let cancel: (() => void) | null = null;
	// Counts cancellations, so that one that comes before the library has begun is not lost.
	let cancelled = 0;
	let last: Promise<unknown> = Promise.resolve();
	let path: string | null = null;

	async function fetchFile(
		release: Release,
		onProgress: (fraction: number) => void,
	): Promise<Result<void>> {
		path = null;
		const asked = cancelled;
		const { size, sha512 } = release.file;
		// More than was signed for is not read to its end, whatever the server says.
		const note = ({ transferred }: { transferred: number }): void => {
			if (transferred > size) cancel?.();
			else onProgress(transferred / size);
		};
		library.on("download-progress", note);
		try {
			offer(library, feed, release);
			const token = (await library.checkForUpdates())?.cancellationToken;
			if (token === undefined || asked !== cancelled)
				return failed(updateFailed("the update was not fetched"));
			cancel = () => token.cancel();
			const [file] = await library.downloadUpdate(token);
			if (file === undefined || (await digestOf(file)) !== sha512)
				return failed(damaged(release));
			path = file;
			return ok(undefined);
		} catch (error) {
			return failed(updateFailed(`the update was not fetched: ${why(error)}`));
		} finally {
			library.off("download-progress", note);
			cancel = null;
		}
	}

	return {
		async check() {
			const signal = AbortSignal.timeout(MANIFEST_WITHIN_MS);
			const read = await fetchManifest(
				fetch,
				feed,
				installation.channel,
				signal,
			);
			if (!read.ok) return read;
			const { bytes, signature } = read.value;
			const verdict = judgeRelease(bytes, signature, installation);
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
			// One after the other: a cancelled download is still tidying up its files.
			const next = last.then(() => fetchFile(release, onProgress));
			last = next;
			return next;
		},
		cancelDownload() {
			cancelled++;
			cancel?.();
		},
		async install(release) {
			// Between the download and a person's wish lie hours in which the file was on a disk.
			if (path === null || (await digestOf(path)) !== release.file.sha512)
				return failed(damaged(release));
			return startInstaller(library);
		},
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
function harden({ library, feed, installation }: UpdaterParts): void {
	const inner = library as unknown as Inner;
	library.autoDownload = false;
	library.autoInstallOnAppQuit = false;
	library.disableWebInstaller = true;
	library.channel = installation.channel;
	// After the channel: assigning it switches downgrades on.
	library.allowDowngrade = false;
	library.allowPrerelease = false;
	// The gate has decided; the library would send an id of this installation along to decide it again.
	inner.isUserWithinRollout = () => true;
	// Below zero: the first redirect already is one too many.
	if (inner.httpExecutor) inner.httpExecutor.maxRedirects = -1;
	if ("allowUnverifiedLinuxPackages" in library)
		inner.allowUnverifiedLinuxPackages = false;
	if ("verifyUpdateCodeSignature" in library)
		inner.verifyUpdateCodeSignature = (_named, path) =>
			whyNotPublisher(feed.publishers, path);
	// It reports by events what its promises report as well; without a listener an error event would end the process.
	library.on("error", () => {});
}

const canCheckPublisher = ({ feed, installation }: UpdaterParts): boolean =>
	installation.platform !== "win32" || feed.publishers.length > 0;

/** Makes this release the only thing the library can find. */
function offer(library: AppUpdater, feed: Feed, release: Release): void {
	const { file } = release;
	library.disableDifferentialDownload = file.blockMapSize === undefined;
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
		/** Block maps beside the file are not signed; the library then fetches the whole file. */
		async getBlockMapFiles(): Promise<never> {
			throw new Error("block maps beside the file are not used");
		}
	};
}

const asFileInfo = ({ name, size, sha512, blockMapSize }: ReleaseFile) => ({
	url: name,
	size,
	sha512,
	...(blockMapSize === undefined ? {} : { blockMapSize }),
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
