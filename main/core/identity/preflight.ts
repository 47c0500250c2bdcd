// Whether dialing with an identity can work at all: told before anything is dialed, so that no agent sees a certificate
// that it must refuse.
import type { Fault } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import type { Identity } from "../ports.ts";

/** Null: go. `broken` is why TLS cannot use it, when that is known. */
export function identityFault(
	identity: Identity | null,
	broken: Fault | null,
	wallMs: number,
): Fault | null {
	if (identity === null) return fault("identity.absent");
	if (broken !== null) return broken;
	const { expiresAt } = identity.facts;
	if (expiresAt > wallMs) return null;
	const day = new Date(expiresAt).toISOString().slice(0, 10);
	return fault("tls.client-expired", {
		sentence: `your client certificate expired on ${day}`,
	});
}
