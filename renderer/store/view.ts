// Where the person is and how they like it: the address (a link that can be shared) and the preferences. What is on the
// screen follows from this and the replica alone. Knows no DOM: hash and storage are arguments.
import type { StoreApi } from "zustand/vanilla";
import { createStore } from "zustand/vanilla";
import type { Activity, HostId, JobId, RunState } from "../../shared/model.ts";
import { hostId, jobId, RUN_STATES } from "../../shared/model.ts";

export type Address =
	| { readonly screen: "jobs"; readonly q: string }
	| {
			readonly screen: "job";
			readonly jobId: JobId;
			readonly host: HostId | null;
			readonly state: RunState | null;
			readonly q: string;
	  }
	| {
			readonly screen: "hosts";
			readonly host: HostId | null;
			readonly q: string;
	  }
	| {
			readonly screen: "activity";
			readonly kind: Activity["kind"] | null;
			readonly q: string;
	  }
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

/** Reads `#/jobs/ID?host=db-07&state=failed` and its like. Anything else is the list of jobs. */
export function parseAddress(hash: string): Address {
	const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
	const [screen, id] = path.split("/").map(decoded);
	const asked = new URLSearchParams(query);
	const q = asked.get("q") ?? "";
	const host = asked.get("host");
	switch (screen) {
		case "jobs":
			return id
				? {
						screen: "job",
						jobId: jobId(id),
						host: host ? hostId(host) : null,
						state: oneOf(RUN_STATES, asked.get("state")),
						q,
					}
				: { screen: "jobs", q };
		case "hosts":
			return { screen: "hosts", host: id ? hostId(id) : null, q };
		case "activity":
			return { screen: "activity", kind: oneOf(KINDS, asked.get("kind")), q };
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
			});
		case "hosts":
			return at(
				address.host === null
					? "hosts"
					: `hosts/${encodeURIComponent(address.host)}`,
				{ q: address.q },
			);
		case "activity":
			return at("activity", { kind: address.kind, q: address.q });
		default:
			return at(address.screen);
	}
}

export const THEMES = ["system", "dark", "light"] as const;
export const DENSITIES = ["comfortable", "compact"] as const;

export interface Preferences {
	readonly theme: (typeof THEMES)[number];
	/** Row height: 36 px, or 28 px when compact. */
	readonly density: (typeof DENSITIES)[number];
	readonly utc: boolean;
}

export const ROW_PX = { comfortable: 36, compact: 28 } as const;

export const DEFAULT_PREFERENCES: Preferences = {
	theme: "system",
	density: "comfortable",
	utc: false,
};

/** Preferences from what was stored; what is absent or no longer known falls back to the default. */
export function parsePreferences(stored: string | null): Preferences {
	let value: unknown;
	try {
		value = JSON.parse(stored ?? "{}");
	} catch {
		return DEFAULT_PREFERENCES;
	}
	const { theme, density, utc } = (value ?? {}) as Record<string, unknown>;
	return {
		theme: THEMES.find((known) => known === theme) ?? DEFAULT_PREFERENCES.theme,
		density:
			DENSITIES.find((known) => known === density) ??
			DEFAULT_PREFERENCES.density,
		utc: utc === true,
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
	/** Goes there. `replace`: not a step of its own, as when typing a filter. */
	go(address: Address, replace?: boolean): void;
	/** The person used the browser's history or edited the address. */
	hashChanged(): void;
	prefer(change: Partial<Preferences>): void;
}

export type ViewStore = StoreApi<View>;

export function createViewStore(place: Place): ViewStore {
	return createStore<View>((set, get) => ({
		address: parseAddress(place.readHash()),
		preferences: parsePreferences(place.readPreferences()),
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
			place.writePreferences(JSON.stringify(preferences));
			set({ preferences });
		},
	}));
}
