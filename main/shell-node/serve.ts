// `foredeck serve`: the console in a browser, until it is told to stop.
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { Clock } from "../../shared/clock.ts";
import type { Fault, Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";
import type { ConsoleOptions } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import {
	fleetRevision,
	followFleetFile,
} from "../core/fleet/followFleetFile.ts";
import type { FleetChoice } from "../core/fleet/openFleetFile.ts";
import { openFleetFile } from "../core/fleet/openFleetFile.ts";
import { profileHistory } from "../core/history/profileHistory.ts";
import { leaveChangeMark } from "../core/identity/changeMark.ts";
import { openIdentityDesk } from "../core/identity/desk.ts";
import type { IdentityChoice } from "../core/identity/openIdentityFiles.ts";
import { DEFAULT_PROFILE } from "../core/identity/profileIdentity.ts";
import { openKeptNotes } from "../core/notify/keptNotes.ts";
import { foredeckPaths } from "../core/paths.ts";
import type { Log } from "../core/ports.ts";
import { openSettings } from "../core/settings/desk.ts";
import { localTime } from "../core/settings/localTime.ts";
import type { ProxyRules } from "../core/transport/proxyRules.ts";
import { readProxyRules } from "../core/transport/proxyRules.ts";
import { followSurroundings, startBrowserShell } from "./browserShell.ts";
import {
	ASKED_PATIENCE_MS,
	chooseIdentity,
	followVault,
	SHOWN_PATIENCE_MS,
} from "./chooseIdentity.ts";
import type { DbusNotifier } from "./dbusNotifier.ts";
import { isOnDesktop, openDbusNotifier, sessionBus } from "./dbusNotifier.ts";
import type { Io } from "./io.ts";
import { EXIT, sayFault } from "./io.ts";
import { openBrowser } from "./openBrowser.ts";

/** Options of every command that connects. */
export interface ConnectOptions extends FleetChoice, IdentityChoice {
	/** Seconds from one comparison of a host with its agent's list to the next; absent: none is made. */
	readonly checkConsistency?: number;
}

/** The proxies of the environment; says a variable that is no proxy's URL and answers null. */
export function proxiesOf(
	io: Io,
): { readonly proxies: ProxyRules | null } | null {
	const proxies = readProxyRules(io.env);
	if (proxies.ok) return { proxies: proxies.value };
	sayFault(io, proxies.fault);
	return null;
}

/** The console's option of the same meaning. */
export const comparison = ({
	checkConsistency: seconds,
}: ConnectOptions): Pick<ConsoleOptions, "compareEveryMs"> =>
	seconds === undefined ? {} : { compareEveryMs: seconds * 1_000 };

export interface ServeOptions extends ConnectOptions {
	readonly host: string;
	readonly port: number;
	readonly open: boolean;
	readonly tlsCert?: string;
	readonly tlsKey?: string;
	/** Tell outside of the window too; absent: where a person sits before a desktop. */
	readonly notify?: boolean;
}

/** What every command of this shell is given. */
export interface Wiring {
	readonly io: Io;
	readonly clock: Clock;
	readonly log: Log;
	readonly random: () => number;
	readonly version: string;
}

/** @returns an exit code. A fleet file or identity that was named and is broken ends it; one that is absent is told in the window. */
export async function serveCommand(
	options: ServeOptions,
	{ io, clock, log, random, version }: Wiring,
): Promise<number> {
	const since = fleetRevision(options);
	const inventory = openFleetFile(options, io.fileLimit());
	if (!inventory.ok) return refuse(io, inventory.fault);
	const chosen = await chooseIdentity(options, io, clock, SHOWN_PATIENCE_MS);
	const { identity } = chosen;
	if (!identity.ok && chosen.isNamed) return refuse(io, identity.fault);
	const tls = serverCertificate(options);
	if (!tls.ok) return refuse(io, tls.fault);
	const proxies = proxiesOf(io);
	if (proxies === null) return EXIT.usage;
	let openPlace = (_hash: string): void => {};
	const outside = openOutside(options, { io, clock, log }, (hash) =>
		openPlace(hash),
	);
	if (!outside.ok) return refuse(io, outside.fault);

	const desk = openIdentityDesk({
		clock,
		openVault: () => io.openVault(clock, ASKED_PATIENCE_MS),
		profile: options.profile ?? DEFAULT_PROFILE,
		env: io.env,
		// This process notices its own mark as any other does.
		changed: () => leaveChangeMark(options.data),
		keepForNow: (one) => console.setIdentity(one),
	});
	const console = openConsole(
		{
			version,
			shell: "node",
			demo: false,
			inventory: inventory.value,
			desk,
			identity: identity.ok ? identity.value : null,
			fault: null,
			identityFault: identity.ok ? null : identity.fault,
			onRetry: () => vault.ask(),
			settings: openSettings(foredeckPaths(options.data).settings, log),
			...profileHistory(options, log),
			notify: {
				localTime,
				...outside.value?.port,
				...openKeptNotes(
					foredeckPaths(options.data).notes(options.profile ?? DEFAULT_PROFILE),
					log,
				),
			},
			...comparison(options),
			...proxies,
		},
		{ clock, log, random, vault: chosen.vault },
	);
	const vault = followVault(console, chosen, clock);
	const unfollowFleet = followFleetFile({
		...{ clock, since },
		choice: options,
		fileLimit: io.fileLimit(),
		changed: console.setFleet,
	});
	const shell = await startBrowserShell(console, {
		host: options.host,
		port: options.port,
		tls: tls.value,
		version,
	});
	if (!shell.ok) {
		outside.value?.stop();
		vault.stop();
		unfollowFleet();
		await console.stop();
		return refuse(io, shell.fault);
	}
	const { address } = shell.value;
	// The cookie that the browser got with the token lets it in again.
	openPlace = (hash) => openBrowser(withoutToken(address, hash), io.env);
	io.out(`Foredeck is at ${address}`);
	if (options.open) openBrowser(address, io.env);
	const unfollow = followSurroundings(clock, console);
	await aborted(io.signal);
	unfollow();
	vault.stop();
	unfollowFleet();
	await Promise.all([console.stop(), shell.value.stop()]);
	outside.value?.stop();
	// Ctrl-C is how a server is ended, so it is no failure.
	return EXIT.ok;
}

/** Notifications of the desktop, or null where none are wanted. `input.invalid` where they are asked for and there is no bus. */
function openOutside(
	{ notify }: ServeOptions,
	{ io, clock, log }: Pick<Wiring, "io" | "clock" | "log">,
	open: (hash: string) => void,
): Result<DbusNotifier | null> {
	if (!(notify ?? isOnDesktop(io.env, process.platform))) return ok(null);
	const address = process.platform === "linux" ? sessionBus(io.env) : null;
	return address === null
		? failed(
				fault("input.invalid", {
					sentence:
						"--notify needs the D-Bus of a Linux desktop session, and there is none here",
					nextStep:
						"Start Foredeck from a terminal of that session, or leave --notify away.",
				}),
			)
		: ok(openDbusNotifier({ address, clock, log, open }));
}

function withoutToken(address: string, hash: string): string {
	const place = new URL(address);
	place.search = "";
	place.hash = hash;
	return place.href;
}

function refuse(io: Io, why: Fault): number {
	sayFault(io, why);
	return EXIT.error;
}

/** The server's own certificate and key, tried before anything starts. Faults: `identity.unreadable`, `identity.mismatch`, `identity.invalid`. */
function serverCertificate({
	tlsCert,
	tlsKey,
}: ServeOptions): Result<{ cert: string; key: string } | null> {
	if (tlsCert === undefined && tlsKey === undefined) return ok(null);
	if (tlsCert === undefined || tlsKey === undefined)
		return failed(
			fault("input.invalid", {
				sentence: "--tls-cert and --tls-key belong together",
			}),
		);
	const cert = readText(tlsCert);
	if (!cert.ok) return cert;
	const key = readText(tlsKey);
	if (!key.ok) return key;
	const why = serverTlsFault(
		{ path: tlsCert, text: cert.value },
		{ path: tlsKey, text: key.value },
	);
	return why === null ? ok({ cert: cert.value, key: key.value }) : failed(why);
}

function readText(path: string): Result<string> {
	try {
		return ok(readFileSync(path, "utf8"));
	} catch (error) {
		return failed(unreadable(path, codeOf(error)));
	}
}

interface PemFile {
	readonly path: string;
	readonly text: string;
}

/** Why TLS cannot serve with these; null when it can. Never a message of OpenSSL, which could quote the key. */
function serverTlsFault(cert: PemFile, key: PemFile): Fault | null {
	let certificate: X509Certificate;
	let privateKey: KeyObject;
	try {
		certificate = new X509Certificate(cert.text);
	} catch {
		return unreadable(cert.path, "there is no sound certificate in it");
	}
	if (/-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(key.text))
		return fault("identity.invalid", {
			sentence: `the key in ${key.path} is encrypted, and nobody is asked for its passphrase when a server starts`,
			nextStep: "Decrypt it with: openssl pkcs8 -topk8 -nocrypt",
		});
	try {
		privateKey = createPrivateKey(key.text);
	} catch {
		return unreadable(key.path, "there is no sound private key in it");
	}
	if (!certificate.checkPrivateKey(privateKey))
		return fault("identity.mismatch");
	try {
		createSecureContext({ cert: cert.text, key: key.text });
		return null;
	} catch (error) {
		return fault("identity.invalid", {
			sentence: `the certificate in ${cert.path} cannot be used for TLS (${codeOf(error)})`,
		});
	}
}

const codeOf = (error: unknown): string =>
	error instanceof Error && "code" in error
		? String(error.code)
		: "unknown reason";

const unreadable = (path: string, why: string): Fault =>
	fault("identity.unreadable", { sentence: `cannot read ${path}: ${why}` });

/** Resolves when the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener("abort", () => resolve(), { once: true });
	});
