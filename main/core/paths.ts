// Where Foredeck keeps things (04-INTERFACES section 5): the system's conventions, or everything under --data DIR.
import { join } from "node:path";
import envPaths from "env-paths";

export interface Paths {
	/** The fleet file of a profile. */
	fleetFile(profile: string): string;
	/** Changes whenever an identity is imported or removed; says nothing else. */
	readonly identityMark: string;
}

export function foredeckPaths(dataDir: string | undefined): Paths {
	const config = dataDir ?? envPaths("foredeck", { suffix: "" }).config;
	return {
		fleetFile: (profile) => join(config, "profiles", profile, "fleet.json"),
		identityMark: join(config, "identities.changed"),
	};
}
