// What the palette offers for what was typed: ranked, in groups, the group of the best one first. Never more than a screenful
// of each kind, however large the fleet. Pure.
import type { HostId, JobId, JobState } from "../../../shared/model.ts";
import type { Action, Chord, OwnKeys } from "../../store/actions.ts";
import { ACTIONS, keyOf } from "../../store/actions.ts";
import { ranked, wordsOf } from "../../store/rank.ts";
import type { Fleet } from "../../store/replica.ts";
import type { SavedView } from "../../store/savedViews.ts";
import { BAD_STATES } from "../../store/select.ts";
import type { Preferences } from "../../store/view.ts";
import { DENSITIES, THEME_WORDS, THEMES } from "../../store/view.ts";

/** What happens when an item is chosen. */
export type Deed =
	| { readonly do: "action"; readonly key: Chord }
	| { readonly do: "job"; readonly id: JobId }
	| { readonly do: "host"; readonly id: HostId }
	| { readonly do: "diagnose"; readonly id: HostId }
	| { readonly do: "diagnoseWhich" }
	| { readonly do: "view"; readonly hash: string }
	| { readonly do: "prefer"; readonly change: Partial<Preferences> }
	| { readonly do: "markRead" };

export interface Item {
	readonly id: string;
	readonly words: string;
	/** Said beside it, quieter. */
	readonly aside: string;
	readonly key: Chord | null;
	readonly deed: Deed;
	/** The state that its sign shows; null: it has none. */
	readonly status: JobState | null;
}

export interface Group {
	readonly name: string;
	readonly items: readonly Item[];
}

/** What the palette is told of the window. */
export interface Told {
	readonly fleet: Fleet;
	readonly preferences: Preferences;
	/** Whether somebody listens to the action's key on this screen. */
	readonly can: (key: Chord) => boolean;
	readonly unread: number;
}

const HOSTS = 50;
const JOBS = 20;
const JOBS_UNASKED = 6;
/** A person named a view to find it: it comes before hosts whose names are shorter, but not before those that fit better. */
const NAMED_FIT = 90;

const item = (
	id: string,
	words: string,
	deed: Deed,
	more: Partial<Item> = {},
): Item => ({
	id,
	words,
	aside: "",
	key: null,
	status: null,
	deed,
	...more,
});

const capital = (words: string): string =>
	words.slice(0, 1).toUpperCase() + words.slice(1);

function actionItems(group: "here" | "go", { can, preferences }: Told): Item[] {
	const isGo = (action: Action): boolean => action.group === "Go to";
	return ACTIONS.filter(
		(action) =>
			action.keyOnly !== true &&
			action.id !== "palette" &&
			isGo(action) === (group === "go") &&
			can(action.key),
	).map((action) =>
		item(
			`action ${action.id}`,
			capital(action.words),
			{ do: "action", key: action.key },
			{
				key: keyOf(action, preferences.keys as OwnKeys),
			},
		),
	);
}

function preferenceItems({ preferences, unread }: Told): Item[] {
	const change = (words: string, part: Partial<Preferences>): Item =>
		item(`prefer ${words}`, words, { do: "prefer", change: part });
	return [
		...THEMES.filter((theme) => theme !== preferences.theme).map((theme) =>
			change(`Theme: ${THEME_WORDS[theme].toLowerCase()}`, { theme }),
		),
		...DENSITIES.filter((density) => density !== preferences.density).map(
			(density) => change(`Density: ${density}`, { density }),
		),
		change(preferences.utc ? "Times: local" : "Times: UTC", {
			utc: !preferences.utc,
		}),
		...(unread > 0
			? [
					item("inbox read", `Mark all ${unread} notes as read`, {
						do: "markRead",
					}),
				]
			: []),
	];
}

const viewItems = (views: readonly SavedView[]): Item[] =>
	views.map(({ name, hash }) =>
		item(`view ${name}`, name, { do: "view", hash }, { aside: "saved view" }),
	);

/** Jobs by what a person asks for at night: those with failures that still run, then failed ones, then the newest. */
function jobItems({ fleet }: Told): Item[] {
	const rows = fleet.jobOrder.flatMap((id) => fleet.replica.jobs.get(id) ?? []);
	const isBad = (job: (typeof rows)[number]): boolean =>
		[...BAD_STATES].some((state) => job.counts[state] > 0);
	return [...rows.filter(isBad), ...rows.filter((job) => !isBad(job))].map(
		(job) => {
			const bad = job.counts.failed + job.counts.timed_out + job.counts.lost;
			const open = job.counts.queued + job.counts.running + job.counts.unknown;
			const words = [
				bad > 0 ? `${bad} failed` : "",
				open > 0 ? `${open} open` : "",
				`of ${job.counts.host}`,
			];
			return item(
				`job ${job.id}`,
				job.label,
				{ do: "job", id: job.id },
				{
					aside: words.filter(Boolean).join(" · "),
					status: job.status,
				},
			);
		},
	);
}

const LOWER = new WeakMap<
	readonly HostId[],
	readonly { id: HostId; text: string }[]
>();

/** Ids in lower case, made once for each list of hosts. */
function lowerHosts({
	hostOrder,
}: Fleet): readonly { id: HostId; text: string }[] {
	const known = LOWER.get(hostOrder);
	if (known !== undefined) return known;
	const made = hostOrder.map((id) => ({ id, text: id.toLowerCase() }));
	LOWER.set(hostOrder, made);
	return made;
}

function hostItems(
	told: Told,
	typed: string,
	deed: "host" | "diagnose",
): Item[] {
	const { hosts } = told.fleet.replica;
	return ranked(typed, lowerHosts(told.fleet), ({ text }) => text, HOSTS).map(
		({ item: { id } }) =>
			item(
				`${deed} ${id}`,
				deed === "diagnose" ? `Diagnose ${id}` : id,
				{ do: deed, id },
				{
					aside: hosts.get(id)?.link.channel ?? "",
				},
			),
	);
}

const DIAGNOSE = item("diagnose …", "Diagnose a host …", {
	do: "diagnoseWhich",
});

/** The groups for what was typed. `page`: a host to diagnose is chosen. */
export function groupsOf(
	told: Told,
	typed: string,
	page: "all" | "diagnose",
): readonly Group[] {
	if (page === "diagnose")
		return filled([
			{ name: "Diagnose", items: hostItems(told, typed, "diagnose") },
		]);
	const words = wordsOf(typed);
	const own: Group[] = [
		{ name: "On this screen", items: actionItems("here", told) },
		{ name: "Saved views", items: viewItems(told.preferences.views) },
		{ name: "Jobs", items: jobItems(told) },
		{ name: "Go to", items: actionItems("go", told) },
		{ name: "More", items: [DIAGNOSE, ...preferenceItems(told)] },
	];
	if (words.length === 0)
		return filled(
			own.map(({ name, items }) => ({
				name,
				items: name === "Jobs" ? items.slice(0, JOBS_UNASKED) : items,
			})),
		);
	const found = own.map(({ name, items }) => {
		const fits = ranked(
			typed,
			items,
			(one) =>
				`${one.words} ${one.deed.do === "job" ? one.deed.id : ""}`.toLowerCase(),
			JOBS,
		);
		return {
			name,
			items: fits.map((fit) => fit.item),
			best: (fits[0]?.fit ?? 0) + (name === "Saved views" ? NAMED_FIT : 0),
		};
	});
	const hosts = rankedHosts(told, typed);
	const diagnosed = diagnoseTyped(told, words);
	return filled([...found, hosts, diagnosed].sort((a, b) => b.best - a.best));
}

function rankedHosts(told: Told, typed: string): Group & { best: number } {
	const items = hostItems(told, typed, "host");
	const best = ranked(
		typed,
		items.slice(0, 1),
		(one) => one.words.toLowerCase(),
		1,
	);
	return { name: "Hosts", items, best: best[0]?.fit ?? 0 };
}

/** `diagnose db-07`, typed in one go. */
function diagnoseTyped(
	told: Told,
	words: readonly string[],
): Group & { best: number } {
	const [verb = "", ...rest] = words;
	const isMeant =
		verb.length >= 2 && "diagnose".startsWith(verb) && rest.length > 0;
	return {
		name: "Diagnose",
		items: isMeant ? hostItems(told, rest.join(" "), "diagnose") : [],
		best: isMeant ? Number.MAX_VALUE : 0,
	};
}

const filled = (groups: readonly Group[]): readonly Group[] =>
	groups.filter(({ items }) => items.length > 0);
