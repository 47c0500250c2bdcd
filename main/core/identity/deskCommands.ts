// The commands of a window that are about identities: facts go out, and nothing else of an identity does.
import type { Handlers } from "../../../shared/bridge.ts";
import type { Answer } from "../../../shared/contract.ts";
import type { Fault } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { Identity, IdentityFacts } from "../ports.ts";
import type { IdentityDesk } from "./desk.ts";
import { identityNotes } from "./notes.ts";

export type IdentityHandlers = Pick<
	Handlers,
	| "identity.list"
	| "identity.import"
	| "identity.offerRemoval"
	| "identity.remove"
>;

type Shown = NonNullable<Answer<"identity.list">["inUse"]>;
type CrossingFault = NonNullable<Answer<"identity.list">["fault"]>;

/** @param desk null: this console has none, as in the demo; what is in use is shown all the same. */
export function identityHandlers(
	desk: IdentityDesk | null,
	inUse: () => Identity | null,
): IdentityHandlers {
	const current = (): Shown | null => {
		const identity = inUse();
		return identity === null ? null : shownIdentity(identity);
	};
	return {
		async "identity.list"() {
			const here = {
				inUse: current(),
				canImport: desk?.canImport ?? false,
				canRemove: desk !== null,
			};
			const listed = await desk?.list();
			if (listed === undefined)
				return ok({ ...here, stored: [], vault: null, fault: null });
			if (!listed.ok) {
				const why = crossing(listed.fault);
				return ok({ ...here, stored: [], vault: null, fault: why });
			}
			const { rows, state } = listed.value;
			const stored = rows.map((row) => ({
				profile: row.profile,
				identity: row.facts === null ? null : shown(row.facts, []),
				fault: row.fault === null ? null : crossing(row.fault),
			}));
			return ok({ ...here, stored, vault: { ...state }, fault: null });
		},
		async "identity.import"() {
			if (desk === null) return failed(NO_DESK);
			const done = await desk.import();
			if (!done.ok) return done;
			const imported = done.value === null ? null : shownIdentity(done.value);
			return ok({ imported });
		},
		async "identity.offerRemoval"({ profile }) {
			return desk === null ? failed(NO_DESK) : desk.offerRemoval(profile);
		},
		async "identity.remove"({ profile, nonce }) {
			if (desk === null) return failed(NO_DESK);
			const removed = await desk.remove(profile, nonce);
			return removed.ok ? ok({}) : removed;
		},
	};
}

const NO_DESK = fault("input.invalid", {
	sentence: "the identity of the demo cannot be changed",
	nextStep: "Start Foredeck on a fleet of your own.",
});

const shownIdentity = (identity: Identity): Shown =>
	shown(identity.facts, identityNotes(identity));

/** Field by field, so that nothing that is added to an identity crosses by itself. */
const shown = (
	{
		subject,
		issuer,
		names,
		keyKind,
		fingerprint256,
		validFrom,
		expiresAt,
		home,
	}: IdentityFacts,
	notes: string[],
): Shown => ({
	subject,
	issuer,
	names: [...names],
	keyKind,
	fingerprint256,
	validFrom,
	expiresAt,
	home,
	notes,
});

/** A fault as the contract's mutable shape; the same values. */
const crossing = (why: Fault): CrossingFault =>
	structuredClone(why) as CrossingFault;
