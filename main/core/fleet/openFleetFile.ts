// Reads the fleet file that was named, or the profile's, and refuses a fleet that this process may not open enough sockets
// for. Every refusal is a fault with the path in its sentence.
import { readFileSync } from "node:fs";
import type { Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import { CONSOLE_FILES, checkFileLimit } from "../fileLimit.ts";
import { foredeckPaths } from "../paths.ts";
import type { Inventory } from "./inventory.ts";
import { parseInventory } from "./inventory.ts";

/** Where a fleet file may be; what a person gave on the command line. */
export interface FleetChoice {
	/** A file to use instead of the profile's. */
	readonly fleet?: string | undefined;
	/** `default` when absent. */
	readonly profile?: string | undefined;
	/** Folder of everything that is kept; the system's own when absent. */
	readonly data?: string | undefined;
}

/**
 * @param fileLimit how many files this process may open; null: as many as it likes.
 * @returns null where no fleet was named and the profile has none yet; `fleet.unreadable`, `fleet.invalid`, `limits.files`.
 */
export function openFleetFile(
	{ fleet, profile = "default", data }: FleetChoice,
	fileLimit: number | null,
): Result<Inventory | null> {
	const path = fleet ?? foredeckPaths(data).fleetFile(profile);
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (fleet === undefined && code === "ENOENT") return ok(null);
		return failed(
			fault("fleet.unreadable", {
				sentence: `cannot read ${path}: ${readReason(code)}`,
			}),
		);
	}
	const inventory = parseInventory(text, path);
	if (!inventory.ok) return inventory;
	const room = checkFileLimit(
		inventory.value.hosts.length,
		CONSOLE_FILES,
		fileLimit,
	);
	return room.ok ? inventory : room;
}

/** Why a file cannot be read, in words. */
export function readReason(code: string | undefined): string {
	if (code === "ENOENT") return "no such file";
	if (code === "EACCES") return "permission denied";
	if (code === "EISDIR") return "it is a directory";
	return code ?? "unknown reason";
}
