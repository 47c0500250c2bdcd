// The identity of the three files that a person named for this run. Says which of them was not named, before any is read.
import type { Result } from "../../../shared/fault.ts";
import { failed, fault } from "../../../shared/fault.ts";
import type { Identity } from "../ports.ts";
import { readIdentity } from "./fromFiles.ts";

/** Paths as given on the command line. */
export interface IdentityChoice {
	readonly cert?: string | undefined;
	readonly key?: string | undefined;
	readonly ca?: string | undefined;
}

/**
 * @param env holds FOREDECK_PASSPHRASE where the key has one.
 * @returns `identity.absent` when not all three were named, and the faults of `readIdentity`.
 */
export function openIdentityFiles(
	{ cert, key, ca }: IdentityChoice,
	env: Readonly<Record<string, string | undefined>>,
): Result<Identity> {
	if (cert === undefined && key === undefined && ca === undefined)
		return failed(fault("identity.absent"));
	if (cert === undefined || key === undefined || ca === undefined) {
		const missing = Object.entries({ "--cert": cert, "--key": key, "--ca": ca })
			.filter(([, path]) => path === undefined)
			.map(([name]) => name);
		return failed(
			fault("identity.absent", {
				sentence: `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`,
				nextStep: "Give --cert FILE, --key FILE and --ca FILE together.",
			}),
		);
	}
	const passphrase = env.FOREDECK_PASSPHRASE;
	return readIdentity({
		cert,
		key,
		ca,
		...(passphrase === undefined ? {} : { passphrase }),
	});
}
