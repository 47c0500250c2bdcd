// Answers who this console is: version, fleet, and the facts of the identity in use, or why there is none.
import type { Answer } from "../../shared/contract.ts";
import type { Fault } from "../../shared/fault.ts";
import type { ChooseSavePath } from "./exporting/exportDesk.ts";
import type { FleetSource } from "./fleet/source.ts";
import type { Identity } from "./ports.ts";
import { localZone } from "./settings/localTime.ts";
import type { TlsContexts } from "./transport/tlsContext.ts";

/** What of a console's options is told. */
export interface SessionOptions {
	readonly version: string;
	readonly shell: "electron" | "node";
	readonly demo: boolean;
	readonly chooseSavePath?: ChooseSavePath;
}

interface SessionFleet {
	readonly fleet: Pick<FleetSource, "name" | "fault">;
	readonly canImport: boolean;
}

/** Answers `session.read`. What is shown of the identity are its facts. */
export const sessionReader =
	(
		options: SessionOptions,
		{ fleet, canImport }: SessionFleet,
		contexts: TlsContexts,
		startedAt: number,
		whyAbsent: () => Fault | null,
	) =>
	(): Answer<"session.read"> => ({
		version: options.version,
		shell: options.shell,
		fleet: fleet.name,
		canImportFleet: canImport,
		demo: options.demo,
		identity: contexts.identity === null ? null : shown(contexts.identity),
		startedAt,
		timeZone: localZone(),
		canSaveFiles: options.chooseSavePath !== undefined,
		fault: (contexts.fault ??
			fleet.fault ??
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
