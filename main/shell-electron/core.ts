// Opens the core for the window: on the demo fleet, on the files that were named, or on nothing, which the window meets
// with its first-run screen. Plain Node; knows no Electron.
import type { Clock } from "../../shared/clock.ts";
import type { Result } from "../../shared/fault.ts";
import { ok } from "../../shared/fault.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import { fileLimit } from "../core/fileLimit.ts";
import type { Inventory } from "../core/fleet/inventory.ts";
import { parseInventory } from "../core/fleet/inventory.ts";
import { openFleetFile } from "../core/fleet/openFleetFile.ts";
import {
	leaveChangeMark,
	readChangeMark,
} from "../core/identity/changeMark.ts";
import { identityFromPem } from "../core/identity/describe.ts";
import type { IdentityDesk, IdentityDialogs } from "../core/identity/desk.ts";
import { openIdentityDesk } from "../core/identity/desk.ts";
import {
	isNamed,
	openIdentityFiles,
} from "../core/identity/openIdentityFiles.ts";
import type { OpenVault } from "../core/identity/profileIdentity.ts";
import {
	DEFAULT_PROFILE,
	profileIdentity,
	watchIdentity,
} from "../core/identity/profileIdentity.ts";
import { openKeptNotes } from "../core/notify/keptNotes.ts";
import type { NotifyPort } from "../core/notify/notes.ts";
import { foredeckPaths } from "../core/paths.ts";
import type { Identity, Log, Vault } from "../core/ports.ts";
import { usableNetworks, watchSurroundings } from "../core/surroundings.ts";
import type { ProxyRules } from "../core/transport/proxyRules.ts";
import { readProxyRules } from "../core/transport/proxyRules.ts";
import type { Updates } from "../core/update/runner.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { openMemoryVault } from "../vault/memory.ts";
import type { StartOptions } from "./startOptions.ts";

/** What of the machine the core needs. */
export interface CoreParts {
	readonly clock: Clock;
	readonly log: Log;
	readonly random: () => number;
	readonly version: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly openVault: OpenVault;
	/** Absent, or null when asked: this app is not updated by itself. */
	readonly updates?: () => Updates | null;
	/** Absent: files cannot be chosen here. */
	readonly dialogs?: IdentityDialogs;
	/** How the person is told outside of the window; absent: not at all. */
	readonly notify?: Pick<NotifyPort, "present" | "badge">;
}

export interface RunningCore {
	readonly console: Console;
	/** Hangs up on every host, and ends the demo agents where there are any. */
	stop(): Promise<void>;
}

/** A core that is always there: what could not be read is told in the window, with what to do about it. */
export async function openCore(
	options: StartOptions,
	parts: CoreParts,
): Promise<RunningCore> {
	if (options.demo) return openDemoCore(options, parts);
	const proxies = readProxyRules(parts.env);
	// Nothing is dialed past a proxy that was asked for: where it cannot be read there are no hosts either.
	const inventory = proxies.ok ? openFleetFile(options, fileLimit()) : proxies;
	let vault: Vault = openMemoryVault();
	const read = (): Promise<Result<Identity>> =>
		isNamed(options)
			? Promise.resolve(openIdentityFiles(options, parts.env))
			: profileIdentity(async () => {
					const choice = await parts.openVault();
					vault = choice.vault;
					return choice;
				});
	const identity = await read();
	const console = open(parts, {
		inventory,
		identity,
		demo: false,
		proxies: proxies.ok ? proxies.value : null,
		vault,
		onRetry: () => watch.ask(),
		kept: openKeptNotes(
			foredeckPaths(options.data).notes(DEFAULT_PROFILE),
			parts.log,
		),
		desk: openIdentityDesk({
			...parts,
			profile: DEFAULT_PROFILE,
			changed: () => leaveChangeMark(options.data),
			keepForNow: (one) => console.setIdentity(one),
		}),
	});
	// The person may unlock the keychain after the window is there.
	const watch = watchIdentity({
		clock: parts.clock,
		first: identity,
		read,
		...(isNamed(options)
			? {}
			: { revision: () => readChangeMark(options.data) }),
		found: console.setIdentity,
	});
	return running(console, parts, async () => watch.stop());
}

async function openDemoCore(
	{ hosts, seed }: StartOptions,
	parts: CoreParts,
): Promise<RunningCore> {
	const agents = await startDemoFleet({
		hosts,
		seed,
		port: 0,
		clock: parts.clock,
	});
	const inventory = parseInventory(
		JSON.stringify(agents.fleetFile),
		"the demo fleet",
	);
	const identity = ok(
		identityFromPem(agents.identity, "memory, until the demo ends"),
	);
	const vault = openMemoryVault();
	const onRetry = (): void => {};
	const console = open(parts, {
		inventory,
		identity,
		demo: true,
		// Its agents are on this computer.
		proxies: null,
		vault,
		onRetry,
	});
	return running(console, parts, agents.stop);
}

/** What a console is opened on. */
interface Opened {
	readonly inventory: Result<Inventory | null>;
	readonly identity: Result<Identity>;
	readonly demo: boolean;
	readonly proxies: ProxyRules | null;
	readonly vault: Vault;
	readonly onRetry: () => void;
	/** What was notified before; absent: nothing, and nothing is kept. */
	readonly kept?: Pick<NotifyPort, "memory" | "keep">;
	readonly desk?: IdentityDesk;
}

function open(
	{ clock, log, random, version, notify, updates }: CoreParts,
	{ inventory, identity, demo, proxies, vault, onRetry, desk, kept }: Opened,
): Console {
	return openConsole(
		{
			version,
			shell: "electron",
			demo,
			proxies,
			inventory: inventory.ok ? inventory.value : null,
			identity: identity.ok ? identity.value : null,
			fault: inventory.ok ? null : inventory.fault,
			identityFault: identity.ok ? null : identity.fault,
			onRetry,
			notify: { ...notify, ...kept },
			...(updates === undefined ? {} : { updates }),
			...(desk === undefined ? {} : { desk }),
		},
		{ clock, log, random, vault },
	);
}

function running(
	console: Console,
	{ clock }: CoreParts,
	stopAgents: () => Promise<void>,
): RunningCore {
	const unfollow = watchSurroundings({
		clock,
		networks: usableNetworks,
		woke: console.woke,
		networkChanged: console.networkReturned,
	});
	return {
		console,
		async stop() {
			unfollow();
			await Promise.all([console.stop(), stopAgents()]);
		},
	};
}
