// What the environment adds to electron-builder.yml: who publishes, where updates come from, how it is signed. Decides
// only: an environment goes in, overrides or one sentence comes out. A release says everything or is not made.
import type { Configuration } from "electron-builder";

/** Names and values as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The systems that installers are made for, in electron-builder's words. */
export type System = "linux" | "mac" | "win";

/** What is to be made. */
export interface Order {
	readonly system: System;
	/** For others to install: complete, signed, from the real Electron. Otherwise for a look at home. */
	readonly release: boolean;
	readonly env: Environment;
	/** electron-builder.yml as it was read. */
	readonly stated: Readonly<Record<string, unknown>>;
	/** The release key that is compiled in; null: none, and what is built says that updates are not set up. */
	readonly releaseKey: string | null;
}

/** Overrides for electron-builder, or why nothing is made. */
export type Decision =
	| { readonly ok: true; readonly overrides: Configuration }
	| { readonly ok: false; readonly sentence: string };

/** Where an Electron distribution lies that is taken instead of the downloaded one. For tests; never in a release. */
export const ELECTRON_FOLDER = "FOREDECK_ELECTRON_DIST";

/** Each is asked for by name in docs/releasing.md. */
const WHO = [
	"FOREDECK_HOMEPAGE",
	"FOREDECK_MAINTAINER",
	"FOREDECK_UPDATE_URL",
] as const;
const SIGNING: Readonly<Record<System, readonly string[]>> = {
	linux: [],
	mac: [
		"CSC_LINK",
		"CSC_KEY_PASSWORD",
		"APPLE_API_KEY",
		"APPLE_API_KEY_ID",
		"APPLE_API_ISSUER",
	],
	win: ["FOREDECK_PUBLISHER"],
};
/** Windows is signed by a certificate in a file or by the cloud's key store, which never gives its key away. */
const WINDOWS_FILE = ["WIN_CSC_LINK", "WIN_CSC_KEY_PASSWORD"] as const;
const WINDOWS_CLOUD = [
	"FOREDECK_AZURE_ENDPOINT",
	"FOREDECK_AZURE_ACCOUNT",
	"FOREDECK_AZURE_PROFILE",
] as const;

/** Stand for what only a release must say; `.invalid` can belong to nobody. */
const AT_HOME = {
	homepage: "https://foredeck.invalid/",
	maintainer: "Foredeck <nobody@foredeck.invalid>",
};

const lacking = (env: Environment, names: readonly string[]): string[] =>
	names.filter((name) => !env[name]);

/** What the environment decides; pure. */
export function decide(order: Order): Decision {
	const sentence = order.release ? whyNoRelease(order) : whyNot(order.env);
	if (sentence !== null) return { ok: false, sentence };
	const { env, release, system } = order;
	const [author, email] = person(env.FOREDECK_MAINTAINER || AT_HOME.maintainer);
	const electron = env[ELECTRON_FOLDER];
	return {
		ok: true,
		overrides: {
			...(electron ? { electronDist: electron } : {}),
			forceCodeSigning: release && system !== "linux",
			extraMetadata: {
				homepage: env.FOREDECK_HOMEPAGE || AT_HOME.homepage,
				author: { name: author, email },
			},
			publish: feed(order),
			...signing(order),
		},
	};
}

/** Why this cannot be a release, or null. */
function whyNoRelease({
	env,
	stated,
	system,
	releaseKey,
}: Order): string | null {
	const override = foreignElectron(env, stated);
	if (override !== null)
		return `a release is made from the Electron that is downloaded and checked, and ${override} names another`;
	const missing = lacking(env, [...WHO, ...SIGNING[system]]);
	if (system === "win" && !canSignForWindows(env))
		missing.push(
			`${WINDOWS_FILE.join(" and ")} (or ${WINDOWS_CLOUD.join(", ")})`,
		);
	if (missing.length > 0)
		return `a release needs ${missing.join(", ")} in the environment; docs/releasing.md says what they are`;
	// Whoever installed it would never hear of the next one, and nobody could tell them.
	if (releaseKey === null)
		return "a release needs the project’s release key in main/core/update/releaseKey.ts; docs/releasing.md says how it is made";
	return whyNot(env);
}

/** What is wrong with the values themselves, or null. */
function whyNot(env: Environment): string | null {
	const url = env.FOREDECK_UPDATE_URL;
	if (url && !/^https:\/\//.test(url))
		return "FOREDECK_UPDATE_URL must begin with https://";
	// All parts of the name are compared at an update; a bare common name could be had by somebody else.
	const publisher = env.FOREDECK_PUBLISHER;
	if (publisher && !/(^|,\s*)CN=.+,\s*\w+=/.test(publisher))
		return "FOREDECK_PUBLISHER must be the full distinguished name of the certificate: CN=…, O=…, C=…";
	return null;
}

/** What would make electron-builder pack another Electron than the one it downloads, or null. */
function foreignElectron(
	env: Environment,
	stated: Readonly<Record<string, unknown>>,
): string | null {
	if ("electronDist" in stated) return "electronDist in electron-builder.yml";
	if ("electronDownload" in stated)
		return "electronDownload in electron-builder.yml";
	const names = Object.keys(env).filter(
		(name) =>
			name === ELECTRON_FOLDER ||
			/^(npm_config_)?electron_(mirror|nightly_mirror|custom_dir|custom_filename|override_dist_path|builder_binaries_mirror)$/i.test(
				name,
			),
	);
	return names.find((name) => env[name]) ?? null;
}

const canSignForWindows = (env: Environment): boolean =>
	lacking(env, WINDOWS_FILE).length === 0 ||
	lacking(env, WINDOWS_CLOUD).length === 0;

/** `Name <address>`, as two. */
function person(text: string): readonly [name: string, email: string] {
	const found = /^(.*?)\s*<([^>]+)>$/.exec(text);
	return found === null
		? [text, AT_HOME.maintainer]
		: [found[1] ?? text, found[2] ?? ""];
}

/** Where updates come from; null writes no app-update.yml, and the app then looks for none. */
function feed({
	env,
	system,
}: Order): NonNullable<Configuration["publish"]> | null {
	const url = env.FOREDECK_UPDATE_URL;
	if (!url) return null;
	const publisher = env.FOREDECK_PUBLISHER;
	return [
		{
			provider: "generic",
			url,
			useMultipleRangeRequest: false,
			// Without it the updater on Windows skips the check of the signature.
			...(system === "win" && publisher ? { publisherName: [publisher] } : {}),
		},
	];
}

function signing({ env, release, system }: Order): Configuration {
	if (system === "mac") return { mac: { notarize: release } };
	if (system === "linux") return {};
	const publisherName = env.FOREDECK_PUBLISHER;
	if (publisherName && lacking(env, WINDOWS_CLOUD).length === 0)
		return {
			win: {
				azureSignOptions: {
					publisherName,
					endpoint: env.FOREDECK_AZURE_ENDPOINT ?? "",
					codeSigningAccountName: env.FOREDECK_AZURE_ACCOUNT ?? "",
					certificateProfileName: env.FOREDECK_AZURE_PROFILE ?? "",
				},
			},
		};
	return publisherName
		? { win: { signtoolOptions: { publisherName: [publisherName] } } }
		: {};
}
