// Starts the updates of an installed app. One without app-update.yml, from the sources, from a package of the distribution or
// without a release key has no updater: somebody else updates it. The library is loaded only where it is used.
import { readFileSync } from "node:fs";
import type { AppUpdater } from "electron-updater";
import type { Clock } from "../../shared/clock.ts";
import type { Console } from "../core/console.ts";
import type { Log } from "../core/ports.ts";
import type { Fetch } from "../core/update/feed.ts";
import { readFeed } from "../core/update/feed.ts";
import { channelOf } from "../core/update/gate.ts";
import { openUpdateMemory } from "../core/update/keep.ts";
import { UPDATE_CHANNELS } from "../core/update/manifest.ts";
import { RELEASE_KEY } from "../core/update/releaseKey.ts";
import type { Updates } from "../core/update/runner.ts";
import { runUpdates } from "../core/update/runner.ts";
import { bindUpdater } from "./updater.ts";

export interface UpdateParts {
	readonly isPackaged: boolean;
	readonly version: string;
	/** Electron's `process.resourcesPath`. */
	readonly resources: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly platform: string;
	readonly arch: string;
	readonly memoryPath: string;
	readonly console: Pick<Console, "book" | "unreadFailures">;
	readonly clock: Clock;
	readonly log: Log;
	readonly random: () => number;
	readonly fetch: Fetch;
	readonly loadLibrary: () => Promise<AppUpdater>;
	/** The compiled-in key; another one in tests. */
	readonly publicKey?: string | null;
}

/** Null: this app is not updated by itself. `FOREDECK_UPDATE_CHANNEL` chooses `latest` or `beta`. */
export async function openUpdates(parts: UpdateParts): Promise<Updates | null> {
	const { platform, arch, version, env, console, clock, log } = parts;
	const { publicKey = RELEASE_KEY } = parts;
	// On Linux only an AppImage replaces itself; deb and rpm are the package manager's.
	const isOurs =
		parts.isPackaged && (platform !== "linux" || Boolean(env.APPIMAGE));
	const feed = isOurs && publicKey !== null ? feedIn(parts.resources) : null;
	if (feed === null) return null;
	const memory = openUpdateMemory(parts.memoryPath);
	const updater = bindUpdater({
		library: await parts.loadLibrary(),
		feed,
		installation: {
			version,
			channel:
				UPDATE_CHANNELS.find((one) => one === env.FOREDECK_UPDATE_CHANNEL) ??
				channelOf(version),
			installId: memory.installId,
			platform,
			arch,
			publicKey,
		},
		fetch: parts.fetch,
	});
	return runUpdates({
		clock,
		log,
		random: parts.random,
		updater,
		busy: () => ({
			openJobs: [...console.book.jobs.values()].filter(
				({ endedAt }) => endedAt === null,
			).length,
			unreadFailures: console.unreadFailures,
		}),
		postponedUntil: memory.postponedUntil,
		keepPostponed: memory.keepPostponed,
		onChange: () => {},
	});
}

function feedIn(resources: string) {
	try {
		return readFeed(readFileSync(`${resources}/app-update.yml`, "utf8"));
	} catch {
		return null;
	}
}
