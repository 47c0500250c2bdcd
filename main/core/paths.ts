// Where Foredeck keeps things (04-INTERFACES section 5): the system's conventions, or everything under --data DIR.
import { join } from "node:path";
import envPaths from "env-paths";

export interface Paths {
	/** The fleet file of a profile. */
	fleetFile(profile: string): string;
	/** Changes whenever an identity is imported or removed; says nothing else. */
	readonly identityMark: string;
	/** Where the window was. */
	readonly windowState: string;
	/** Folder of what is kept besides settings. */
	readonly data: string;
	/** What updates remember; see update/keep.ts. */
	readonly updateMemory: string;
	/** What was notified, of a profile. */
	notes(profile: string): string;
}

export function foredeckPaths(dataDir: string | undefined): Paths {
	const system = envPaths("foredeck", { suffix: "" });
	const config = dataDir ?? system.config;
	const data = dataDir ?? system.data;
	return {
		data,
		windowState: join(data, "window.json"),
		updateMemory: join(data, "update.json"),
		fleetFile: (profile) => join(config, "profiles", profile, "fleet.json"),
		notes: (profile) =>
			join(
				dataDir ?? system.data,
				`notify-${encodeURIComponent(profile)}.json`,
			),
		identityMark: join(config, "identities.changed"),
	};
}
