// Starts the updates of an installed app. One without app-update.yml, from the sources, from a package of the distribution or
// without a release key has no updater: somebody else updates it, and About says who. The library is loaded only where it is
// used.
import { readFileSync } from "node:fs";
import type { AppUpdater } from "electron-updater";
import type { Clock } from "../../shared/clock.ts";
import type { Console } from "../core/console.ts";
import type { Log } from "../core/ports.ts";
import type { Fetch } from "../core/update/feed.ts";
import { readFeed } from "../core/update/feed.ts";
import type { Busyness } from "../core/update/gate.ts";
import { channelOf } from "../core/update/gate.ts";
import { openUpdateMemory } from "../core/update/keep.ts";
import type { UpdateChannel } from "../core/update/manifest.ts";
import { UPDATE_CHANNELS } from "../core/update/manifest.ts";
import { RELEASE_KEY } from "../core/update/releaseKey.ts";
import { runUpdates } from "../core/update/runner.ts";
import type { UpdateDuty } from "../core/update/updateCommands.ts";
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
	/** Whose jobs and inbox are waited for, whose windows are told, and whose setting names the channel. */
	readonly console: Pick<
		Console,
		"book" | "unreadFailures" | "settings" | "updatesChanged"
	>;
	readonly clock: Clock;
	readonly log: Log;
	readonly random: () => number;
	readonly fetch: Fetch;
	readonly loadLibrary: () => Promise<AppUpdater>;
	/** The compiled-in key; another one in tests. */
	readonly publicKey?: string | null;
}

const managed = (why: string): UpdateDuty => ({ kind: "managed", why });

/** `FOREDECK_UPDATE_CHANNEL` (`latest` or `beta`) wins over the setting, and that over the version's own channel. */
export async function openUpdates(parts: UpdateParts): Promise<UpdateDuty> {
	const { platform, arch, version, env, console, clock, log } = parts;
	const { publicKey = RELEASE_KEY } = parts;
	if (!parts.isPackaged)
		return managed(
			"this Foredeck runs from its sources, which do not update themselves",
		);
	// On Linux only an AppImage replaces itself; deb and rpm are the package manager's.
	if (platform === "linux" && !env.APPIMAGE)
		return managed("the package manager that installed Foredeck updates it");
	const feed = publicKey === null ? null : feedIn(parts.resources);
	if (feed === null) return managed("updates are not set up in this build");
	const library = await loaded(parts);
	if (library === null) return managed("the updater could not be loaded");
	const memory = openUpdateMemory(parts.memoryPath);
	const forced = UPDATE_CHANNELS.find(
		(one) => one === env.FOREDECK_UPDATE_CHANNEL,
	);
	const channel = (): UpdateChannel =>
		forced ?? console.settings.current.updates.channel ?? channelOf(version);
	const updater = bindUpdater({
		library,
		feed,
		installation: {
			version,
			installId: memory.installId,
			platform,
			arch,
			publicKey,
		},
		channel,
		memory,
		fetch: parts.fetch,
	});
	const updates = runUpdates({
		clock,
		log,
		random: parts.random,
		updater,
		busy: () => busynessOf(console),
		postponedUntil: memory.postponedUntil,
		keepPostponed: memory.keepPostponed,
		onChange: console.updatesChanged,
	});
	let followed = channel();
	const unfollow = console.settings.listen(() => {
		if (channel() === followed) return;
		followed = channel();
		updates.channelChanged();
	});
	const stop = (): void => {
		unfollow();
		updates.stop();
	};
	return { kind: "own", updates: { ...updates, stop } };
}

/** What a restart now would take from a person. */
const busynessOf = ({
	book,
	unreadFailures,
}: Pick<Console, "book" | "unreadFailures">): Busyness => ({
	openJobs: [...book.jobs.values()].filter(({ endedAt }) => endedAt === null)
		.length,
	unreadFailures,
});

/** Null: it is broken, which must not keep the window from a person. */
async function loaded({
	loadLibrary,
	log,
}: UpdateParts): Promise<AppUpdater | null> {
	try {
		return await loadLibrary();
	} catch (error) {
		log("error", "the updater could not be loaded", { error });
		return null;
	}
}

function feedIn(resources: string) {
	try {
		return readFeed(readFileSync(`${resources}/app-update.yml`, "utf8"));
	} catch {
		return null;
	}
}
