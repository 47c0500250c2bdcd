// `foredeck fleet import`: adds the hosts of an inventory to the profile's fleet file, and says what becomes of every line.
import type { Command } from "commander";
import { Option } from "commander";
import type { Fault } from "../../shared/fault.ts";
import { fault } from "../../shared/fault.ts";
import { openImport } from "../core/fleet/importing/importFleet.ts";
import type {
	ImportFormat,
	ImportPlan,
	ImportRow,
} from "../core/fleet/importing/importHosts.ts";
import { IMPORT_FORMATS } from "../core/fleet/importing/importHosts.ts";
import { printable } from "../core/transport/failure.ts";
import type { Io } from "./io.ts";
import { EXIT, sayFault } from "./io.ts";
import type { Wiring } from "./serve.ts";

interface ImportOptions {
	readonly profile?: string;
	readonly data?: string;
	readonly format?: ImportFormat;
	readonly dryRun?: boolean;
	readonly json: boolean;
}

/** Adds the commands to the command line; `subcommand` makes one with the global options. */
export function addFleetCommands(
	subcommand: (name: string, description: string, parent?: Command) => Command,
	wiring: (command: Command) => Wiring,
	done: (code: number) => void,
): void {
	const fleet = subcommand("fleet", "the hosts of a profile");
	subcommand("import", "add hosts from an inventory", fleet)
		.argument(
			"<file>",
			"a table, an Ansible inventory, an SSH configuration or a fleet file",
		)
		.addOption(
			new Option(
				"--format <format>",
				"what it is; seen from the file when absent",
			).choices(IMPORT_FORMATS),
		)
		.option("--dry-run", "only say what would change")
		.option("--json", "one JSON object a line", false)
		.action((file, _options, command) =>
			done(importCommand(file, command.optsWithGlobals(), wiring(command))),
		);
}

function importCommand(
	file: string,
	{ profile, data, format, dryRun = false, json }: ImportOptions,
	{ io }: Wiring,
): number {
	const refuse = (why: Fault): number => {
		sayFault(io, why);
		return EXIT.error;
	};
	const opened = openImport({ file, format, profile, data }, io.fileLimit());
	if (!opened.ok) return refuse(opened.fault);
	const { plan, path, write } = opened.value;
	const written = dryRun ? null : write();
	if (written !== null && !written.ok) return refuse(written.fault);
	if (json) sayJson(io, plan, dryRun);
	else say(io, plan, path, dryRun);
	const { invalid } = plan.counts;
	return invalid === 0
		? EXIT.ok
		: refuse(
				fault("fleet.invalid", {
					sentence: `${invalid} ${invalid === 1 ? "line" : "lines"} of ${file} ${dryRun ? "would not be" : invalid === 1 ? "was not" : "were not"} added`,
					nextStep:
						"Mend them and import again; what is there already stays as it is.",
				}),
			);
}

/** Most columns are short; a longer id only pushes its own line. */
const ID_WIDTH = 24;

const lineOf = ({ verdict, line, id, words }: ImportRow): string =>
	`${verdict.padEnd(8)}line ${String(line).padEnd(6)}${printable(id ?? "–", 253).padEnd(ID_WIDTH)} ${words}`.trimEnd();

function say(io: Io, plan: ImportPlan, path: string, dryRun: boolean): void {
	for (const row of plan.rows) io.out(lineOf(row));
	for (const note of plan.notes) io.err(`foredeck: ${printable(note, 500)}`);
	const { add, change, same, invalid } = plan.counts;
	io.out(
		`${add} to add, ${change} to change, ${same} the same, ${invalid} invalid (read as ${plan.format})`,
	);
	const fleet = `the fleet ${printable(plan.fleetName, 64)} has ${plan.hosts} ${plan.hosts === 1 ? "host" : "hosts"}`;
	if (dryRun) io.out(`dry run: nothing was written; after it ${fleet}`);
	else if (plan.text === null) io.out(`nothing to write; ${fleet}`);
	else io.out(`written to ${path}; ${fleet}`);
}

function sayJson(io: Io, plan: ImportPlan, dryRun: boolean): void {
	for (const { verdict, line, id, words } of plan.rows)
		io.out(JSON.stringify({ kind: "host", verdict, line, host_id: id, words }));
	for (const sentence of plan.notes)
		io.out(JSON.stringify({ kind: "note", sentence }));
	io.out(
		JSON.stringify({
			kind: "total",
			...plan.counts,
			format: plan.format,
			fleet: plan.fleetName,
			hosts: plan.hosts,
			written: !dryRun && plan.text !== null,
		}),
	);
}
