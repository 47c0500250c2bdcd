// Replaces a small file as a whole, so that a crash in between leaves the old one.
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Readable by its owner only; folders are made. Throws what the file system throws. */
export function replaceFile(path: string, text: string): void {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	const fresh = `${path}.new`;
	// A leftover of a crash may have another mode, which writing does not change.
	rmSync(fresh, { force: true });
	writeFileSync(fresh, text, { mode: 0o600 });
	renameSync(fresh, path);
}
