// `foredeck agents`: only the demo agents, their files in a folder, one line for each job that ended, until told to stop.
import type { Clock } from "../../shared/clock.ts";
import { type Fault, FaultError, fault } from "../../shared/fault.ts";
import type { JobTruth } from "./account.ts";
import type { Dialect } from "./dialect.ts";
import { type FaultPlan, patternsWithoutHost, readFaults } from "./faults.ts";
import { type DemoFleet, startDemoFleet } from "./fleet.ts";
import { writeFleet } from "./write.ts";

export interface AgentsOptions {
	readonly hosts: number;
	readonly seed: number;
	readonly port: number;
	readonly dialect?: Dialect | undefined;
	/** Path of a faults file. */
	readonly faults?: string | undefined;
	/** Folder for the files. */
	readonly out: string;
	/** Jobs run this many times faster; default 1. */
	readonly speed?: number | undefined;
	readonly clock: Clock;
	/** Aborted on SIGINT or SIGTERM. */
	readonly signal: AbortSignal;
}

/** Where lines go; each without its line end. */
export interface AgentsOutput {
	out(line: string): void;
	err(line: string): void;
}

/** Runs until the signal. @returns the exit code: 0, or 1 when it could not start. */
export async function runAgents(
	options: AgentsOptions,
	io: AgentsOutput,
): Promise<number> {
	let fleet: DemoFleet;
	try {
		fleet = await start(options, io);
	} catch (error) {
		if (!(error instanceof FaultError)) throw error;
		io.err(sayFault(error.fault));
		return 1;
	}
	try {
		const written = await writeFleet(fleet, options.out);
		if (!written.ok) {
			io.err(sayFault(written.fault));
			return 1;
		}
		fleet.onJobEnded((job) => io.out(`job ${job.label} ended: ${tally(job)}`));
		io.out("ready");
		await aborted(options.signal);
		return 0;
	} finally {
		await fleet.stop();
	}
}

async function start(
	options: AgentsOptions,
	io: AgentsOutput,
): Promise<DemoFleet> {
	let faults: FaultPlan | undefined;
	if (options.faults !== undefined) {
		const read = await readFaults(options.faults);
		if (!read.ok) throw new FaultError(read.fault);
		faults = read.value;
	}
	const fleet = await startDemoFleet({ ...options, faults });
	if (faults === undefined) return fleet;
	const ids = fleet.agents.map(({ id }) => id);
	for (const pattern of patternsWithoutHost(faults, ids)) {
		const words = `no host fits "${pattern}" of the faults file`;
		io.err(sayFault(fault("faults.invalid", { sentence: words })));
	}
	return fleet;
}

const sayFault = ({ code, sentence }: Fault): string =>
	`foredeck: ${sentence} [${code}]`;

/** Words of a tally, in the order in which people read it. */
const TALLY: readonly (readonly [
	string,
	(host: { state: string; rebooted: boolean }) => boolean,
])[] = [
	["rebooted", (host) => host.rebooted],
	["succeeded", (host) => host.state === "succeeded"],
	["failed", (host) => !host.rebooted && host.state === "failed"],
	["timed out", (host) => host.state === "timed_out"],
	["cancelled", (host) => host.state === "cancelled"],
	["lost", (host) => !host.rebooted && host.state === "lost"],
	["unknown", (host) => host.state === "unknown"],
];

/** `48 succeeded, 2 failed`; what is none is not said. */
export function tally(job: Pick<JobTruth, "hosts">): string {
	const hosts = [...job.hosts.values()];
	const parts = TALLY.map(
		([word, is]) => [hosts.filter(is).length, word] as const,
	)
		.filter(([count]) => count > 0)
		.map(([count, word]) => `${count} ${word}`);
	return parts.join(", ") || "no hosts";
}

function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return Promise.resolve();
	return new Promise((resolve) =>
		signal.addEventListener("abort", () => resolve(), { once: true }),
	);
}
