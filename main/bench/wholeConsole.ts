// The product without a shell: openConsole with a fleet and a history in a file, and one window that acknowledges each frame
// and does nothing else.
// (What a window does with a frame is the window's work, in another process in the product, and is not counted here.)
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryPipe } from "../../shared/bridge.ts";
import { systemClock } from "../../shared/clock.ts";
import { CONTRACT_VERSION } from "../../shared/contract.ts";
import { hostId } from "../../shared/model.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import type { HostEntry } from "../core/fleet/target.ts";
import type { HistoryPort } from "../core/history/kept.ts";
import { openHistory } from "../core/history/openHistory.ts";
import { openMemoryVault } from "../vault/memory.ts";
import { identityOf } from "./identity.ts";
import type { ConnectOrder } from "./orders.ts";
import { SERVERNAME } from "./orders.ts";
import type { OpenRole } from "./role.ts";
import { openTally, portOf } from "./role.ts";

const LOOK_EVERY_MS = 100;

const entriesOf = ({ ports }: ConnectOrder, many: number): HostEntry[] =>
	Array.from({ length: many }, (_, index) => ({
		id: hostId(`host-${index}`),
		address: "127.0.0.1",
		port: portOf(ports, index),
		servername: SERVERNAME,
		minTls: "1.2",
		labels: { role: "bench" },
	}));

const FRAME_ID = /"id":(\d+)/;

/** The id of a frame stands in its first characters (shared/bridge.ts). */
function attachWindow(core: Console): void {
	const [mine, theirs] = memoryPipe();
	mine.onMessage((message) => {
		const id = Number(FRAME_ID.exec(message.slice(0, 80))?.[1]);
		mine.send(JSON.stringify({ v: CONTRACT_VERSION, kind: "ack", id }));
	});
	core.attach(theirs);
}

/** A new one on the disk, as a profile has it; it goes with this process. */
function openTemporaryHistory(): HistoryPort {
	const folder = mkdtempSync(join(tmpdir(), "foredeck-bench-"));
	process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
	return openHistory(join(folder, "history.db"), () => {});
}

export const openWholeConsole: OpenRole = (order) => {
	const clock = systemClock();
	const core = openConsole(
		{
			version: "0.0.0",
			shell: "node",
			demo: false,
			inventory: { name: "bench", hosts: [] },
			identity: identityOf(order.client),
			fault: null,
			history: openTemporaryHistory(),
		},
		{ clock, log: () => {}, random: Math.random, vault: openMemoryVault() },
	);
	attachWindow(core);
	const tally = openTally();
	core.listen({
		activity(event) {
			if (event.kind === "host" && event.status === "succeeded") tally.add();
		},
	});
	const isReady = (many: number): boolean =>
		core.fleet.channels().live === many &&
		[...core.fleet.members()].every(
			(member) => member.hasReported() && member.row().os !== null,
		);
	return {
		async connect(upTo) {
			core.fleet.apply(entriesOf(order, upTo));
			while (!isReady(upTo))
				await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
		},
		taken: ({ runsEnded }) => tally.reached(runsEnded),
		open: () => core.fleet.channels().live,
	};
};
