// Opens the core for the window: on the demo fleet, on the files that were named, or on nothing, which the window meets
// with its first-run screen. Plain Node; knows no Electron.
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import type { Clock } from "../../shared/clock.ts";
import type { Fault, Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import type { Inventory } from "../core/fleet/inventory.ts";
import { parseInventory } from "../core/fleet/inventory.ts";
import { identityFromPem } from "../core/identity/describe.ts";
import { readIdentity } from "../core/identity/fromFiles.ts";
import type { Identity, Log } from "../core/ports.ts";
import { watchSurroundings } from "../core/surroundings.ts";
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
	const inventory = readFleet(options.fleet);
	const identity = readFiles(options, parts.env);
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

/** A text that changes when the addresses of this computer change. */
const usableNetworks = (): string =>
	Object.values(networkInterfaces())
		.flatMap((addresses) => addresses ?? [])
		.filter(({ internal }) => !internal)
		.map(({ address }) => address)
		.sort()
		.join(" ");

const firstFault = (...results: readonly Result<unknown>[]): Fault | null => {
	for (const result of results) if (!result.ok) return result.fault;
	return null;
};

function readFleet(path: string | undefined): Result<Inventory | null> {
	if (path === undefined) return ok(null);
	try {
		return parseInventory(readFileSync(path, "utf8"), path);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		return failed(
			fault("fleet.unreadable", { sentence: `cannot read ${path}: ${code}` }),
		);
	}
}

function readFiles(
	{ cert, key, ca }: StartOptions,
	env: CoreParts["env"],
): Result<Identity> {
	if (cert === undefined || key === undefined || ca === undefined)
		return failed(fault("identity.absent"));
	const passphrase = env.FOREDECK_PASSPHRASE;
	return readIdentity({
		cert,
		key,
		ca,
		...(passphrase === undefined ? {} : { passphrase }),
	});
}
