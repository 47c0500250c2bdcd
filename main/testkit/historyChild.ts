// A process of its own that fills a history without a pause until it is killed: agents that nobody sees tell a real job book,
// a real recorder writes it down, and every row that is said to be kept is printed at once.
import { writeSync } from "node:fs";
import { systemClock } from "../../shared/clock.ts";
import type { RunState } from "../../shared/model.ts";
import { agentJobId, hostId, runKey } from "../../shared/model.ts";
import { openHistory } from "../core/history/openHistory.ts";
import { openRecorder } from "../core/history/recorder.ts";
import { openJobBook } from "../core/jobs/book.ts";
import { keptHost } from "./historyRows.ts";
import { seededRandom } from "./seededRandom.ts";

const [path = "", seed = "1"] = process.argv.slice(2);
const HOSTS = 40;
const RUNS = 60;
const STEPS_A_TURN = 40;
const STATES: readonly RunState[] = [
	"queued",
	"running",
	"running",
	"succeeded",
	"failed",
	"cancelled",
];

const random = seededRandom(Number(seed));
const below = (most: number): number => Math.floor(random() * most);
const clock = systemClock();
const history = openHistory(path, (_level, message, more) => {
	throw new Error(`${message}: ${JSON.stringify(more)}`);
});
const recorder = openRecorder({
	clock,
	history,
	book: { toKeep: (key) => book.toKeep(key) },
	host: (id) => keptHost(id),
	hosts: () => [],
	onFault(why) {
		throw new Error(why.sentence);
	},
	onKept({ runs }) {
		const lines = runs.map(({ run }) =>
			JSON.stringify([
				run.hostId,
				run.agentJobId,
				run.state,
				run.changedAt,
				run.jobId,
			]),
		);
		if (lines.length > 0) writeSync(1, `${lines.join("\n")}\n`);
	},
});
const book = openJobBook({
	wallMs: clock.wallMs,
	onActivity(line) {
		if (line.kind === "host")
			recorder.told(runKey(line.hostId, line.agentJobId));
	},
	onTouched(kind, key) {
		if (kind === "run") recorder.touchRun(key as never);
	},
});
book.restore(history.load(0, HOSTS * RUNS).jobs.toReversed());

function turn(): void {
	for (let step = 0; step < STEPS_A_TURN; step++) {
		const host = hostId(`web-${below(HOSTS)}`);
		const run = below(RUNS);
		const state = STATES[below(STATES.length)] ?? "running";
		const receivedAt = clock.wallMs();
		book.applyDetail(
			host,
			{
				agentJobId: agentJobId(`run-${run}`),
				state,
				rawStatus: state,
				operation: "patchapply",
				packages: [`package-${run % 7}`],
				createdAt: 1_800_000_000_000 + (run % 7) * 600_000,
				completedAt: null,
				errorCode: null,
				parentJobId: null,
				parentLabel: null,
				progress: null,
				message: "x".repeat(below(400)),
				error: state === "failed" ? "E: no" : null,
				exitCode: null,
				logs: [],
				stdout: "",
				stderr: "",
				leftOut: 0,
			},
			{ source: "reconcile", receivedAt, skewMs: 0 },
		);
	}
	clock.at(clock.monotonicMs(), turn);
}
turn();
