// A fleet's text inside Markdown, for an incident channel or a ticket: it can make no markup of its own. Pure.
import { visible } from "../../shared/visibleText.ts";

/** On one line, and every character that Markdown or HTML could take for markup is escaped. */
export const escaped = (text: string): string =>
	visible(text).replace(/[\\`*_[\]<>|&#~]/g, (sign) => `\\${sign}`);
