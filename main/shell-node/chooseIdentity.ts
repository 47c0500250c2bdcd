// Whose identity a command connects with: the files that were named for this run, else the vault's of the profile.
import type { Clock } from "../../shared/clock.ts";
import type { Result } from "../../shared/fault.ts";
import type { Console } from "../core/console.ts";
import { readChangeMark } from "../core/identity/changeMark.ts";
import type { IdentityChoice } from "../core/identity/openIdentityFiles.ts";
import {
	isNamed,
	openIdentityFilesAsking,
} from "../core/identity/openIdentityFiles.ts";
import type { IdentityWatch } from "../core/identity/profileIdentity.ts";
import {
	profileIdentity,
	watchIdentity,
} from "../core/identity/profileIdentity.ts";
import type { Identity, Vault } from "../core/ports.ts";
import { openMemoryVault } from "../vault/memory.ts";
import type { Io } from "./io.ts";

/** A person who waits for one answer has time to type the keychain's password. */
export const ASKED_PATIENCE_MS = 60_000;
/** A console is shown soon; what the keychain says later is taken over then. */
export const SHOWN_PATIENCE_MS = 5_000;

export interface ChosenIdentity {
	readonly identity: Result<Identity>;
	/** Files were named, so that the vault is not asked. */
	readonly isNamed: boolean;
	readonly vault: Vault;
	/** Asks again. */
	readonly read: () => Promise<Result<Identity>>;
	/** Changes when another process of ours imports or removes one; absent for files. */
	readonly revision?: () => string;
}

export interface IdentityOptions extends IdentityChoice {
	readonly profile?: string | undefined;
	readonly data?: string | undefined;
}

export async function chooseIdentity(
	options: IdentityOptions,
	io: Io,
	clock: Clock,
	patienceMs: number,
): Promise<ChosenIdentity> {
	if (isNamed(options)) {
		// A file that is read again later must not ask again.
		let asked: Promise<string | null> | null = null;
		const ask = (question: string): Promise<string | null> => {
			asked ??= io.askSecret(question);
			return asked;
		};
		const read = () => openIdentityFilesAsking(options, io.env, ask);
		const identity = await read();
		return { identity, isNamed: true, vault: openMemoryVault(), read };
	}
	let vault: Vault = openMemoryVault();
	const read = (): Promise<Result<Identity>> =>
		profileIdentity(async () => {
			const choice = await io.openVault(clock, patienceMs);
			vault = choice.vault;
			return choice;
		}, options.profile);
	const revision = (): string => readChangeMark(options.data);
	const identity = await read();
	return { identity, isNamed: false, vault, read, revision };
}

/** Gives a console its identity when the vault can be asked again, and another one that was imported or renewed meanwhile. */
export const followVault = (
	console: Console,
	{ identity, read, revision }: ChosenIdentity,
	clock: Clock,
): IdentityWatch =>
	watchIdentity({
		clock,
		first: identity,
		read,
		...(revision === undefined ? {} : { revision }),
		found: console.setIdentity,
	});
