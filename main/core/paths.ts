// Where Foredeck keeps things (04-INTERFACES section 5): the system's conventions, or everything under --data DIR.
import { join } from "node:path";
import envPaths from "env-paths";

export interface Paths {
	/** The fleet file of a profile. */
	fleetFile(profile: string): string;
	/** Changes whenever an identity is imported or removed; says nothing else. */
	readonly identityMark: string;
	/** What a person set. */
	readonly settings: string;
	/** Where the window was. */
	readonly windowState: string;
	/** Is there once a person was told that closing the window does not end Foredeck. */
	readonly closingTold: string;
	/** Folder of what is kept besides settings. */
	readonly data: string;
	/** What updates remember; see update/keep.ts. */
	readonly updateMemory: string;
	/** What was notified, of a profile. */
	notes(profile: string): string;
	/** Jobs and what was known of hosts, of a profile; SQLite keeps two more files beside it. */
	history(profile: string): string;
}

export function foredeckPaths(dataDir: string | undefined): Paths {
	const system = envPaths("foredeck", { suffix: "" });
	const config = dataDir ?? system.config;
	const data = dataDir ?? system.data;
	return {
		data,
		settings: join(config, "settings.json"),
		windowState: join(data, "window.json"),
		closingTold: join(data, "closing.told"),
		updateMemory: join(data, "update.json"),
		fleetFile: (profile) => join(config, "profiles", profile, "fleet.json"),
		notes: (profile) =>
			join(
				dataDir ?? system.data,
				`notify-${encodeURIComponent(profile)}.json`,
			),
		history: (profile) =>
			join(data, `history-${encodeURIComponent(profile)}.sqlite`),
		identityMark: join(config, "identities.changed"),
	};
}
