// The process of the window's measures: the real core on a fleet in memory, behind the real browser shell with its WebSocket.
import { systemClock } from "../../shared/clock.ts";
import type { JobId } from "../../shared/model.ts";
import { agentJobId, hostId, runKey } from "../../shared/model.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import type { HostEntry } from "../core/fleet/target.ts";
import { startBrowserShell } from "../shell-node/browserShell.ts";
import { openMemoryVault } from "../vault/memory.ts";
import { answerParent } from "./child.ts";
import { identityOf } from "./identity.ts";
import type { WindowCoreCalls } from "./orders.ts";
import { SERVERNAME } from "./orders.ts";
import { FIRST_RUN, openWindowFleet } from "./windowFleet.ts";

const LOOK_EVERY_MS = 50;
const ROLES = ["web", "db", "cache", "queue", "edge"];
const SITES = ["fra", "iad", "sin"];

const fleet = openWindowFleet();
let core: Console | null = null;

const entriesOf = (many: number): HostEntry[] =>
	Array.from({ length: many }, (_, index) => {
		const role = ROLES[index % ROLES.length] ?? "web";
		const site = SITES[index % SITES.length] ?? "fra";
		return {
			id: hostId(`${role}-${site}-${index}`),
			address: `${role}-${site}-${index}.fleet.test`,
			port: 12_443,
			servername: SERVERNAME,
			minTls: "1.2",
			labels: { role, site },
		};
	});

/** The job of the first live runs; null before every host is live and told what it has. */
function firstJob({ fleet, book }: Console, many: number): JobId | null {
	if (fleet.channels().live < many) return null;
	let job: JobId | null = null;
	for (const member of fleet.members()) {
		const { id, os } = member.row();
		const run = book.runs.get(runKey(id, agentJobId(FIRST_RUN)));
		if (!member.hasReported() || os === null || run === undefined) return null;
		job = run.jobId;
	}
	return job !== null && book.jobs.has(job) ? job : null;
}

answerParent({
	async open({ hosts, client }) {
		const clock = systemClock();
		core = openConsole(
			{
				version: "0.0.0",
				shell: "node",
				demo: false,
				inventory: { name: "bench", hosts: entriesOf(hosts) },
				identity: identityOf(client),
				fault: null,
			},
			{ clock, log: () => {}, random: Math.random, vault: openMemoryVault() },
			() => fleet.wire,
		);
		const shell = await startBrowserShell(core, {
			host: "127.0.0.1",
			port: 0,
			tls: null,
			version: "0.0.0",
		});
		if (!shell.ok) throw new Error(shell.fault.sentence);
		return { address: shell.value.address };
	},
	async ready({ hosts }) {
		for (;;) {
			const job = core === null ? null : firstJob(core, hosts);
			if (job !== null) return { job };
			await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
		}
	},
	pace: ({ eventsPerSecond }) => fleet.pace(eventsPerSecond),
	hush: () => fleet.hush(),
	look: ({ hosts }) => fleet.look(hosts),
	count: () => ({ sent: fleet.sent }),
} satisfies WindowCoreCalls);
