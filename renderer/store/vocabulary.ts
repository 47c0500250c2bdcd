// The words that a filter may hold on each list, with what they mean: what completion offers and what makes a word known.
// Labels and ids come from the fleet itself.
import type { FaultCode } from "../../shared/fault.ts";
import { FAULT_CODES } from "../../shared/fault.ts";
import type { Host, HostId } from "../../shared/model.ts";
import {
	CHANNELS,
	JOB_STATES,
	ORIGINS,
	RUN_STATES,
} from "../../shared/model.ts";
import type { Field } from "./filter.ts";
import type { Fleet } from "./replica.ts";

/** A screen with a filter. */
export type ListName = "jobs" | "job" | "hosts" | "activity";

/** A word and what it stands for; the meaning is empty where the word says it all. */
export interface Word {
	readonly word: string;
	readonly means: string;
}

const spelled = (word: string): string => word.replaceAll("_", "-");
const plain = (words: readonly string[]): readonly Word[] =>
	words.map((word) => ({ word: spelled(word), means: "" }));

const HEALTHS = plain(["healthy", "degraded", "unreachable", "never_seen"]);

const IS: Record<ListName, readonly Word[]> = {
	jobs: [
		...plain([...new Set<string>([...JOB_STATES, ...RUN_STATES])]),
		...ORIGINS.map((word) => ({
			word,
			means: {
				ours: "started here",
				parent: "told by agents",
				observed: "seen to match",
			}[word],
		})),
	],
	job: [
		...plain(RUN_STATES),
		{ word: "overdue", means: "runs for longer than it may" },
	],
	hosts: [
		{ word: "failed", means: "its newest run failed" },
		{ word: "stale", means: "not heard from for longer than expected" },
		{ word: "last-known", means: "not heard from since Foredeck started" },
		{ word: "busy", means: "has open runs" },
		{ word: "reboot", means: "waits for a reboot" },
		...HEALTHS,
		...plain(CHANNELS),
		...plain(RUN_STATES.filter((state) => state !== "failed")),
	],
	activity: [
		...plain([...new Set<string>([...RUN_STATES, ...JOB_STATES])]),
		{ word: "job", means: "what a job did" },
		{ word: "host", means: "what a host did" },
		{ word: "gap", means: "we may have missed something" },
		{ word: "overdue", means: "runs for longer than it may" },
	],
};

const FIELD_MEANINGS: Readonly<Record<Field, string>> = {
	is: "state",
	channel: "how we are connected",
	fault: "why we are not, or the error code",
	health: "the host’s own state",
	host: "by its id",
	job: "by its id",
};

const FIELDS_OF: Record<ListName, readonly Field[]> = {
	jobs: ["is", "job"],
	job: ["is", "host", "channel", "health", "fault"],
	hosts: ["is", "channel", "health", "fault", "host"],
	activity: ["is", "host", "job", "fault"],
};

/** The fields that mean something on this list, as `is:`. */
export const fieldsOf = (list: ListName): readonly Word[] =>
	FIELDS_OF[list].map((field) => ({
		word: `${field}:`,
		means: FIELD_MEANINGS[field],
	}));

export const knowsField = (list: ListName, field: Field): boolean =>
	FIELDS_OF[list].includes(field);

/** Whether hosts’ labels mean something on this list. */
export const hasLabels = (list: ListName): boolean =>
	list === "hosts" || list === "job";

/** Groups of fault codes that are worth a star. */
const areas = (codes: readonly FaultCode[]): readonly Word[] => {
	const byArea = new Map<string, number>();
	for (const code of codes) {
		const area = code.slice(0, code.indexOf("."));
		byArea.set(area, (byArea.get(area) ?? 0) + 1);
	}
	return [...byArea]
		.filter(([, count]) => count > 1)
		.map(([area]) => ({ word: `${area}.*`, means: `any ${area} fault` }));
};

/** What the fleet itself adds: its labels, its hosts, and the fault codes that are in it now. */
export interface FleetWords {
	/** Values by label key, both in their order. */
	readonly labels: ReadonlyMap<string, readonly string[]>;
	readonly hosts: readonly HostId[];
	/** Fault and error codes that some host or run has now. */
	readonly codes: readonly string[];
	readonly jobs: readonly Word[];
}

/** The words of a field on this list. Known faults of the fleet come first. */
export function wordsOfField(
	list: ListName,
	field: Field,
	fleet: FleetWords,
): readonly Word[] {
	switch (field) {
		case "is":
			return IS[list];
		case "channel":
			return plain(CHANNELS);
		case "health":
			return HEALTHS;
		case "host":
			return fleet.hosts.map((word) => ({ word, means: "" }));
		case "job":
			return fleet.jobs;
		case "fault": {
			const here = new Set(fleet.codes);
			return [
				...fleet.codes.map((word) => ({ word, means: "here now" })),
				...(list === "activity" ? [] : areas(FAULT_CODES)),
				...FAULT_CODES.filter((code) => !here.has(code)).map((word) => ({
					word,
					means: "",
				})),
			];
		}
	}
}

const inOrder = (words: Iterable<string>): readonly string[] =>
	[...words].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

/** Reads them from the fleet: once for each look of a person, never for each delta. */
export function fleetWords(fleet: Fleet): FleetWords {
	const labels = new Map<string, Set<string>>();
	const codes = new Set<string>();
	for (const host of fleet.replica.hosts.values()) {
		addLabels(labels, host);
		if (host.link.fault !== null) codes.add(host.link.fault);
	}
	for (const run of fleet.replica.runs.values())
		if (run.errorCode !== null) codes.add(run.errorCode);
	return {
		labels: new Map(
			inOrder(labels.keys()).map((key) => [
				key,
				inOrder(labels.get(key) ?? []),
			]),
		),
		hosts: fleet.hostOrder,
		codes: inOrder(codes),
		jobs: fleet.jobOrder.map((id) => ({
			word: id,
			means: fleet.replica.jobs.get(id)?.label ?? "",
		})),
	};
}

function addLabels(labels: Map<string, Set<string>>, host: Host): void {
	for (const [key, value] of Object.entries(host.labels)) {
		const values = labels.get(key);
		if (values === undefined) labels.set(key, new Set([value]));
		else values.add(value);
	}
}
