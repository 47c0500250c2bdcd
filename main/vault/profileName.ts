// Which names a profile may have. They become part of names of keychain entries and folders, on systems that differ in what
// they allow, so only what is the same everywhere is taken. Pure.
import type { Fault } from "../../shared/fault.ts";
import { fault } from "../../shared/fault.ts";

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const SHOWN_CHARACTERS = 40;

/** Null: a good name. `profile.invalid`: not 1 to 64 of a-z, 0-9, dot, dash, underscore, the first a letter or digit. */
export function profileNameFault(name: string): Fault | null {
	if (NAME.test(name)) return null;
	const shown = JSON.stringify(
		name.replace(/\P{ASCII}|\p{Cc}/gu, "?").slice(0, SHOWN_CHARACTERS),
	);
	return fault("profile.invalid", {
		sentence: `a profile cannot be called ${shown}`,
	});
}
