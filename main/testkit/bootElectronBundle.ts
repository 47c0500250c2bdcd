// A program for tests: boots the built Electron app under plain Node against the double of Electron, looks at the demo
// fleet as the page would, quits, and prints what happened as one line of JSON. Arguments are the app's own.
import { client } from "../../shared/bridge.ts";
import type { FleetFrame } from "../../shared/delta.ts";
import type { ElectronDouble } from "./electronDouble.ts";
import { installElectronDouble } from "./electronDouble.ts";
import type { Probes } from "./probeElectron.ts";
import { probe } from "./probeElectron.ts";
import type { TrayDouble } from "./trayDouble.ts";

/** What is printed. */
export interface BootReport {
	readonly deeds: readonly string[];
	readonly windowOptions: readonly Record<string, unknown>[];
	readonly required: readonly string[];
	readonly session: unknown;
	readonly probes: Probes;
	/** Of the first snapshot that the page received. */
	readonly hosts: number;
	readonly refusedAddressStatus: number;
	/** The tray when the first dials were over. */
	readonly tray: Omit<TrayDouble, "choose"> | null;
	/** It was taken out of the tray at the end. */
	readonly trayGone: boolean;
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
	const probes = await probe(electron);
	const refused = await electron.fetch("app://console/..%2f..%2fpackage.json");
	electron.secondStart("foredeck://v1/jobs/j-1/host/db-07");
	electron.secondStart("foredeck://v1/jobs/../../etc");
	// The place is shown by a load, which ends later than the start.
	while (electron.deeds.filter((deed) => deed.startsWith("load ")).length < 2)
		await new Promise(setImmediate);
	const tray = await settledTray(electron);
	// As a person quits from the tray.
	const quitAt = performance.now();
	electron.tray?.choose("Quit Foredeck");
	const exitCode = await electron.exit;
	return {
		deeds: electron.deeds,
		windowOptions: electron.windowOptions,
		required: electron.required,
		session,
		probes,
		hosts: frame.kind === "snapshot" ? frame.hosts.length : -1,
		refusedAddressStatus: refused.status,
		tray,
		trayGone: electron.tray?.isDestroyed ?? false,
		exitCode,
		quitMs: performance.now() - quitAt,
	};
}

/** The tray once the first dials are over. */
async function settledTray(
	electron: ElectronDouble,
): Promise<BootReport["tray"]> {
	while (electron.tray?.tooltip.includes("connecting to"))
		await new Promise(setImmediate);
	if (electron.tray === null) return null;
	const { picture, tooltip, labels, isDestroyed } = electron.tray;
	return { picture, tooltip, labels, isDestroyed };
}

console.log(JSON.stringify(await boot()));
