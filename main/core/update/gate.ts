// Our own gate in front of the updater library, which trusts whatever its feed says: which release may come in at all
// (`judgeRelease`), and when it may be installed (`whyNotNow`). Pure.
import { createHash } from "node:crypto";
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { Manifest, ReleaseFile, UpdateChannel } from "./manifest.ts";
import { openManifest } from "./manifest.ts";
import { compareVersions, parseVersion } from "./version.ts";

/** What was installed, and what may come. */
export interface Installation {
	readonly version: string;
	readonly channel: UpdateChannel;
	/** Of this installation alone; decides its place in a staged rollout. Never sent anywhere. */
	readonly installId: string;
	/** As Node names them: `linux`, `darwin`, `win32`; `x64`, `arm64`. */
	readonly platform: string;
	readonly arch: string;
	/** PEM; null: this build accepts no update. */
	readonly publicKey: string | null;
}

/** What was announced before on each channel; see `UpdateMemory`. */
export interface SeenMemory {
	highest(channel: UpdateChannel): string | null;
	keepSeen(channel: UpdateChannel, version: string): void;
}

const FORGETFUL: SeenMemory = { highest: () => null, keepSeen: () => {} };

/** A release that passed the gate. */
export interface Release {
	readonly version: string;
	readonly releasedAt: string;
	readonly notes: string;
	/** The one file for this computer. */
	readonly file: ReleaseFile;
}

/** Null: nothing for this installation now. */
export type Verdict = Result<Release | null>;

const refuse = (sentence: string): Result<never> =>
	failed(fault("update.refused", { sentence }));

/** Channel that an installation follows unless it was told otherwise: that of its own version. */
export const channelOf = (version: string): UpdateChannel =>
	(parseVersion(version)?.prerelease.length ?? 0) > 0 ? "beta" : "latest";

/** Decides about exactly these bytes. Fault: `update.refused` with the reason. */
export function judgeRelease(
	bytes: Uint8Array,
	signature: Uint8Array,
	installation: Installation,
	memory: SeenMemory = FORGETFUL,
): Verdict {
	const opened = openManifest(bytes, signature, installation.publicKey);
	if (!opened.ok) return opened;
	const manifest = opened.value;
	const { channel, version } = manifest;
	if (channel !== installation.channel)
		return refuse(
			`the feed answered with channel ${channel} instead of ${installation.channel}`,
		);
	const seen = memory.highest(channel);
	// Also when it is the installed one: then a newer release is being withheld.
	if (seen !== null && (orderOf(version, seen) ?? -1) < 0)
		return refuse(
			`version ${version} is older than ${seen}, which was announced before`,
		);
	// Whatever is decided below: it was announced under our signature.
	memory.keepSeen(channel, version);
	return judgeAnnounced(manifest, installation);
}

function judgeAnnounced(
	manifest: Manifest,
	installation: Installation,
): Verdict {
	const order = orderOf(manifest.version, installation.version);
	if (order === null) return refuse("the installed version cannot be compared");
	if (manifest.channel === "latest" && channelOf(manifest.version) === "beta")
		return refuse(
			`version ${manifest.version} is a pre-release on channel latest`,
		);
	// Who tried a beta and follows releases again waits for the one that passes it.
	const isAhead =
		manifest.channel === "latest" && channelOf(installation.version) === "beta";
	if (order < 0 && isAhead) return ok(null);
	if (order < 0)
		return refuse(
			`version ${manifest.version} is older than the installed ${installation.version}`,
		);
	if (order === 0) return ok(null);
	return judgeNewer(manifest, installation);
}

function judgeNewer(manifest: Manifest, installation: Installation): Verdict {
	const { version, minimumVersion, releasedAt, notes } = manifest;
	const least = orderOf(installation.version, minimumVersion ?? "0.0.0-0");
	if (least === null || least < 0)
		return refuse(
			`version ${version} can only follow ${minimumVersion}; install that one by hand first`,
		);
	const file = fileFor(manifest, installation);
	// A release may leave out a system; that is no attack and no alarm.
	if (file === null) return ok(null);
	const isIn =
		rolloutPlace(installation.installId, version) < manifest.stagingPercentage;
	return ok(isIn ? { version, releasedAt, notes, file } : null);
}

/** Null when one of them is no version. */
export function orderOf(a: string, b: string): number | null {
	const left = parseVersion(a);
	const right = parseVersion(b);
	return left === null || right === null ? null : compareVersions(left, right);
}

/**
 * Where an installation stands in the rollout of a version, 0 to under 100. The same at every check, so that a rising
 * percentage only ever adds; another for every version, so that nobody is always first.
 */
export function rolloutPlace(installId: string, version: string): number {
	const digest = createHash("sha256").update(`${installId}\0${version}`);
	return (digest.digest().readUInt32BE(0) / 2 ** 32) * 100;
}

/** Names as electron-builder.yml makes them; see `artifactName` there. The second entry lists the form the updater takes. */
const SYSTEMS: Readonly<
	Record<string, readonly [name: string, ending: string]>
> = {
	linux: ["linux", "AppImage"],
	darwin: ["mac", "zip"],
	win32: ["win", "exe"],
};
const ARCHES: Readonly<Record<string, readonly string[]>> = {
	x64: ["x64", "x86_64", "amd64"],
	arm64: ["arm64", "aarch64"],
};

/** The version stands in the name: a file of one release can then never be announced as that of another. */
function fileFor(
	{ version, files }: Manifest,
	{ platform, arch }: Installation,
): ReleaseFile | null {
	const [system, ending] = SYSTEMS[platform] ?? [];
	const names = (ARCHES[arch] ?? []).map(
		(one) => `Foredeck-${version}-${system}-${one}.${ending}`,
	);
	return files.find(({ name }) => names.includes(name)) ?? null;
}

/** What a person would lose by a restart now. */
export interface Busyness {
	readonly openJobs: number;
	readonly unreadFailures: number;
}

/** Why an update is not installed now, in one sentence; null when it may be. */
export function whyNotNow({
	openJobs,
	unreadFailures,
}: Busyness): string | null {
	if (openJobs > 0)
		return openJobs === 1 ? "a job is open" : `${openJobs} jobs are open`;
	if (unreadFailures > 0)
		return unreadFailures === 1
			? "a failure is unread in the inbox"
			: `${unreadFailures} failures are unread in the inbox`;
	return null;
}

/** A fault of a check or a download that may be over at the next try. */
export const updateFailed = (sentence: string): Fault =>
	fault("update.failed", { sentence });
