// Tells other processes of ours that an identity was imported or removed. A keychain cannot be watched, and asking it every few
// seconds could open the system's password window; so whoever changes it also writes a mark, which costs nothing to look at.
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { foredeckPaths } from "../paths.ts";

/** The mark as it is now; never empty. */
export function readChangeMark(dataDir: string | undefined): string {
	try {
		return readFileSync(foredeckPaths(dataDir).identityMark, "utf8") || "none";
	} catch {
		return "none";
	}
}

/** Leaves another mark. Where none can be written, what runs notices at its next start or when a person retries. */
export function leaveChangeMark(dataDir: string | undefined): void {
	const path = foredeckPaths(dataDir).identityMark;
	try {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, `${randomUUID()}\n`);
	} catch {
		// The import itself succeeded, and that is what the person is told.
	}
}
