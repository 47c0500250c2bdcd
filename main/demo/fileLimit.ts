// Whether this process may hold as many sockets as a fleet of a given size needs. Looks at the limit the system tells.
import { readFile } from "node:fs/promises";
import { failed, fault, ok, type Result } from "../../shared/fault.ts";

/** Besides sockets: files of the program, pipes, the terminal. */
const SPARE_FILES = 64;

/** The soft limit on open files from the text of /proc/self/limits; null when there is none or it is not told. */
export function parseFileLimit(limits: string): number | null {
	const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
	return soft === undefined ? null : Number(soft);
}

/**
 * Checks the limit before anything is opened. Where the system does not tell one, all is well.
 * @returns `limits.files` with both numbers.
 */
export async function checkFileLimit(
	hosts: number,
	filesPerHost: number,
	readLimits: () => Promise<string> = () =>
		readFile("/proc/self/limits", "utf8"),
): Promise<Result<void>> {
	const limit = await readLimits().then(parseFileLimit, () => null);
	const needed = hosts * filesPerHost + SPARE_FILES;
	if (limit === null || limit >= needed) return ok(undefined);
	return failed(
		fault("limits.files", {
			sentence: `${hosts} hosts need ${needed} open files, and this process may open ${limit}`,
			nextStep: `Raise the limit (ulimit -n ${needed}) or take fewer hosts.`,
		}),
	);
}
