// Answers who this console is: version, fleet, and the facts of the identity in use, or why there is none.
import type { Answer } from "../../shared/contract.ts";
import type { Fault } from "../../shared/fault.ts";
import type { Inventory } from "./fleet/inventory.ts";
import type { Identity } from "./ports.ts";
import type { TlsContexts } from "./transport/tlsContext.ts";

/** What of a console's options is told. */
export interface SessionOptions {
	readonly version: string;
	readonly shell: "electron" | "node";
	readonly demo: boolean;
	readonly inventory: Inventory | null;
	readonly fault: Fault | null;
}

/** Answers `session.read`. What is shown of the identity are its facts. */
export const sessionReader =
	(
		options: SessionOptions,
		contexts: TlsContexts,
		startedAt: number,
		whyAbsent: () => Fault | null,
	) =>
	(): Answer<"session.read"> => ({
		version: options.version,
		shell: options.shell,
		fleet: options.inventory?.name ?? "",
		demo: options.demo,
		identity: contexts.identity === null ? null : shown(contexts.identity),
		startedAt,
		fault: (contexts.fault ??
			options.fault ??
			whyAbsent()) as Answer<"session.read">["fault"],
	});

const shown = ({
	facts: { subject, expiresAt, fingerprint256, home },
}: Identity): NonNullable<Answer<"session.read">["identity"]> => ({
	subject,
	expiresAt,
	fingerprint256,
	home,
});
