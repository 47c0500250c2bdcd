// Opens the core for the window: on the demo fleet, on the files that were named, or on nothing, which the window meets
// with its first-run screen. Plain Node; knows no Electron.
import type { Clock } from "../../shared/clock.ts";
import type { Fault, Result } from "../../shared/fault.ts";
import { ok } from "../../shared/fault.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import { fileLimit } from "../core/fileLimit.ts";
import type { Inventory } from "../core/fleet/inventory.ts";
import { parseInventory } from "../core/fleet/inventory.ts";
import { openFleetFile } from "../core/fleet/openFleetFile.ts";
import { identityFromPem } from "../core/identity/describe.ts";
import { openIdentityFiles } from "../core/identity/openIdentityFiles.ts";
import type { Identity, Log } from "../core/ports.ts";
import { usableNetworks, watchSurroundings } from "../core/surroundings.ts";
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
	const inventory = openFleetFile(options, fileLimit());
	const identity = openIdentityFiles(options, parts.env);
	const console = open(parts, inventory, identity, false);
	return running(console, parts, () => Promise.resolve());
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
	return running(open(parts, inventory, identity, true), parts, agents.stop);
}

function open(
	{ clock, log, random, version }: CoreParts,
	inventory: Result<Inventory | null>,
	identity: Result<Identity>,
	demo: boolean,
): Console {
	return openConsole(
		{
			version,
			shell: "electron",
			demo,
			inventory: inventory.ok ? inventory.value : null,
			identity: identity.ok ? identity.value : null,
			fault: firstFault(inventory, identity),
		},
		{ clock, log, random, vault: openMemoryVault() },
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

const firstFault = (...results: readonly Result<unknown>[]): Fault | null => {
	for (const result of results) if (!result.ok) return result.fault;
	return null;
};
