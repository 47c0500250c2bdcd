// The session-only vault: identities live in this process's memory and are gone when it ends. It is what Foredeck uses
// where there is no keychain, and it says so. Never a file.
import { failed, fault, ok } from "../../shared/fault.ts";
import type { Identity, Vault } from "../core/ports.ts";
import { profileNameFault } from "./profileName.ts";

/** Opens an empty vault in memory. */
export function openMemoryVault(): Vault {
	const identities = new Map<string, Identity>();
	return {
		state: async () =>
			ok({
				kind: "session",
				sentence:
					"identities are kept in memory and are forgotten when Foredeck ends",
			}),
		async get(profile) {
			const why = profileNameFault(profile);
			if (why !== null) return failed(why);
			const identity = identities.get(profile);
			return identity === undefined
				? failed(fault("identity.absent"))
				: ok(identity);
		},
		async set(profile, identity) {
			const why = profileNameFault(profile);
			if (why !== null) return failed(why);
			identities.set(profile, identity);
			return ok(undefined);
		},
		async remove(profile) {
			const why = profileNameFault(profile);
			if (why !== null) return failed(why);
			return identities.delete(profile)
				? ok(undefined)
				: failed(fault("identity.absent"));
		},
		list: async () =>
			ok(
				[...identities].map(([profile, { facts }]) => ({
					profile,
					facts,
					fault: null,
				})),
			),
	};
}
