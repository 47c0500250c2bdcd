// A job as Markdown for the incident channel: how it stands, and which hosts failed and why. Pure; a fleet's text can make
// no markup of its own, mention nobody and link nowhere.
import type { HostRun, Job } from "../../shared/model.ts";
import { visible } from "../../shared/visibleText.ts";
import { fullTime, span } from "./age.ts";
import type { Scope } from "./scope.ts";
import { sharedWords } from "./scope.ts";

/** Hosts that are named; the others are counted. */
export const NAMED_HOSTS = 50;
/** A reason is cut at this many characters. */
const REASON_CHARS = 300;

export interface JobNews {
	readonly job: Job;
	/** Runs that need a look, worst first. */
	readonly bad: readonly HostRun[];
	readonly scope: Scope;
	/** `2 failed · 48 succeeded`. */
	readonly counts: string;
	readonly stuck: number;
	readonly now: number;
	readonly utc: boolean;
	/** Where the job can be seen; empty when no link leads there. */
	readonly link: string;
	/** The state of a run in words, and why in one line. */
	readonly stateWords: (run: HostRun) => string;
	readonly reason: (run: HostRun) => string;
}

/** A heading, the state with its age, a table of the hosts that need a look, and the link. */
export function jobMarkdown(news: JobNews): string {
	const { job, bad, now, utc } = news;
	const took = span((job.endedAt ?? now) - job.startedAt);
	const ran = job.endedAt === null ? `for ${took}` : `took ${took}`;
	const labels = sharedWords(news.scope, news.scope.shared.length);
	const hosts = job.counts.host === 1 ? "1 host" : `${job.counts.host} hosts`;
	const named = bad.slice(0, NAMED_HOSTS);
	const table =
		named.length === 0
			? []
			: [
					"",
					"| Host | State | Reason | Code |",
					"| --- | --- | --- | --- |",
					...named.map((run) => row(news, run)),
				];
	const more = bad.length - named.length;
	return [
		`**${escaped(job.label)}**: ${news.counts} of ${hosts}${labels === "" ? "" : ` (${escaped(labels)})`}`,
		"",
		`${job.endedAt === null ? "running" : "ended"}, started ${fullTime(job.startedAt, utc)}, ${ran}; as of ${fullTime(now, utc)}`,
		...(news.stuck > 0
			? ["", `${news.stuck} running without progress for long`]
			: []),
		...table,
		...(more > 0 ? ["", `… and ${more} more`] : []),
		...(news.link === "" ? [] : ["", `<${news.link}>`]),
		"",
	].join("\n");
}

const row = (news: JobNews, run: HostRun): string =>
	`| ${[
		escaped(run.hostId),
		escaped(news.stateWords(run)),
		escaped(cut(news.reason(run))),
		escaped(run.errorCode ?? ""),
	].join(" | ")} |`;

function cut(text: string): string {
	const characters = [...text];
	return characters.length <= REASON_CHARS
		? text
		: `${characters.slice(0, REASON_CHARS - 1).join("")}…`;
}

/** On one line; every character that could be markup is escaped, and an address or a mention is not one any more. */
export const escaped = (text: string): string =>
	visible(text)
		.replace(/[\\`*_[\]<>|&#~!(){}]/g, (sign) => `\\${sign}`)
		// Chats ring everybody for a bare @here, and make links of bare addresses.
		.replace(/@(?=\w)/g, "@\u200a")
		.replace(/:\/\//g, ":/\u200a/");
