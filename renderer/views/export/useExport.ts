// Makes an export when it is asked for, and brings it to the clipboard or into a file. What goes wrong stays on the screen
// until the person has dealt with it.
import { useState } from "react";
import type { Fault } from "../../../shared/fault.ts";
import type { ExportKind } from "../../store/export/file.ts";
import { KIND_WORDS, stemOf, TYPES, textOf } from "../../store/export/file.ts";
import type { Listing, ListingFacts } from "../../store/export/listing.ts";
import { rowsText } from "../../store/export/listing.ts";
import { listMarkdown } from "../../store/export/listMarkdown.ts";
import { saveThroughCore } from "../../store/export/saveFile.ts";
import type { Fleet } from "../../store/replica.ts";
import { putOnClipboard } from "../../ui/clipboard.ts";
import { download } from "../../ui/download.ts";
import { useAsk, useParts } from "../window.ts";

/** What a screen shows, for an export. Made when it is asked for, not while the screen is drawn. */
export interface Exportable {
	/** As a person would type it; empty: none. */
	readonly filter: string;
	/** @param fleet of that moment. */
	listing(fleet: Fleet, facts: ListingFacts): Listing;
	/** Absent: this list is no test report. */
	junit?(fleet: Fleet, facts: ListingFacts): string;
}

/** What needs the person: a text that could not be copied, or why there is no file. */
export type Trouble =
	| { readonly kind: "text"; readonly words: string; readonly text: string }
	| { readonly kind: "fault"; readonly fault: Fault };

export interface Exporting {
	/** Null: all is well. */
	readonly trouble: Trouble | null;
	copy(kind: "markdown" | "csv"): Promise<void>;
	save(kind: ExportKind): Promise<void>;
	dismiss(): void;
}

export function useExport(what: Exportable): Exporting {
	const { core, view, ticker } = useParts();
	const ask = useAsk();
	const [trouble, setTrouble] = useState<Trouble | null>(null);
	const say = (text: string): void => view.getState().say(text);
	const now = (): { listing: Listing; report: () => string } => {
		const { fleet, session, coreAheadMs } = core.getState();
		const facts: ListingFacts = {
			fleetName: session?.fleet ?? "",
			filter: what.filter,
			now: ticker.read() + coreAheadMs,
			utc: view.getState().preferences.utc,
		};
		return {
			listing: what.listing(fleet, facts),
			report: () => what.junit?.(fleet, facts) ?? "",
		};
	};
	return {
		trouble,
		dismiss: () => setTrouble(null),
		async copy(kind) {
			const { listing } = now();
			const words = kind === "csv" ? "CSV" : "Markdown";
			const text =
				kind === "csv" ? textOf(listing, "csv") : listMarkdown(listing);
			if (await putOnClipboard(text))
				say(`Copied ${rowsText(listing.rows.length)} as ${words}.`);
			else setTrouble({ kind: "text", words, text });
		},
		async save(kind) {
			const { listing, report } = now();
			const text = kind === "xml" ? report() : textOf(listing, kind);
			const file = { stem: stemOf(listing), kind, text };
			const rows = rowsText(listing.rows.length);
			if (core.getState().session?.canSaveFiles !== true) {
				download(`${file.stem}.${kind}`, TYPES[kind], text);
				return say(`Saved ${rows} as ${KIND_WORDS[kind]}.`);
			}
			const saved = await saveThroughCore(ask, file);
			if (!saved.ok) setTrouble({ kind: "fault", fault: saved.fault });
			else if (saved.value !== null) say(`Saved ${rows} as ${saved.value}.`);
		},
	};
}
