// Opens the core for the window: on the demo fleet, on the files that were named, or on nothing, which the window meets
// with its first-run screen. Plain Node; knows no Electron.
import type { Clock } from "../../shared/clock.ts";
import type { Result } from "../../shared/fault.ts";
import { ok } from "../../shared/fault.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import type { ChooseSavePath } from "../core/exporting/exportDesk.ts";
import { fileLimit } from "../core/fileLimit.ts";
import {
	fleetRevision,
	followFleetFile,
} from "../core/fleet/followFleetFile.ts";
import type { ImportDesk } from "../core/fleet/importing/importDesk.ts";
import { openImportDesk } from "../core/fleet/importing/importDesk.ts";
import type { Inventory } from "../core/fleet/inventory.ts";
import { parseInventory } from "../core/fleet/inventory.ts";
import { openFleetFile } from "../core/fleet/openFleetFile.ts";
import type { HistoryPort } from "../core/history/kept.ts";
import { profileHistory } from "../core/history/profileHistory.ts";
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
import type { SettingsDesk } from "../core/settings/desk.ts";
import { openSettings } from "../core/settings/desk.ts";
import { localTime } from "../core/settings/localTime.ts";
import { usableNetworks, watchSurroundings } from "../core/surroundings.ts";
import type { ProxyRules } from "../core/transport/proxyRules.ts";
import { readProxyRules } from "../core/transport/proxyRules.ts";
import type { UpdateDuty } from "../core/update/updateCommands.ts";
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
	/** Who updates this app; absent, or null when asked: not known yet. */
	readonly updates?: () => UpdateDuty | null;
	/** Absent: files cannot be chosen here. */
	readonly dialogs?: IdentityDialogs;
	/** Absent: exports cannot be saved here. */
	readonly chooseSavePath?: ChooseSavePath;
	/** How the person is told outside of the window; absent: not at all. */
	readonly notify?: Pick<
		NotifyPort,
		"present" | "badge" | "test" | "whenNotShown"
	>;
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
	const since = fleetRevision(options);
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
		settings: openSettings(foredeckPaths(options.data).settings, parts.log),
		...profileHistory(options, parts.log),
		kept: openKeptNotes(
			foredeckPaths(options.data).notes(DEFAULT_PROFILE),
			parts.log,
		),
		importDesk: importDeskOf(options, parts, () =>
			// What is imported then is dialed once the proxies can be read.
			console.setFleet(
				proxies.ok ? openFleetFile(options, fileLimit()) : proxies,
			),
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
	const unfollow = proxies.ok
		? followFleetFile({
				clock: parts.clock,
				choice: options,
				since,
				fileLimit: fileLimit(),
				changed: console.setFleet,
			})
		: () => {};
	return running(console, parts, async () => {
		watch.stop();
		unfollow();
	});
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
		// What is tried out changes nothing of a person's own.
		settings: openSettings(null, parts.log),
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
	readonly settings: SettingsDesk;
	/** What is kept of jobs and hosts; absent: nothing. */
	readonly history?: HistoryPort;
	/** What was notified before; absent: nothing, and nothing is kept. */
	readonly kept?: Pick<NotifyPort, "memory" | "keep">;
	readonly desk?: IdentityDesk;
	readonly importDesk?: ImportDesk;
}

/** With `--fleet` the file is somebody else's: what was imported into the profile's would not be shown. */
function importDeskOf(
	options: StartOptions,
	{ clock, dialogs }: CoreParts,
	written: () => void,
): ImportDesk {
	if (options.fleet !== undefined) return openImportDesk(null);
	const { data } = options;
	const choose = dialogs?.chooseFile;
	return openImportDesk({
		...{ clock, data, written },
		fileLimit: fileLimit(),
		...(choose === undefined
			? {}
			: { chooseFile: (title) => choose(title, "inventory") }),
	});
}

function open(
	{ clock, log, random, version, notify, updates, chooseSavePath }: CoreParts,
	{
		inventory,
		identity,
		demo,
		proxies,
		vault,
		onRetry,
		desk,
		kept,
		settings,
		history,
		importDesk,
	}: Opened,
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
			settings,
			notify: { localTime, ...notify, ...kept },
			...(history === undefined ? {} : { history }),
			...(updates === undefined ? {} : { updates }),
			...(desk === undefined ? {} : { desk }),
			...(importDesk === undefined ? {} : { importDesk }),
			...(chooseSavePath === undefined ? {} : { chooseSavePath }),
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
