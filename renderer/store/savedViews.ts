// Places that a person gave a name, and the filters typed last: kept with the preferences. An address is kept as its hash,
// so that a view of a newer or older window is read as far as it is understood.
export interface SavedView {
	readonly name: string;
	/** `#/hosts?q=role%3Dweb`. */
	readonly hash: string;
}

export const NAME_CHARACTERS = 60;
const VIEWS = 100;
const HASH_CHARACTERS = 2_000;
const RECENT = 8;
const FILTER_CHARACTERS = 300;

const trimmed = (name: string): string =>
	name.trim().replaceAll(/\s+/g, " ").slice(0, NAME_CHARACTERS);

/** Why a view cannot have this name; null when it can. `former`: the name it has, when it is renamed. */
export function refusalOfName(
	views: readonly SavedView[],
	name: string,
	former: string | null = null,
): string | null {
	const asked = trimmed(name);
	if (asked === "") return "A view needs a name.";
	if (
		asked !== former &&
		views.some((view) => view.name.toLowerCase() === asked.toLowerCase())
	)
		return `There is a view called “${asked}” already.`;
	return former === null && views.length >= VIEWS
		? `${VIEWS} views are the most that are kept.`
		: null;
}

/** The views with one more. The caller has asked `refusalOfName`. */
export const withView = (
	views: readonly SavedView[],
	name: string,
	hash: string,
): readonly SavedView[] => [...views, { name: trimmed(name), hash }];

export const renamed = (
	views: readonly SavedView[],
	former: string,
	name: string,
): readonly SavedView[] =>
	views.map((view) =>
		view.name === former ? { ...view, name: trimmed(name) } : view,
	);

export const withoutView = (
	views: readonly SavedView[],
	name: string,
): readonly SavedView[] => views.filter((view) => view.name !== name);

/** Views from what was stored; what is none is left out. */
export function parseViews(stored: unknown): readonly SavedView[] {
	if (!Array.isArray(stored)) return [];
	let views: readonly SavedView[] = [];
	for (const entry of stored as unknown[]) {
		const { name, hash } = (entry ?? {}) as Record<string, unknown>;
		if (typeof name !== "string" || typeof hash !== "string") continue;
		if (!hash.startsWith("#/") || hash.length > HASH_CHARACTERS) continue;
		if (refusalOfName(views, name) !== null) continue;
		views = [...views, { name: trimmed(name), hash }];
	}
	return views;
}

/** The filters typed last, newest first, with this one before all. */
export function withRecent(
	recent: readonly string[],
	filter: string,
): readonly string[] {
	const asked = filter.trim();
	if (asked === "" || asked.length > FILTER_CHARACTERS) return recent;
	return [asked, ...recent.filter((other) => other !== asked)].slice(0, RECENT);
}

export const parseRecent = (stored: unknown): readonly string[] =>
	Array.isArray(stored)
		? stored
				.filter(
					(filter): filter is string =>
						typeof filter === "string" && filter.length <= FILTER_CHARACTERS,
				)
				.slice(0, RECENT)
		: [];
