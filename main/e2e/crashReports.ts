// What is left of a window's process for others to read: its memory while it lives, and the report of its crash. Linux only.
import { closeSync, globSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "@playwright/test";
import { systemClock } from "../../shared/clock.ts";

const LOOK_EVERY_MS = 50;
const PATIENCE_MS = 10_000;
/** Larger mappings are reserved and not filled. */
const LARGEST_BYTES = 256 * 1024 * 1024;

/** Everything that the pages' processes can write to, one buffer for each mapping. */
export async function memoryOfPages(browser: Browser): Promise<Buffer[]> {
	const session = await browser.newBrowserCDPSession();
	const { processInfo } = await session.send("SystemInfo.getProcessInfo");
	await session.detach();
	return processInfo
		.filter(({ type }) => type === "renderer")
		.flatMap(({ id }) => memoryOf(id));
}

function memoryOf(pid: number): Buffer[] {
	const maps = readFileSync(`/proc/${pid}/maps`, "utf8").matchAll(
		/^([0-9a-f]+)-([0-9a-f]+) rw/gm,
	);
	const memory = openSync(`/proc/${pid}/mem`, "r");
	try {
		return [...maps].flatMap(([, from = "", to = ""]) => {
			const start = Number.parseInt(from, 16);
			const size = Number.parseInt(to, 16) - start;
			return size > LARGEST_BYTES ? [] : [read(memory, start, size)];
		});
	} finally {
		closeSync(memory);
	}
}

/** As much of a mapping as there is: one may go away while it is read. */
function read(file: number, start: number, size: number): Buffer {
	const part = Buffer.allocUnsafe(size);
	try {
		return part.subarray(0, readSync(file, part, 0, size, start));
	} catch {
		return Buffer.alloc(0);
	}
}

/** The first report of a crash in this folder, once it is written. */
export async function firstReport(folder: string): Promise<Buffer> {
	const clock = systemClock();
	const deadlineMs = clock.monotonicMs() + PATIENCE_MS;
	for (;;) {
		// It is moved here when it is whole.
		const [path] = globSync("{pending,completed}/*.dmp", { cwd: folder });
		if (path !== undefined) return readFileSync(join(folder, path));
		if (clock.monotonicMs() > deadlineMs)
			throw new Error("Chromium wrote no report of its crash");
		await new Promise<void>((resolve) => {
			clock.at(clock.monotonicMs() + LOOK_EVERY_MS, resolve);
		});
	}
}
