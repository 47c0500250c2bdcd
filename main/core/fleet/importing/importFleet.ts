// Imports an inventory into the profile's fleet file: reads both, plans, and writes the new file as a whole; the former one stays
// beside it.
import { constants, copyFileSync, readFileSync, statSync } from "node:fs";
import type { Result } from "../../../../shared/fault.ts";
import { failed, fault, ok } from "../../../../shared/fault.ts";
import { CONSOLE_FILES, checkFileLimit } from "../../fileLimit.ts";
import { foredeckPaths } from "../../paths.ts";
import { replaceFile } from "../../replaceFile.ts";
import { readReason } from "../openFleetFile.ts";
import type { ImportFormat, ImportPlan } from "./importHosts.ts";
import { planImport } from "./importHosts.ts";

/** A hundred thousand hosts with labels fit. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Former files that are kept; the oldest may be the one that a person wrote. */
const MOST_KEPT = 100;

export interface ImportChoice {
	/** Path of the inventory. */
	readonly file: string;
	/** What messages call it; its path when absent. */
	readonly called?: string;
	readonly format?: ImportFormat | undefined;
	/** `default` when absent. */
	readonly profile?: string | undefined;
	/** Folder of everything that is kept; the system's own when absent. */
	readonly data?: string | undefined;
}

export interface PlannedImport {
	readonly plan: ImportPlan;
	/** Where it is written. */
	readonly path: string;
	/** Writes it. `fleet.unreadable` when that fails, and when the profile's file has become another since the plan was made. */
	write(): Result<void>;
}

/**
 * @param fileLimit how many files this process may open; null: as many as it likes.
 * @returns `fleet.unreadable`, `fleet.invalid`, `limits.files`.
 */
export function openImport(
	{ file, called = file, format, profile = "default", data }: ImportChoice,
	fileLimit: number | null,
): Result<PlannedImport> {
	const text = readBounded(file, called);
	if (!text.ok) return text;
	const path = foredeckPaths(data).fleetFile(profile);
	const before = readCurrent(path);
	if (!before.ok) return before;
	const plan = planImport({
		text: text.value,
		source: file,
		format,
		current: before.value === null ? null : { text: before.value, path },
		name: profile === "default" ? undefined : profile,
	});
	if (!plan.ok) return plan;
	const room = checkFileLimit(plan.value.hosts, CONSOLE_FILES, fileLimit);
	if (!room.ok) return room;
	return ok({
		plan: plan.value,
		path,
		write: () => write(path, plan.value.text, before.value),
	});
}

function readBounded(path: string, called: string): Result<string> {
	try {
		const { size } = statSync(path);
		if (size > MOST_BYTES)
			return failed(
				fault("fleet.unreadable", {
					sentence: `${called} is larger than ${MOST_BYTES / 1024 / 1024} MiB`,
					nextStep: "Import it in parts.",
				}),
			);
		return ok(readFileSync(path, "utf8"));
	} catch (error) {
		return unreadable(called, error);
	}
}

/** Null: there is none yet. */
function readCurrent(path: string): Result<string | null> {
	try {
		return ok(readFileSync(path, "utf8"));
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "ENOENT"
			? ok(null)
			: unreadable(path, error);
	}
}

const unreadable = (path: string, error: unknown): Result<never> =>
	failed(
		fault("fleet.unreadable", {
			sentence: `cannot read ${path}: ${readReason((error as NodeJS.ErrnoException).code)}`,
		}),
	);

function write(
	path: string,
	text: string | null,
	planned: string | null,
): Result<void> {
	if (text === null) return ok(undefined);
	const now = readCurrent(path);
	if (!now.ok) return now;
	if (now.value !== planned)
		return failed(
			fault("fleet.unreadable", {
				sentence: `${path} was changed meanwhile, and nothing was written`,
				nextStep: "Import again.",
			}),
		);
	try {
		// A file that a person wrote has comments, which the new one has not.
		if (planned !== null) keepBeside(path);
		replaceFile(path, text);
		return ok(undefined);
	} catch (error) {
		return failed(
			fault("fleet.unreadable", {
				sentence: `cannot write ${path}: ${readReason((error as NodeJS.ErrnoException).code)}`,
				nextStep: "Check the permissions and the room on the disk.",
			}),
		);
	}
}

/** `fleet.json.before-import`, then `…-2` and so on: none of them is overwritten. */
function keepBeside(path: string): void {
	for (let n = 1; n <= MOST_KEPT; n++)
		try {
			const name = `${path}.before-import${n === 1 ? "" : `-${n}`}`;
			copyFileSync(path, name, constants.COPYFILE_EXCL);
			return;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		}
}
