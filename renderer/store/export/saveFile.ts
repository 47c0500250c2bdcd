// Saves an export: through the core where this shell has a dialog for it, else as a download of the browser's. Knows no
// screen; the page's own doors are arguments.
import type {
	Answer,
	CommandName,
	Question,
} from "../../../shared/contract.ts";
import { EXPORT_BYTES } from "../../../shared/contract.ts";
import type { Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { ExportKind } from "./file.ts";
import { piecesOf } from "./file.ts";

export interface ExportFile {
	/** The name without its ending. */
	readonly stem: string;
	readonly kind: ExportKind;
	readonly text: string;
}

type Ask = <N extends CommandName>(
	name: N,
	question: Question<N>,
) => Promise<Result<Answer<N>>>;

const TOO_BIG = fault("input.invalid", {
	sentence: "the export is larger than 64 MiB",
	nextStep: "Filter the list, and export again.",
});

/** @returns the name it was saved under; null: the person changed their mind. */
export async function saveThroughCore(
	ask: Ask,
	{ stem, kind, text }: ExportFile,
): Promise<Result<string | null>> {
	// Characters have at least one byte each; what is left over is counted by the core.
	if (text.length > EXPORT_BYTES) return failed(TOO_BIG);
	const begun = await ask("export.begin", { stem, kind });
	if (!begun.ok) return begun;
	const { nonce } = begun.value;
	if (nonce === null) return ok(null);
	for (const piece of piecesOf(text)) {
		const taken = await ask("export.append", { nonce, text: piece });
		if (!taken.ok) return taken;
	}
	const saved = await ask("export.end", { nonce });
	return saved.ok ? ok(saved.value.name) : saved;
}
