// A program for tests: boots the built Electron app under plain Node against the double of Electron, looks at the demo
// fleet as the page would, quits, and prints what happened as one line of JSON. Arguments are the app's own.
import { client } from "../../shared/bridge.ts";
import type { FleetFrame } from "../../shared/delta.ts";
import { installElectronDouble } from "./electronDouble.ts";

/** What is printed. */
export interface BootReport {
	readonly deeds: readonly string[];
	readonly windowOptions: readonly Record<string, unknown>[];
	readonly required: readonly string[];
	readonly session: unknown;
	/** Of the first snapshot that the page received. */
	readonly hosts: number;
	readonly refusedAddressStatus: number;
	readonly exitCode: number;
	readonly quitMs: number;
}

async function boot(): Promise<BootReport> {
	const electron = installElectronDouble();
	await import(new URL("../../dist/electron/main.mjs", import.meta.url).href);
	const exposed = await electron.page;
	const core = client({ ...exposed, close: () => {} });
	const snapshot = new Promise<FleetFrame>((resolve) =>
		core.subscribe("fleet", resolve),
	);
	const session = await core.ask("session.read", {});
	await core.ask("fleet.resync", {});
	const frame = await snapshot;
	const refused = await electron.fetch("app://console/..%2f..%2fpackage.json");
	electron.secondStart("foredeck://v1/jobs/j-1/host/db-07");
	electron.secondStart("foredeck://v1/jobs/../../etc");
	// The place is shown by a load, which ends later than the start.
	while (electron.deeds.filter((deed) => deed.startsWith("load ")).length < 2)
		await new Promise(setImmediate);
	const quitAt = performance.now();
	electron.quit();
	const exitCode = await electron.exit;
	return {
		deeds: electron.deeds,
		windowOptions: electron.windowOptions,
		required: electron.required,
		session,
		hosts: frame.kind === "snapshot" ? frame.hosts.length : -1,
		refusedAddressStatus: refused.status,
		exitCode,
		quitMs: performance.now() - quitAt,
	};
}

console.log(JSON.stringify(await boot()));
