// Replaces a small file as a whole, so that a crash in between leaves the old one.
import { randomBytes } from "node:crypto";
import {
	mkdirSync,
	readdirSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** What another process writes now is younger. */
const LEFTOVER_MS = 60_000;

/**
 * Readable by its owner only; folders are made. A link keeps pointing to the file, which is what is replaced. Several processes
 * may do so at once: who is last wins. Throws what the file system throws.
 */
export function replaceFile(path: string, text: string): void {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	const target = targetOf(path);
	const fresh = `${target}.new-${process.pid}-${randomBytes(6).toString("hex")}`;
	try {
		writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
		removeLeftovers(target, statSync(fresh).mtimeMs);
		renameSync(fresh, target);
	} catch (error) {
		rmSync(fresh, { force: true });
		throw error;
	}
}

/** The file behind a link; the path itself where there is no file yet. */
function targetOf(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		return path;
	}
}

/** What crashes left beside the file. `now` is the file system's own time, which may not be this computer's. */
function removeLeftovers(target: string, now: number): void {
	const folder = dirname(target);
	const start = `${basename(target)}.new-`;
	for (const name of readdirSync(folder)) {
		if (!name.startsWith(start)) continue;
		if (!/^\d+-[0-9a-f]{12}$/.test(name.slice(start.length))) continue;
		const leftover = join(folder, name);
		// Another process may have removed or renamed it meanwhile.
		const facts = statSync(leftover, { throwIfNoEntry: false });
		if (facts !== undefined && now - facts.mtimeMs > LEFTOVER_MS)
			rmSync(leftover, { force: true });
	}
}
