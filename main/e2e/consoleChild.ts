// A console in a process of its own that can be killed: given a file with its fleet and identity and where it keeps things, it
// prints every job event and every note that is shown aloud, one JSON object a line.
import { readFileSync, writeSync } from "node:fs";
import { systemClock } from "../../shared/clock.ts";
import { openConsole } from "../core/console.ts";
import type { HostEntry } from "../core/fleet/target.ts";
import { openHistory } from "../core/history/openHistory.ts";
import { openKeptNotes } from "../core/notify/keptNotes.ts";
import type { Identity } from "../core/ports.ts";
import { openMemoryVault } from "../vault/memory.ts";

/** What a child is told. */
export interface ChildConsole {
	readonly entries: readonly HostEntry[];
	readonly identity: Identity | null;
	readonly history: string;
	readonly notes: string;
}

const { entries, identity, history, notes } = JSON.parse(
	readFileSync(process.argv[2] ?? "", "utf8"),
) as ChildConsole;
const print = (line: object): void =>
	void writeSync(1, `${JSON.stringify(line)}\n`);

const console = openConsole(
	{
		version: "0.0.0-test",
		shell: "node",
		demo: false,
		inventory: { name: "test", hosts: entries },
		identity,
		fault: null,
		history: openHistory(history, () => {}),
		notify: {
			...openKeptNotes(notes, () => {}),
			present(effect) {
				if (effect.kind === "show" && effect.manner === "aloud")
					print({ note: effect.note.kind });
			},
		},
	},
	{
		clock: systemClock(),
		log: () => {},
		random: Math.random,
		vault: openMemoryVault(),
	},
);
console.listen({
	activity(line) {
		if (line.kind === "job") print({ job: line.jobId, counts: line.counts });
	},
});
