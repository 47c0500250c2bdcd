// A quiet demo fleet in the test's own process, whose agents do only what the test submits, and `foredeck serve` on it as a
// program of its own, for tests in a browser.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { systemClock } from "../../shared/clock.ts";
import type { Outcome } from "../demo/aptOutput.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { writeFleet } from "../demo/write.ts";
import type { RunningCommand } from "./demo.ts";
import { startForedeck } from "./demo.ts";

export interface ServedFleet {
	readonly fleet: DemoFleet;
	/** Ids of the hosts. */
	readonly hosts: readonly string[];
	/** The console that runs now; it is another one after `restart`. */
	readonly served: RunningCommand;
	/** A place in the test's own folder; the console's data is in `data` there. */
	at(name: string): string;
	/** An agent installs a package: it takes `runMs` and ends so. */
	submit(host: string, outcome: Outcome, runMs: number, what?: string): void;
	/** Ends the console and starts another one on the same data. */
	restart(): Promise<RunningCommand>;
	/** Everything ended, and the folder gone. */
	stop(): Promise<void>;
}

/** @throws when the fleet's files cannot be written, or the console ends before it has an address. */
export async function startServedFleet(hosts: number): Promise<ServedFleet> {
	const folder = mkdtempSync(join(tmpdir(), "foredeck-served-"));
	const at = (name: string): string => join(folder, name);
	const fleet = await startDemoFleet({
		hosts,
		seed: 1,
		port: 0,
		dialect: "new",
		jobs: false,
		clock: systemClock(),
	});
	const written = await writeFleet(fleet, folder);
	if (!written.ok) throw new Error(written.fault.sentence);
	const serve = (): Promise<RunningCommand> =>
		startForedeck(
			[
				...["serve", "--no-open", "--fleet", at("fleet.json")],
				...["--cert", at("client.pem"), "--key", at("client.key")],
				...["--ca", at("ca.pem")],
			],
			{ ...process.env, FOREDECK_DATA: at("data") },
		);
	let served = await serve();
	return {
		fleet,
		hosts: fleet.fleetFile.hosts.map(({ id }) => id),
		get served() {
			return served;
		},
		at,
		submit(host, outcome, runMs, what = "curl") {
			fleet.agent(host).submit({
				operation: "install",
				packages: [what],
				startAfterMs: 0,
				runMs,
				outcome,
			});
		},
		async restart() {
			await served.stop();
			served = await serve();
			return served;
		},
		async stop() {
			await served.stop();
			await fleet.stop();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** What the page complains of from now on: warnings and errors of its console, and what nobody caught. */
export function complaintsOf(page: Page): string[] {
	const complaints: string[] = [];
	page.on("console", (message) => {
		if (message.type() === "error" || message.type() === "warning")
			complaints.push(message.text());
	});
	page.on("pageerror", (error) => complaints.push(error.message));
	return complaints;
}
