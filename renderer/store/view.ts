// Where the person is and how they like it: the address (a link that can be shared) and the preferences. What is on the
// screen follows from this and the replica alone. Knows no DOM: hash and storage are arguments.
import type { StoreApi } from "zustand/vanilla";
import { createStore } from "zustand/vanilla";
import type { Activity, HostId, JobId, RunState } from "../../shared/model.ts";
import { hostId, jobId, RUN_STATES } from "../../shared/model.ts";
import type { OwnKeys } from "./actions.ts";
import { parseOwnKeys } from "./actions.ts";
import type { HostSort } from "./hostSort.ts";
import { parseSort, sortText } from "./hostSort.ts";
import type { SavedView } from "./savedViews.ts";
import { parseRecent, parseViews } from "./savedViews.ts";

/** Epoch milliseconds, `to` excluded. */
export interface TimeSpan {
	readonly from: number;
	readonly to: number;
}

export type Address =
	| { readonly screen: "jobs"; readonly q: string }
	| {
			readonly screen: "job";
			readonly jobId: JobId;
			readonly host: HostId | null;
			readonly state: RunState | null;
			readonly q: string;
			/** Absent: the list. */
			readonly view?: "matrix";
			/** Only hosts that ended in this time; absent: whenever. */
			readonly ended?: TimeSpan;
	  }
	| {
			readonly screen: "hosts";
			readonly host: HostId | null;
			readonly q: string;
			/** Absent: by name. */
			readonly sort?: HostSort;
	  }
	| {
			readonly screen: "activity";
			readonly kind: Activity["kind"] | null;
			readonly q: string;
	  }
	| { readonly screen: "history"; readonly q: string }
	| { readonly screen: "inbox" }
	| { readonly screen: "identities" }
	| { readonly screen: "settings" };

const KINDS: readonly Activity["kind"][] = ["host", "job", "gap"];

const oneOf = <T extends string>(
	words: readonly T[],
	word: string | null,
): T | null => words.find((known) => known === word) ?? null;

function decoded(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

function sortOf(text: string | null): { readonly sort?: HostSort } {
	const sort = parseSort(text);
	return sort === null ? {} : { sort };
}

/** A span as `1700000000000-1700000060000`; null for anything else. */
function spanOf(text: string | null): TimeSpan | null {
	const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? "") ?? [];
	return from === undefined || to === undefined || Number(to) <= Number(from)
		? null
		: { from: Number(from), to: Number(to) };
}

function jobAddress(id: string, asked: URLSearchParams): Address {
	const host = asked.get("host");
	const ended = spanOf(asked.get("ended"));
	return {
		screen: "job",
		jobId: jobId(id),
		host: host ? hostId(host) : null,
		state: oneOf(RUN_STATES, asked.get("state")),
		q: asked.get("q") ?? "",
		...(asked.get("view") === "matrix" ? { view: "matrix" } : {}),
		...(ended === null ? {} : { ended }),
	};
}

/** Reads `#/jobs/ID?host=db-07&state=failed` and its like. Anything else is the list of jobs. */
export function parseAddress(hash: string): Address {
	const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
	const [screen, id] = path.split("/").map(decoded);
	const asked = new URLSearchParams(query);
	const q = asked.get("q") ?? "";
	switch (screen) {
		case "jobs":
			return id ? jobAddress(id, asked) : { screen: "jobs", q };
		case "hosts":
			return {
				screen: "hosts",
				host: id ? hostId(id) : null,
				q,
				...sortOf(asked.get("sort")),
			};
		case "activity":
			return { screen: "activity", kind: oneOf(KINDS, asked.get("kind")), q };
		case "history":
			return { screen, q };
		case "inbox":
		case "identities":
		case "settings":
			return { screen };
		default:
			return { screen: "jobs", q: "" };
	}
}

/** The address as a hash; `parseAddress` of it gives the address back. */
export function hashOf(address: Address): string {
	const at = (
		path: string,
		asked: Record<string, string | null> = {},
	): string => {
		const query = new URLSearchParams();
		for (const [name, value] of Object.entries(asked))
			if (value) query.set(name, value);
		const text = query.toString();
		return `#/${path}${text === "" ? "" : `?${text}`}`;
	};
	switch (address.screen) {
		case "jobs":
			return at("jobs", { q: address.q });
		case "job":
			return at(`jobs/${encodeURIComponent(address.jobId)}`, {
				host: address.host,
				state: address.state,
				q: address.q,
				view: address.view ?? null,
				ended:
					address.ended === undefined
						? null
						: `${address.ended.from}-${address.ended.to}`,
			});
		case "hosts":
			return at(
				address.host === null
					? "hosts"
					: `hosts/${encodeURIComponent(address.host)}`,
				{
					q: address.q,
					sort: address.sort === undefined ? null : sortText(address.sort),
				},
			);
		case "history":
			return at("history", { q: address.q });
		case "activity":
			return at("activity", { kind: address.kind, q: address.q });
		default:
			return at(address.screen);
	}
}

export const THEMES = ["system", "dark", "light", "contrast"] as const;
/** As a person reads them. High contrast is dark or light as the system is. */
export const THEME_WORDS: Readonly<Record<(typeof THEMES)[number], string>> = {
	system: "System",
	dark: "Dark",
	light: "Light",
	contrast: "High contrast",
};
export const DENSITIES = ["comfortable", "compact"] as const;

export interface Preferences {
	readonly theme: (typeof THEMES)[number];
	/** Row height: 36 px, or 28 px when compact. */
	readonly density: (typeof DENSITIES)[number];
	readonly utc: boolean;
	/** Keys that the person gave to actions. */
	readonly keys: OwnKeys;
	readonly views: readonly SavedView[];
	/** Filters typed last, newest first. */
	readonly recent: readonly string[];
}

export const ROW_PX = { comfortable: 36, compact: 28 } as const;

export const DEFAULT_PREFERENCES: Preferences = {
	theme: "system",
	density: "comfortable",
	utc: false,
	keys: {},
	views: [],
	recent: [],
};

/** Preferences from what was stored; what is absent or no longer known falls back to the default. */
export function parsePreferences(stored: string | null): Preferences {
	let value: unknown;
	try {
		value = JSON.parse(stored ?? "{}");
	} catch {
		return DEFAULT_PREFERENCES;
	}
	const { theme, density, utc, keys, views, recent } = (value ?? {}) as Record<
		string,
		unknown
	>;
	return {
		theme: THEMES.find((known) => known === theme) ?? DEFAULT_PREFERENCES.theme,
		density:
			DENSITIES.find((known) => known === density) ??
			DEFAULT_PREFERENCES.density,
		utc: utc === true,
		keys: parseOwnKeys(keys),
		views: parseViews(views),
		recent: parseRecent(recent),
	};
}

/** What the view needs of the browser. */
export interface Place {
	readHash(): string;
	/** Adds to the history, or replaces the newest entry. */
	writeHash(hash: string, replace: boolean): void;
	readPreferences(): string | null;
	writePreferences(text: string): void;
}

export interface View {
	readonly address: Address;
	readonly preferences: Preferences;
	/** A short word to the person, e.g. that a link was copied; `n` tells equal words apart. Null: none yet. */
	readonly said: { readonly text: string; readonly n: number } | null;
	/** The host that a person asked to be diagnosed from elsewhere; its panel takes the wish and does it. */
	readonly diagnose: HostId | null;
	/** Goes there. `replace`: not a step of its own, as when typing a filter. */
	go(address: Address, replace?: boolean): void;
	/** The person used the browser's history or edited the address. */
	hashChanged(): void;
	prefer(change: Partial<Preferences>): void;
	say(text: string): void;
	/** Null: the wish was taken. */
	askDiagnosis(host: HostId | null): void;
}

export type ViewStore = StoreApi<View>;

/** A browser may keep nothing: it is private, or its storage is full. The window works without. */
function attempt<T>(act: () => T): T | null {
	try {
		return act();
	} catch {
		return null;
	}
}

export function createViewStore(place: Place): ViewStore {
	return createStore<View>((set, get) => ({
		address: parseAddress(place.readHash()),
		preferences: parsePreferences(attempt(() => place.readPreferences())),
		said: null,
		diagnose: null,
		go(address, replace = false) {
			place.writeHash(hashOf(address), replace);
			set({ address });
		},
		hashChanged() {
			const address = parseAddress(place.readHash());
			if (hashOf(address) !== hashOf(get().address)) set({ address });
		},
		prefer(change) {
			const preferences = { ...get().preferences, ...change };
			attempt(() => place.writePreferences(JSON.stringify(preferences)));
			set({ preferences });
		},
		say(text) {
			set({ said: { text, n: (get().said?.n ?? 0) + 1 } });
		},
		askDiagnosis(host) {
			set({ diagnose: host });
		},
	}));
}
