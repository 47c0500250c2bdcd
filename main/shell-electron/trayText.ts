// Words of others made harmless in a menu and a tooltip: one line, of bounded length, and without the signs that systems
// read as something else than text.
import { visible } from "../../shared/visibleText.ts";

/**
 * `text` on one line, at most `limit` characters (code points); what was cut ends in an ellipsis. Control, bidi and invisible
 * characters are shown, as in the window; a tab, which would split a label on Windows, is a space.
 */
export function oneLine(text: string, limit: number): string {
	// Far more than is shown is not looked at.
	const line = visible(text.slice(0, limit * 8))
		.replace(/\s+/gu, " ")
		.trim();
	const characters = [...line];
	if (characters.length <= limit) return line;
	return `${characters
		.slice(0, limit - 1)
		.join("")
		.trimEnd()}…`;
}

/** As a menu's label: one ampersand would mark a letter as a key and vanish. Electron reads two as one on every system. */
export const asLabel = (text: string): string => text.replaceAll("&", "&&");

/**
 * As a tooltip. Versions of Windows disagree on how many ampersands make one (three, or one since Windows 11), so that none
 * is written there; elsewhere it is an ordinary character.
 */
export const asTooltip = (text: string, platform: NodeJS.Platform): string =>
	platform === "win32" ? text.replaceAll("&", "+") : text;

/** `1 host`, `3 hosts`. */
export const counted = (count: number, one: string, more = `${one}s`): string =>
	`${count} ${count === 1 ? one : more}`;
