// Whether dialing with an identity can work at all: told before anything is dialed, so that no agent sees a certificate
// that it must refuse.
import type { Fault } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import type { Identity } from "../ports.ts";

/** A certificate that was issued a moment ago, by a clock ahead of ours, is the agents' to judge by theirs. */
const CLOCKS_APART_MS = 300_000;

/** Null: go. `broken` is why TLS cannot use it, when that is known. */
export function identityFault(
	identity: Identity | null,
	broken: Fault | null,
	wallMs: number,
): Fault | null {
	if (identity === null) return fault("identity.absent");
	if (broken !== null) return broken;
	const { validFrom, expiresAt } = identity.facts;
	if (validFrom > wallMs + CLOCKS_APART_MS)
		return fault("tls.client-expired", {
			sentence: `your client certificate is only valid from ${dayOf(validFrom)}`,
			nextStep:
				"Check this computer’s clock; if it is right, import an identity that is valid now.",
		});
	if (expiresAt > wallMs) return null;
	return fault("tls.client-expired", {
		sentence: `your client certificate expired on ${dayOf(expiresAt)}`,
	});
}

const dayOf = (epochMs: number): string =>
	new Date(epochMs).toISOString().slice(0, 10);
