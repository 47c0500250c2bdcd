// Reads what a command needs to connect: the fleet file, the identity files, the passphrase, and whether this process may
// open enough sockets for it. Every refusal is a fault with the path in its sentence.
import { readFileSync } from "node:fs";
import type { Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";
import type { Inventory } from "../core/fleet/inventory.ts";
import { parseInventory } from "../core/fleet/inventory.ts";
import { readIdentity } from "../core/identity/fromFiles.ts";
import type { Identity } from "../core/ports.ts";
import { fileLimit } from "./fileLimit.ts";
import { foredeckPaths } from "./paths.ts";

/** Options of every command that connects. */
export interface ConnectOptions {
	readonly fleet?: string;
	readonly cert?: string;
	readonly key?: string;
	readonly ca?: string;
	readonly profile?: string;
	readonly data?: string;
}

/** A socket and a request connection for each host, and some for everything else. */
const filesFor = (hosts: number): number => hosts * 2 + 100;

/** @returns null where no fleet was named and the profile has none yet. */
export function openFleetFile(
	options: ConnectOptions,
): Result<Inventory | null> {
	const path =
		options.fleet ??
		foredeckPaths(options.data).fleetFile(options.profile ?? "default");
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (options.fleet === undefined && code === "ENOENT") return ok(null);
		return failed(
			fault("fleet.unreadable", {
				sentence: `cannot read ${path}: ${reason(code)}`,
			}),
		);
	}
	const inventory = parseInventory(text, path);
	if (!inventory.ok) return inventory;
	const limit = fileLimit();
	const needed = filesFor(inventory.value.hosts.length);
	if (limit !== null && limit < needed)
		return failed(
			fault("limits.files", {
				sentence: `${inventory.value.hosts.length} hosts need up to ${needed} open files, but this process may open only ${limit}`,
				nextStep: `Raise the limit: ulimit -n ${needed}`,
			}),
		);
	return inventory;
}

/** @returns `identity.absent` when no file was named. */
export function openIdentityFiles(
	options: ConnectOptions,
	env: Readonly<Record<string, string | undefined>>,
): Result<Identity> {
	const { cert, key, ca } = options;
	if (cert === undefined && key === undefined && ca === undefined)
		return failed(fault("identity.absent"));
	const missing = [
		["--cert", cert],
		["--key", key],
		["--ca", ca],
	].filter(([, value]) => value === undefined);
	if (cert === undefined || key === undefined || ca === undefined)
		return failed(
			fault("identity.absent", {
				sentence: `${missing.map(([name]) => name).join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`,
				nextStep: "Give --cert FILE, --key FILE and --ca FILE together.",
			}),
		);
	const passphrase = env.FOREDECK_PASSPHRASE;
	return readIdentity({
		cert,
		key,
		ca,
		...(passphrase === undefined ? {} : { passphrase }),
	});
}

function reason(code: string | undefined): string {
	if (code === "ENOENT") return "no such file";
	if (code === "EACCES") return "permission denied";
	if (code === "EISDIR") return "it is a directory";
	return code ?? "unknown reason";
}
