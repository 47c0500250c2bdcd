// One handler for each command of the contract: the only door from a window to the core. The bridge has checked the shape
// of every question before it comes here.
import type { Handlers } from "../../shared/bridge.ts";
import type { Answer } from "../../shared/contract.ts";
import type { Fault } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";
import { runKey } from "../../shared/model.ts";
import type { Batch } from "./batch.ts";
import type { Doctor } from "./doctor/onePerHost.ts";
import type { ExportHandlers } from "./exporting/exportDesk.ts";
import { fitOutput } from "./fitOutput.ts";
import type { Fleet } from "./fleet/fleet.ts";
import { unknownHost } from "./fleet/hostRow.ts";
import type { ImportHandlers } from "./fleet/importing/importDesk.ts";
import type { HistoryHandlers } from "./history/historyCommands.ts";
import type { IdentityHandlers } from "./identity/deskCommands.ts";
import type { JobBook } from "./jobs/book.ts";
import type { NotesHandlers } from "./notify/notes.ts";
import type { SettingsHandlers } from "./settings/settingsCommands.ts";
import type { UpdateHandlers } from "./update/updateCommands.ts";

export interface CommandPorts {
	readonly fleet: Fleet;
	readonly book: JobBook;
	readonly doctor: Doctor;
	/** The frames of the window that asks. */
	readonly batch: Batch;
	session(): Answer<"session.read">;
	/** A person wants to connect now. */
	onRetry(): void;
	readonly identities: IdentityHandlers;
	readonly updates: UpdateHandlers;
	readonly settings: SettingsHandlers;
	readonly imports: ImportHandlers;
	readonly lookups: HistoryHandlers;
	/** What this window may save. */
	readonly exports: ExportHandlers;
	/** What this window may ask of the notes. */
	readonly notes: NotesHandlers;
}

export function handlers({
	fleet,
	book,
	doctor,
	batch,
	session,
	onRetry,
	identities,
	updates,
	settings,
	imports,
	lookups,
	exports,
	notes,
}: CommandPorts): Handlers {
	return {
		...identities,
		...updates,
		...settings,
		...imports,
		...lookups,
		...exports,
		...notes,
		"session.read": () => ok(session()),
		"fleet.resync": () => {
			batch.resync();
			return ok({});
		},
		"link.retry": ({ hostIds }) => {
			onRetry();
			return ok({ tried: fleet.retry(hostIds) });
		},
		"link.pause": ({ hostIds, paused }) =>
			ok({ changed: fleet.pause(hostIds, paused) }),
		"view.attend": ({ hostIds }) => {
			fleet.attend(hostIds);
			return ok({});
		},
		"host.history": ({ hostId }) => {
			const member = fleet.member(hostId);
			if (member === undefined) return failed(unknownHost(hostId));
			const { transitions, fault: ofLink } = member.link.history();
			// A live socket whose jobs cannot be read has its fault from there.
			const why = ofLink ?? member.reader.facts.fault;
			return ok({
				transitions: [...transitions],
				fault: why === null ? null : crossing(why),
			});
		},
		"host.diagnose": async ({ hostId }) => {
			const member = fleet.member(hostId);
			if (member === undefined) return failed(unknownHost(hostId));
			const { skewMs } = member.reader.facts;
			const told = await doctor.diagnose(member.entry, skewMs);
			return ok({
				steps: [...told.steps],
				fault: told.fault === null ? null : crossing(told.fault),
				stopped: told.stopped,
			});
		},
		"run.output": async ({ hostId, agentJobId }) => {
			const member = fleet.member(hostId);
			if (member === undefined) return failed(unknownHost(hostId));
			if (!book.runs.has(runKey(hostId, agentJobId)))
				return failed(fault("run.unknown"));
			const detail = await member.reader.output(agentJobId);
			const run = book.runs.get(runKey(hostId, agentJobId));
			if (!detail.ok) return failed(detail.fault);
			if (run === undefined) return failed(fault("run.unknown"));
			const { logs, stdout, stderr, leftOut } = fitOutput(detail.value);
			return ok({ run, logs: [...logs], stdout, stderr, leftOut });
		},
	};
}

/** A fault as the contract's mutable shape; the same values. */
const crossing = (why: Fault): NonNullable<Answer<"host.history">["fault"]> =>
	structuredClone(why) as NonNullable<Answer<"host.history">["fault"]>;
