// How many files this process may have open: a real limit of how many hosts can be connected (07-PERFORMANCE, traps).
import { readFileSync } from "node:fs";

/** The soft limit on open files; null where the system does not tell it (anything but Linux) or it is unlimited. */
export function fileLimit(
	read: () => string = () => readFileSync("/proc/self/limits", "utf8"),
): number | null {
	let text: string;
	try {
		text = read();
	} catch {
		return null;
	}
	const soft = /^Max open files\s+(\d+)/m.exec(text)?.[1];
	return soft === undefined ? null : Number(soft);
}
