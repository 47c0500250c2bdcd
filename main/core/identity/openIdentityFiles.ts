// The identity of the files that a person named for this run. Says which of them was not named, before any is read.
import type { Result } from "../../../shared/fault.ts";
import { failed, fault } from "../../../shared/fault.ts";
import type { Identity } from "../ports.ts";
import { readIdentity } from "./fromFiles.ts";

/** Paths as given on the command line. */
export interface IdentityChoice {
	readonly cert?: string | undefined;
	readonly key?: string | undefined;
	/** Certificate and key in one file, most often PKCS#12; stands in place of both. */
	readonly pfx?: string | undefined;
	/** With `pfx` it may be left out where that file brings its authorities with it. */
	readonly ca?: string | undefined;
}

/** Whether any file was named, so that the vault is not asked. */
export const isNamed = ({ cert, key, pfx, ca }: IdentityChoice): boolean =>
	(cert ?? key ?? pfx ?? ca) !== undefined;

/**
 * @param env holds FOREDECK_PASSPHRASE where the key has one.
 * @returns `identity.absent` when not all that is needed was named, and the faults of `readIdentity`.
 */
export function openIdentityFiles(
	choice: IdentityChoice,
	env: Readonly<Record<string, string | undefined>>,
): Result<Identity> {
	const { cert, key, pfx, ca } = choice;
	const passphrase = env.FOREDECK_PASSPHRASE;
	const opening = passphrase === undefined ? {} : { passphrase };
	if (!isNamed(choice)) return failed(fault("identity.absent"));
	if (pfx !== undefined)
		return cert === undefined && key === undefined
			? readIdentity({ cert: pfx, key: pfx, ca: ca ?? null, ...opening })
			: failed(BOTH);
	if (cert === undefined || key === undefined || ca === undefined)
		return failed(missing({ "--cert": cert, "--key": key, "--ca": ca }));
	return readIdentity({ cert, key, ca, ...opening });
}

const BOTH = fault("identity.absent", {
	sentence: "--pfx stands in place of --cert and --key",
	nextStep: "Give either --pfx FILE, or --cert FILE and --key FILE.",
});

function missing(paths: Readonly<Record<string, string | undefined>>) {
	const names = Object.entries(paths)
		.filter(([, path]) => path === undefined)
		.map(([name]) => name);
	return fault("identity.absent", {
		sentence: `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} missing`,
		nextStep:
			"Give --cert FILE, --key FILE and --ca FILE together, or --pfx FILE.",
	});
}

/** Asks a person for the secret of a file; null where nobody can be asked, or nobody answers. */
export type AskSecret = (
	question: string,
	file?: string,
) => Promise<string | null>;

/** The same; the passphrase is asked for when one is needed and the environment has none. */
export async function openIdentityFilesAsking(
	choice: IdentityChoice,
	env: Readonly<Record<string, string | undefined>>,
	ask: AskSecret,
): Promise<Result<Identity>> {
	const first = openIdentityFiles(choice, env);
	if (first.ok || first.fault.code !== "identity.passphrase") return first;
	if ((env.FOREDECK_PASSPHRASE ?? "") !== "") return first;
	const passphrase = await ask(
		choice.pfx === undefined
			? "Passphrase of the key: "
			: `Passphrase of ${choice.pfx}: `,
		choice.pfx ?? choice.key,
	);
	return passphrase === null
		? first
		: openIdentityFiles(choice, { FOREDECK_PASSPHRASE: passphrase });
}
