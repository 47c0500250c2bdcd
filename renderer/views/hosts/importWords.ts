// An import in words, before it is done.
import type { Answer } from "../../../shared/contract.ts";
import { visible } from "../../../shared/visibleText.ts";

export type ImportOffer = NonNullable<Answer<"fleet.offerImport">["offer"]>;

const FORMATS: Record<string, string> = {
	ansible: "an Ansible inventory",
	csv: "a table",
	json: "a fleet file",
	"ssh-config": "an SSH configuration",
};

/** One sentence or two: what it was read as, what is new, and how large the fleet will be. */
export function importSummary({
	format,
	counts,
	fleetName,
	hosts,
	changes,
}: ImportOffer): string {
	const parts = [
		counts.add > 0 ? `${counts.add} new` : null,
		counts.change > 0 ? `${counts.change} changed` : null,
		counts.same > 0 ? `${counts.same} the same` : null,
		counts.invalid > 0 ? `${counts.invalid} not taken` : null,
	].filter((part) => part !== null);
	const read = `Read as ${FORMATS[format] ?? format}: ${parts.join(", ")}.`;
	const fleet = `The fleet “${visible(fleetName)}” ${changes ? "will have" : "has"} ${hosts.toLocaleString("en")} ${hosts === 1 ? "host" : "hosts"}.`;
	return `${read} ${fleet}`;
}

/** Lines that the core counted and did not list. */
export const leftOutRows = ({ counts, rows }: ImportOffer): number =>
	counts.add + counts.change + counts.same + counts.invalid - rows.length;
