// Puts the table of a run into docs/performance.md, between two marker comments; the prose around them is people's.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, version as kernel, totalmem } from "node:os";

const BEGIN = "<!-- bench: begin -->";
const END = "<!-- bench: end -->";
const GIB = 1024 ** 3;

/** The machine a table was measured on, in one sentence. */
export function machine(now: Date): string {
	const cores = cpus();
	const model = cores[0]?.model.trim() ?? "unknown processor";
	return `${model}, ${cores.length} cores, ${(totalmem() / GIB).toFixed(1)} GiB of memory; Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, ${process.platform} ${process.arch} (${kernel()}); ${now.toISOString().slice(0, 10)}.`;
}

/** The page with what stands between the markers replaced. Throws when it has not one pair of them. */
export function withTable(page: string, table: string): string {
	const begin = page.indexOf(BEGIN);
	const end = page.indexOf(END);
	if (begin < 0 || end < begin)
		throw new Error(
			`the page needs ${BEGIN} and ${END}, in this order, to take the table`,
		);
	return `${page.slice(0, begin + BEGIN.length)}\n${table}\n${page.slice(end)}`;
}

/** Writes the table into the page at this path. */
export function writePage(path: URL, table: string): void {
	writeFileSync(path, withTable(readFileSync(path, "utf8"), table));
}
