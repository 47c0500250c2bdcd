// What a person may do with identities from a window: see them, import one through a dialog of the shell, remove one after
// confirming. The window names neither a path nor a passphrase, and gets facts only.
import { randomBytes } from "node:crypto";
import type { Clock } from "../../../shared/clock.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { Identity, ListedIdentity, Vault, VaultState } from "../ports.ts";
import type { AskSecret, IdentityChoice } from "./openIdentityFiles.ts";
import { openIdentityFilesAsking } from "./openIdentityFiles.ts";
import { identityFault } from "./preflight.ts";
import type { OpenVault } from "./profileIdentity.ts";

/** Dialogs of a shell that has them. */
export interface IdentityDialogs {
	/** A path that a person chose; null: they changed their mind. */
	chooseFile(
		title: string,
		what?: "identity" | "inventory",
	): Promise<string | null>;
	/** Asks outside of the window that shows the fleet; null: nobody can be asked here. */
	readonly askSecret: AskSecret | null;
}

export interface DeskOptions {
	readonly clock: Clock;
	readonly openVault: OpenVault;
	readonly profile: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Absent: this shell has none, and the command line imports. */
	readonly dialogs?: IdentityDialogs;
	/** The vault holds something else now. */
	readonly changed: () => void;
	/** Uses an identity that could not be stored for as long as this process lives. */
	readonly keepForNow: (identity: Identity) => void;
}

/** What a removal asks a person. */
export interface RemovalOffer {
	readonly nonce: string;
	readonly sentence: string;
}

export interface IdentityDesk {
	readonly canImport: boolean;
	list(): Promise<
		Result<{
			readonly state: VaultState;
			readonly rows: readonly ListedIdentity[];
		}>
	>;
	/** The identity that is used from now on; null when the person chose nothing. Where there is no keychain it is kept in memory, and its facts say so. */
	import(): Promise<Result<Identity | null>>;
	/** `identity.absent` when there is none of that name. */
	offerRemoval(profile: string): Promise<Result<RemovalOffer>>;
	/** `input.invalid` without a nonce of `offerRemoval` for this profile, younger than a minute and not used yet. */
	remove(profile: string, nonce: string): Promise<Result<void>>;
}

/** What is told of an identity that lies there. */
export const KEYCHAIN_HOME = "OS keychain";
const MEMORY_HOME = "memory, until Foredeck ends";
const OFFER_MS = 60_000;

/**
 * Checks an identity as for a dial and stores it as the profile's. Beyond the vault's faults: `tls.client-expired`, because an
 * identity that no agent takes now would put an end to a profile that works.
 */
export async function storeIdentity(
	vault: Vault,
	profile: string,
	identity: Identity,
	clock: Clock,
): Promise<Result<Identity>> {
	const why = identityFault(identity, null, clock.wallMs());
	if (why !== null) return failed(why);
	const facts = { ...identity.facts, home: KEYCHAIN_HOME };
	const stored = await vault.set(profile, { ...identity, facts });
	return stored.ok ? ok({ ...identity, facts }) : stored;
}

export function openIdentityDesk(options: DeskOptions): IdentityDesk {
	const { clock, openVault, profile, env, dialogs, changed } = options;
	const forNow = (identity: Identity): Result<Identity> => {
		const why = identityFault(identity, null, clock.wallMs());
		if (why !== null) return failed(why);
		const facts = { ...identity.facts, home: MEMORY_HOME };
		const kept = { ...identity, facts };
		options.keepForNow(kept);
		return ok(kept);
	};
	let offer: { profile: string; nonce: string; untilMs: number } | null = null;
	const vaultThatKeeps = async (): Promise<Result<Vault>> => {
		const { vault, why } = await openVault();
		return why === null ? ok(vault) : failed(why);
	};
	return {
		canImport: dialogs !== undefined,
		async list() {
			const vault = await vaultThatKeeps();
			if (!vault.ok) return vault;
			const state = await vault.value.state();
			if (!state.ok) return state;
			const rows = await vault.value.list();
			return rows.ok ? ok({ state: state.value, rows: rows.value }) : rows;
		},
		async import() {
			if (dialogs === undefined) return failed(NO_DIALOG);
			const identity = await chosenIdentity(dialogs, env);
			if (identity === null) return ok(null);
			if (!identity.ok) return identity;
			const vault = await vaultThatKeeps();
			if (!vault.ok && vault.fault.code === "vault.missing")
				return forNow(identity.value);
			if (!vault.ok) return vault;
			const stored = await storeIdentity(
				vault.value,
				profile,
				identity.value,
				clock,
			);
			if (stored.ok) changed();
			return stored;
		},
		async offerRemoval(name) {
			const vault = await vaultThatKeeps();
			if (!vault.ok) return vault;
			const found = await vault.value.get(name);
			// One that is damaged can be removed too.
			if (!found.ok && found.fault.code !== "vault.damaged") return found;
			const nonce = randomBytes(16).toString("hex");
			const untilMs = clock.monotonicMs() + OFFER_MS;
			offer = { profile: name, nonce, untilMs };
			const whose = found.ok ? ` (${found.value.facts.subject})` : "";
			return ok({
				nonce,
				sentence: `Remove the identity of the profile ${name}${whose} from the keychain? Its key is not kept anywhere else by Foredeck.`,
			});
		},
		async remove(name, nonce) {
			const taken = offer;
			offer = null;
			const isOffered =
				taken !== null &&
				taken.profile === name &&
				taken.nonce === nonce &&
				clock.monotonicMs() <= taken.untilMs;
			if (!isOffered) return failed(NOT_CONFIRMED);
			const vault = await vaultThatKeeps();
			if (!vault.ok) return vault;
			const removed = await vault.value.remove(name);
			if (removed.ok) changed();
			return removed;
		},
	};
}

const NO_DIALOG = fault("identity.absent", {
	sentence: "this window cannot choose files",
	nextStep: "Import with: foredeck identity import --pfx FILE --ca FILE",
});
const NOT_CONFIRMED = fault("input.invalid", {
	sentence: "the removal was not confirmed, or too long ago",
	nextStep: "Ask for it again and confirm within a minute.",
});

/** One file with certificate and key, and the authority's where that one lacks it. Null: the person chose nothing. */
async function chosenIdentity(
	dialogs: IdentityDialogs,
	env: DeskOptions["env"],
): Promise<Result<Identity> | null> {
	const pfx = await dialogs.chooseFile(
		"Certificate and key in one file (PKCS#12 or PEM)",
	);
	if (pfx === null) return null;
	// A person is asked for one passphrase once, however many files they choose.
	const { askSecret } = dialogs;
	const answers: (string | null)[] = [];
	const ask: AskSecret = async (question, file) => {
		if (askSecret !== null && answers.length === 0)
			answers.push(await askSecret(question, file));
		return answers[0] ?? null;
	};
	const open = (choice: IdentityChoice): Promise<Result<Identity>> =>
		openForPerson(choice, env, ask);
	const identity = await open({ pfx });
	if (identity.ok) return identity;
	if (identity.fault.code === "identity.passphrase") {
		if (askSecret === null) return failed(withCommand(identity.fault));
		// Who closed the question changed their mind.
		return answers[0] === null ? null : identity;
	}
	if (identity.fault.code !== "identity.absent") return identity;
	const ca = await dialogs.chooseFile("The fleet’s authority (PEM or DER)");
	return ca === null ? null : open({ pfx, ca });
}

/** The environment's passphrase may be that of another file, which is no reason not to ask who sits there. */
async function openForPerson(
	choice: IdentityChoice,
	env: DeskOptions["env"],
	ask: AskSecret,
): Promise<Result<Identity>> {
	const first = await openIdentityFilesAsking(choice, env, ask);
	const isOfAnother =
		!first.ok &&
		first.fault.code === "identity.passphrase" &&
		(env.FOREDECK_PASSPHRASE ?? "") !== "";
	return isOfAnother ? openIdentityFilesAsking(choice, {}, ask) : first;
}

const withCommand = (why: Fault): Fault => ({
	...why,
	nextStep:
		"Import it in a terminal, which asks for the passphrase: foredeck identity import --pfx FILE",
});
