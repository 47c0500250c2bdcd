// What the window says of an update: the notice in the status bar, when it will be installed, and the notes as blocks. Pure.
import type { UpdateTold } from "../../../shared/update.ts";

/** The status bar's notice. `kind` chooses its sign. */
export interface UpdateNoticeWords {
	readonly kind: "new" | "waits" | "bad";
	readonly words: string;
	/** As `words`, without what changes with every hundredth: for assistive technology. */
	readonly spoken: string;
}

/**
 * Null: nothing is shown. A person who said "not now" is left alone for the day, and so is one whose feed could not be
 * asked: a laptop without a network is no news.
 */
export function noticeOf(update: UpdateTold): UpdateNoticeWords | null {
	const { kind, version, isPostponed } = update;
	if (kind === "refused") return bad("Update refused");
	if (kind === "failed")
		return version === null ? null : bad(`Update ${version} failed`);
	if (version === null || isPostponed) return null;
	switch (kind) {
		case "available":
			return told("new", `Update ${version} is available`);
		case "downloading":
			return {
				...told("new", `Update ${version}, fetching ${percent(update)}`),
				spoken: `Update ${version} is being fetched`,
			};
		case "ready":
			return readyNotice(update);
		case "installing":
			return told("new", `Update ${version} is being installed`);
		default:
			return null;
	}
}

function readyNotice({ version, wanted, waitsFor }: UpdateTold) {
	return wanted && waitsFor !== null
		? told("waits", `Update ${version} waits: ${waitsFor}`)
		: told("new", `Update ${version} is ready`);
}

const told = (
	kind: UpdateNoticeWords["kind"],
	words: string,
): UpdateNoticeWords => ({ kind, words, spoken: words });
const bad = (words: string): UpdateNoticeWords => told("bad", words);

const percent = ({ fraction }: UpdateTold): string =>
	`${Math.floor(100 * (fraction ?? 0))} %`;

const FREE = "no job is open and no failure is unread";

/** When it will be installed, sentence by sentence. Empty when there is nothing to install. */
export function whenOf(update: UpdateTold): readonly string[] {
	const { kind, wanted, waitsFor, isPostponed } = update;
	const rule = `It is installed when you say so, and only while ${FREE}.`;
	const wish = `It is installed as soon as it is here, ${FREE}.`;
	const waits = waitsFor === null ? [] : [`Now it would wait: ${waitsFor}.`];
	switch (kind) {
		case "available":
			return isPostponed
				? ["You said not now, so nothing is fetched for a day.", rule, ...waits]
				: [rule, ...waits];
		case "downloading":
			return [
				`It is being fetched: ${percent(update)}.`,
				wanted ? wish : rule,
				...waits,
			];
		case "ready":
			return wanted
				? [
						`It is installed by itself as soon as ${FREE}.`,
						`Now it waits: ${waitsFor ?? "a moment"}.`,
					]
				: [
						rule,
						waits[0] ?? "Nothing stands in the way now.",
						...(isPostponed
							? ["You said not now; it stays here for you."]
							: []),
					];
		case "installing":
			return ["Foredeck ends in a moment and comes back in the new version."];
		default:
			return [];
	}
}

/** What a person may do now. */
export function deedsOf({ kind, wanted, isPostponed, waitsFor }: UpdateTold): {
	/** Null: there is nothing to install, or it was said already. */
	readonly install: string | null;
	readonly postpone: boolean;
	readonly check: boolean;
} {
	const isThere =
		kind === "available" || kind === "downloading" || kind === "ready";
	return {
		install:
			isThere && !wanted
				? waitsFor === null
					? "Install now"
					: "Install when free"
				: null,
		postpone: isThere && (wanted || !isPostponed),
		check: kind === "idle" || kind === "failed" || kind === "refused",
	};
}

/** One line for About. Null: nobody said who updates this Foredeck. */
export function aboutOf(update: UpdateTold): string | null {
	const { kind, version, isPostponed, why, fault } = update;
	switch (kind) {
		case "managed":
			return why;
		case "idle":
			return "nothing newer is known";
		case "checking":
			return "looking for a newer version";
		case "refused":
		case "failed":
			return fault?.sentence ?? null;
		case "downloading":
			return `${version} is being fetched, ${percent(update)}`;
		case "installing":
			return `${version} is being installed`;
		default:
			return `${version} is ${kind === "ready" ? "ready" : "available"}${isPostponed ? ", put off for a day" : ""}`;
	}
}

/** A piece of release notes. */
export type NoteBlock =
	| { readonly kind: "text"; readonly text: string }
	| { readonly kind: "list"; readonly items: readonly string[] };

/** Lines that begin with "- " are items, what follows without one goes on, an empty line ends. Nothing else is marked up. */
export function noteBlocks(notes: string): readonly NoteBlock[] {
	const blocks: NoteBlock[] = [];
	let goesOn = false;
	for (const line of notes.split(/\r?\n/)) {
		const text = line.trim();
		const last = blocks.at(-1);
		if (text.startsWith("- ")) {
			const items = last?.kind === "list" ? last.items : [];
			if (last?.kind === "list") blocks.pop();
			blocks.push({ kind: "list", items: [...items, text.slice(2)] });
		} else if (goesOn && last !== undefined && text !== "")
			blocks[blocks.length - 1] = grown(last, text);
		else if (text !== "") blocks.push({ kind: "text", text });
		goesOn = text !== "";
	}
	return blocks;
}

const grown = (block: NoteBlock, text: string): NoteBlock =>
	block.kind === "text"
		? { kind: "text", text: `${block.text} ${text}` }
		: {
				kind: "list",
				items: [...block.items.slice(0, -1), `${block.items.at(-1)} ${text}`],
			};
