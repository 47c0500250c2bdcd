// What a person may do with inventories from a window: choose a file in a dialog of the shell, see what would become of every
// line, and say yes. The window names no path, and what it confirms is what it was shown.
import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import type { Handlers } from "../../../../shared/bridge.ts";
import type { Clock } from "../../../../shared/clock.ts";
import type { Result } from "../../../../shared/fault.ts";
import { failed, fault, ok } from "../../../../shared/fault.ts";
import { OFFERED_ROWS } from "../../../../shared/fleetImport.ts";
import type { ImportChoice, PlannedImport } from "./importFleet.ts";
import { openImport } from "./importFleet.ts";

export interface ImportDeskOptions
	extends Omit<ImportChoice, "file" | "format"> {
	readonly clock: Clock;
	readonly fileLimit: number | null;
	/** A path that a person chose; null: they changed their mind. Absent: this shell has no dialog, and the command line imports. */
	readonly chooseFile?: (title: string) => Promise<string | null>;
	/** The fleet file was written. */
	readonly written: () => void;
}

export type ImportHandlers = Pick<
	Handlers,
	"fleet.offerImport" | "fleet.import"
>;

export interface ImportDesk {
	readonly canImport: boolean;
	readonly handlers: ImportHandlers;
}

/** How long an offer can be confirmed: long enough to read it. */
const OFFER_MS = 10 * 60_000;

const NO_DIALOG = fault("fleet.unreadable", {
	sentence: "this window cannot choose files",
	nextStep: "Import with: foredeck fleet import FILE",
});
const NOT_OFFERED = fault("input.invalid", {
	sentence: "the import was not confirmed, or too long ago",
	nextStep: "Choose the file again.",
});

/** @param options null: this console has a fleet that cannot be changed, as the demo's. */
export function openImportDesk(options: ImportDeskOptions | null): ImportDesk {
	let offer: { nonce: string; untilMs: number; planned: PlannedImport } | null =
		null;
	const choose = options?.chooseFile;
	return {
		canImport: choose !== undefined,
		handlers: {
			async "fleet.offerImport"() {
				if (options === null || choose === undefined) return failed(NO_DIALOG);
				const file = await choose(
					"Inventory: CSV, Ansible, SSH configuration or fleet file",
				);
				if (file === null) return ok({ offer: null });
				const planned = openImport(
					{ ...options, file, called: basename(file) },
					options.fileLimit,
				);
				if (!planned.ok) return planned;
				const nonce = randomBytes(16).toString("hex");
				const untilMs = options.clock.monotonicMs() + OFFER_MS;
				offer = { nonce, untilMs, planned: planned.value };
				return ok({ offer: shown(nonce, file, planned.value) });
			},
			"fleet.import"({ nonce }) {
				if (options === null || offer === null || offer.nonce !== nonce)
					return failed(NOT_OFFERED);
				const taken = offer;
				offer = null;
				if (options.clock.monotonicMs() > taken.untilMs)
					return failed(NOT_OFFERED);
				const written: Result<void> = taken.planned.write();
				if (!written.ok) return written;
				options.written();
				return ok({});
			},
		},
	};
}

function shown(nonce: string, file: string, { plan }: PlannedImport) {
	// What a person must look at first: lines that are not taken, then changes.
	const order = ["invalid", "change", "add", "same"];
	const rows = [...plan.rows].sort(
		(a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict),
	);
	return {
		nonce,
		file: basename(file).slice(0, 255),
		format: plan.format,
		fleetName: plan.fleetName,
		hosts: plan.hosts,
		counts: { ...plan.counts },
		rows: rows.slice(0, OFFERED_ROWS).map((row) => ({ ...row })),
		notes: plan.notes.slice(0, 20).map((note) => note.slice(0, 500)),
		changes: plan.text !== null,
	};
}
