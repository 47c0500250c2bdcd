// The settings file as the file system has it: what is in it, when it changed, and out of the way with what is no settings.
import { lstatSync, readFileSync, renameSync, statSync } from "node:fs";
import type { KeptSettings } from "../../../shared/settings.ts";
import { isKept } from "../../../shared/settings.ts";

/** The mark of a file that is not there. */
export const ABSENT = "absent";
/** More that were set aside than anybody looks at. */
const ASIDE_MOST = 50;

export type Found =
	| { readonly is: "settings"; readonly kept: KeptSettings }
	/** It holds no settings, and will not by itself. */
	| { readonly is: "broken"; readonly reason: string }
	/** It cannot be read now: it may hold settings. */
	| { readonly is: "unread"; readonly reason: string };

/** Never throws. Some editors begin a file with a byte order mark. */
export function readKept(path: string): Found {
	try {
		const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
		const json: unknown = JSON.parse(text);
		return isKept(json)
			? { is: "settings", kept: json }
			: { is: "broken", reason: "it holds no object" };
	} catch (error) {
		return error instanceof SyntaxError
			? { is: "broken", reason: "it is no JSON" }
			: { is: "unread", reason: codeOf(error) };
	}
}

/** Moves a file to a name of its own beside it: `.broken`, or `.broken-2` and so on where there is one. Never throws. */
export function setAside(
	path: string,
):
	| { readonly ok: true; readonly path: string }
	| { readonly ok: false; readonly reason: string } {
	try {
		for (let number = 1; number <= ASIDE_MOST; number++) {
			const aside = `${path}.broken${number === 1 ? "" : `-${number}`}`;
			if (lstatSync(aside, { throwIfNoEntry: false }) !== undefined) continue;
			renameSync(path, aside);
			return { ok: true, path: aside };
		}
		return { ok: false, reason: `${ASIDE_MOST} lie beside it already` };
	} catch (error) {
		return { ok: false, reason: codeOf(error) };
	}
}

/** Changes whenever somebody writes the file, or changes who may read it. Never throws. */
export function markOf(path: string): string {
	try {
		const { mtimeMs, ctimeMs, size, ino } = statSync(path);
		return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
	} catch (error) {
		return codeOf(error) === "ENOENT" ? ABSENT : codeOf(error);
	}
}

/** As Node names it: `EACCES`. */
export const codeOf = (error: unknown): string =>
	error instanceof Error && "code" in error
		? String(error.code)
		: "unknown reason";
