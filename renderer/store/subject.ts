// What a filter sees of a host, a job, a run and an activity line. Words are spelled with hyphens (`timed-out`).
import type {
	Activity,
	Host,
	HostId,
	HostRun,
	Job,
} from "../../shared/model.ts";
import { isOverdue } from "../../shared/model.ts";
import type { Field, Subject } from "./filter.ts";
import type { Fleet } from "./replica.ts";

/** Whether nothing was heard from the host for longer than its channel lets expect. Never heard counts as stale. */
export const isStale = (host: Host, now: number): boolean =>
	host.heardAt === null || now - host.heardAt > host.staleAfterMs;

const none: readonly string[] = [];
const spelled = (word: string): string => word.replaceAll("_", "-");

/** Rows do not change, and a person types a filter letter by letter. */
const hostTexts = new WeakMap<Host, string>();

/** What plain words of a filter are looked for in. */
function hostText(host: Host): string {
	const known = hostTexts.get(host);
	if (known !== undefined) return known;
	const { id, address, labels, link } = host;
	let text = `${id} ${address}`;
	for (const key of Object.keys(labels)) text += ` ${key}=${labels[key]}`;
	text = `${text} ${link.fault ?? ""} ${link.sentence ?? ""}`.toLowerCase();
	hostTexts.set(host, text);
	return text;
}

/** A host; `is:` knows its channel, health, newest run, and `stale`, `busy`, `reboot`. */
export function hostSubject(host: Host, fleet: Fleet, now: number): Subject {
	return {
		text: () => hostText(host),
		label: (key) =>
			Object.hasOwn(host.labels, key) ? host.labels[key] : undefined,
		words(field) {
			if (field === "channel") return [host.link.channel];
			if (field === "fault") return host.link.fault ? [host.link.fault] : none;
			if (field === "health") return [spelled(host.health.kind)];
			if (field === "host") return [host.id];
			return field === "is" ? hostWords(host, fleet, now) : none;
		},
	};
}

function hostWords(host: Host, fleet: Fleet, now: number): string[] {
	const words: string[] = [host.link.channel, spelled(host.health.kind)];
	if (isStale(host, now)) words.push("stale");
	if (host.lastKnown) words.push("last-known");
	if (host.openRuns > 0) words.push("busy");
	if (host.pendingReboot === true) words.push("reboot");
	const run = newestRun(fleet, host.id);
	if (run !== undefined) words.push(spelled(run.state));
	return words;
}

/** The run of a host that changed last; undefined when it has none. */
function newestRun(fleet: Fleet, host: HostId): HostRun | undefined {
	let newest: HostRun | undefined;
	for (const key of fleet.runsOfHost.get(host) ?? []) {
		const run = fleet.replica.runs.get(key);
		if (
			run !== undefined &&
			(newest === undefined || run.seenAt >= newest.seenAt)
		)
			newest = run;
	}
	return newest;
}

/** A job; `is:` knows its status, its origin and every state that one of its runs is in. */
export function jobSubject(job: Job): Subject {
	return {
		text: () =>
			`${job.label} ${job.id} ${job.origin} ${job.operation} ${job.packages.join(" ")}`.toLowerCase(),
		label: () => undefined,
		words(field) {
			if (field === "job") return [job.id];
			if (field !== "is") return none;
			const { host: _, ...states } = job.counts;
			const present = Object.entries(states)
				.filter(([, count]) => count > 0)
				.map(([state]) => spelled(state));
			return [job.status, job.origin, ...present];
		},
	};
}

/** A run, with its host’s labels, channel and health. */
export function runSubject(run: HostRun, host: Host | undefined): Subject {
	return {
		text: () =>
			`${run.hostId} ${run.message} ${run.error ?? ""} ${run.errorCode ?? ""} ${run.remark ?? ""}`.toLowerCase(),
		label: (key) =>
			host !== undefined && Object.hasOwn(host.labels, key)
				? host.labels[key]
				: undefined,
		words: (field) => runWords(run, host, field),
	};
}

function runWords(
	run: HostRun,
	host: Host | undefined,
	field: Field,
): readonly string[] {
	if (field === "is") {
		const words = [spelled(run.state), run.rawStatus];
		return isOverdue(run) ? [...words, "overdue"] : words;
	}
	if (field === "host") return [run.hostId];
	if (field === "job") return [run.jobId];
	if (field === "channel")
		return host === undefined ? none : [host.link.channel];
	if (field === "health")
		return host === undefined ? none : [spelled(host.health.kind)];
	const code = run.errorCode === null ? none : [run.errorCode];
	return host?.link.fault ? [...code, host.link.fault] : code;
}

/** An activity line; `is:` knows its kind and its state. */
export function eventSubject(event: Activity): Subject {
	return {
		text: () =>
			(event.kind === "host"
				? `${event.hostId} ${event.status} ${event.message} ${event.error ?? ""} ${event.errorCode ?? ""} ${event.jobId}`
				: event.kind === "job"
					? `${event.label} ${event.status} ${event.jobId}`
					: `${event.hostId ?? ""} ${event.sentence}`
			).toLowerCase(),
		label: () => undefined,
		words(field) {
			if (field === "is")
				return "status" in event
					? [event.kind, spelled(event.status)]
					: [event.kind];
			if (field === "host")
				return event.kind === "job" || event.hostId === null
					? none
					: [event.hostId];
			if (field === "job") return event.kind === "gap" ? none : [event.jobId];
			return field === "fault" && event.kind === "host" && event.errorCode
				? [event.errorCode]
				: none;
		},
	};
}
