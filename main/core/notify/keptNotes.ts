// What the notifier remembers, in a file of its own: written whole or not at all, readable by its owner only. A file that is
// broken is set aside and never overwritten; the worst that follows is that something is told twice.
import { readFileSync, renameSync } from "node:fs";
import type { Log } from "../ports.ts";
import { replaceFile } from "../replaceFile.ts";
import type { NotifyMemory } from "./memory.ts";
import { memoryOf, NO_MEMORY } from "./memory.ts";

export interface KeptNotes {
	readonly memory: NotifyMemory;
	/** Replaces the file; a failure is logged once and changes nothing else. */
	keep(text: string): void;
}

/** Reads the file at `path`; one that is absent is no memory yet. Never throws. */
export function openKeptNotes(path: string, log: Log): KeptNotes {
	let isBroken = false;
	return {
		memory: read(path, log),
		keep(text) {
			try {
				replaceFile(path, text);
				isBroken = false;
			} catch (error) {
				if (!isBroken)
					log("warn", "what was notified cannot be kept over a restart", {
						path,
						code: codeOf(error),
					});
				isBroken = true;
			}
		},
	};
}

function read(path: string, log: Log): NotifyMemory {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if (codeOf(error) !== "ENOENT")
			log("warn", "what was notified before cannot be read", {
				path,
				code: codeOf(error),
			});
		return NO_MEMORY;
	}
	const memory = memoryOf(text);
	if (memory !== null) return memory;
	log("warn", "what was notified before is damaged, and was set aside", {
		path,
		aside: `${path}.broken`,
	});
	try {
		renameSync(path, `${path}.broken`);
	} catch {
		// It is said already, and the next write will say more if nothing can be written here.
	}
	return NO_MEMORY;
}

const codeOf = (error: unknown): string =>
	error instanceof Error && "code" in error
		? String(error.code)
		: "unknown reason";
