// How many files this process may have open: a real limit of how many hosts can be connected (07-PERFORMANCE, traps). The
// limit is compared before anything is opened, because running into it looks like broken hosts.
import { readFileSync } from "node:fs";
import type { Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";

/** Besides sockets: files of the program, pipes, the terminal, windows. */
const SPARE_FILES = 100;

/** Open files of a console for each host: a socket, and a connection for requests. */
export const CONSOLE_FILES = 2;

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

/**
 * Whether a limit is enough for a fleet; null is no limit.
 * @returns `limits.files` with both numbers.
 */
export function checkFileLimit(
	hosts: number,
	filesPerHost: number,
	limit: number | null,
): Result<void> {
	const needed = hosts * filesPerHost + SPARE_FILES;
	if (limit === null || limit >= needed) return ok(undefined);
	return failed(
		fault("limits.files", {
			sentence: `${hosts} hosts need up to ${needed} open files, and this process may open only ${limit}`,
			nextStep: `Raise the limit (ulimit -n ${needed}) or take fewer hosts.`,
		}),
	);
}
