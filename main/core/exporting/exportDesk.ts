// What a window may save: a text, in pieces that fit through its pipe, to the place that a person chose in a dialog of the
// shell. The window names no path and learns none, and one that goes away leaves nothing behind.
import { randomBytes } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Handlers } from "../../../shared/bridge.ts";
import type { Question } from "../../../shared/contract.ts";
import { EXPORT_BYTES } from "../../../shared/contract.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";

export type ExportKind = Question<"export.begin">["kind"];

/** Asks a person for a place, with this name to begin with. Null: they changed their mind. */
export type ChooseSavePath = (
	name: string,
	kind: ExportKind,
) => Promise<string | null>;

export type ExportHandlers = Pick<
	Handlers,
	"export.begin" | "export.append" | "export.end"
>;

/** Files hold a fleet's names and errors: for their owner only. */
const MODE = 0o600;
const NONCE_BYTES = 16;

const NO_DIALOG = fault("input.invalid", {
	sentence: "this window cannot choose where to save",
	nextStep: "Copy the list instead, or save it from a browser window.",
});
const NOT_BEGUN = fault("input.invalid", {
	sentence: "there is no such export any more",
	nextStep: "Export again.",
});
const TOO_BIG = fault("input.invalid", {
	sentence: "the export is larger than 64 MiB",
	nextStep: "Filter the list, and export again.",
});

interface Export {
	readonly nonce: string;
	readonly path: string;
	readonly pieces: string[];
	bytes: number;
}

/**
 * The exports of one window, one at a time.
 * @param choose absent: this shell has no dialog.
 * @param write puts the file there as a whole; throws what the file system throws.
 */
export function openExport(
	choose: ChooseSavePath | undefined,
	write: (path: string, text: string) => Promise<void> = writeWhole,
): ExportHandlers {
	let open: Export | null = null;
	/** The export of this nonce; any other has ended. */
	const current = (nonce: string): Export | null =>
		open !== null && open.nonce === nonce ? open : null;
	return {
		async "export.begin"({ stem, kind }) {
			if (choose === undefined) return failed(NO_DIALOG);
			open = null;
			const path = await choose(`${stem}.${kind}`, kind);
			if (path === null) return ok({ nonce: null });
			const nonce = randomBytes(NONCE_BYTES).toString("hex");
			open = { nonce, path, pieces: [], bytes: 0 };
			return ok({ nonce });
		},
		"export.append"({ nonce, text }) {
			const to = current(nonce);
			if (to === null) return failed(NOT_BEGUN);
			to.bytes += Buffer.byteLength(text);
			if (to.bytes > EXPORT_BYTES) {
				open = null;
				return failed(TOO_BIG);
			}
			to.pieces.push(text);
			return ok({});
		},
		async "export.end"({ nonce }) {
			const done = current(nonce);
			if (done === null) return failed(NOT_BEGUN);
			open = null;
			// One text before it is written: a piece may end in the middle of a character.
			return saved(done.path, done.pieces.join(""), write);
		},
	};
}

async function saved(
	path: string,
	text: string,
	write: (path: string, text: string) => Promise<void>,
): Promise<Result<{ name: string }>> {
	const name = basename(path);
	try {
		await write(path, text);
		return ok({ name });
	} catch (error) {
		return failed(notWritten(name, (error as NodeJS.ErrnoException).code));
	}
}

const notWritten = (name: string, code: string | undefined): Fault =>
	fault("input.invalid", {
		sentence: `${JSON.stringify(name)} could not be written${code === undefined ? "" : ` (${code})`}`,
		nextStep:
			code === "ENOSPC"
				? "The disk is full: make room or choose another place, and export again."
				: "Choose a folder that you may write to, and export again.",
	});

/** Beside its place first, so that a failure leaves the former file as it was. */
async function writeWhole(path: string, text: string): Promise<void> {
	const random = randomBytes(6).toString("hex");
	const fresh = join(dirname(path), `.${basename(path)}.${random}.part`);
	try {
		await writeFile(fresh, text, { mode: MODE, flag: "wx" });
		await rename(fresh, path);
	} catch (error) {
		await rm(fresh, { force: true });
		throw error;
	}
}
