// One host as Markdown for the incident channel: the two facts, the reason, the next step, what runs there and how the
// channel came to be as it is. Pure.
import type { Host, HostRun, LinkTransition } from "../../../shared/model.ts";
import { age } from "../../store/age.ts";
import { isStale } from "../../store/subject.ts";
import { escaped } from "../markdown.ts";
import {
	CHANNEL_SIGNS,
	HEALTH_SIGNS,
	NOT_REPORTED,
	rebootWords,
	runLine,
	skewWords,
	stateWords,
} from "../words.ts";

/** More changes and runs than this are for the console, not for a message. */
const CHANGES = 10;
const RUNS = 5;

/**
 * @param runs newest first. @param transitions oldest first; null when they could not be asked.
 * @param now by the core's clock, epoch ms.
 */
export function hostMarkdown(
	host: Host,
	runs: readonly HostRun[],
	transitions: readonly LinkTransition[] | null,
	now: number,
): string {
	const { link, health } = host;
	const labels = Object.entries(host.labels).map(
		([key, value]) => `${key}=${value}`,
	);
	const place = host.address.includes(":") ? `[${host.address}]` : host.address;
	const fact = (name: string, text: string | null): string[] =>
		text === null || text === "" ? [] : [`- ${name}: ${escaped(text)}`];
	const heard =
		host.heardAt === null
			? "never"
			: `${age(host.heardAt, now)} ago${isStale(host, now) ? ", stale" : ""}`;
	return [
		`### ${escaped(host.id)}: ${CHANNEL_SIGNS[link.channel].words}, ${HEALTH_SIGNS[health.kind].words}`,
		"",
		`As of ${new Date(now).toISOString()}, ${escaped(`${place}:${host.port}`)}`,
		"",
		...(link.sentence === null
			? []
			: [
					`**${link.fault ?? "why"}**: ${escaped(link.sentence)}`,
					...(link.nextStep === null
						? []
						: ["", `Next step: ${escaped(link.nextStep)}`]),
					"",
				]),
		...fact(
			"our channel",
			`${link.channel} for ${age(link.sinceAt, now)}${link.attempt > 0 ? `, attempt ${link.attempt}` : ""}`,
		),
		...fact("heard from", heard),
		...fact(
			"host health",
			health.kind === "degraded"
				? `degraded: ${health.reasons.join("; ")}`
				: HEALTH_SIGNS[health.kind].words,
		),
		...fact("reboot", rebootWords(host.pendingReboot)),
		...fact("agent", host.agentVersion ?? NOT_REPORTED),
		...fact("system", host.os),
		...fact("clock", skewWords(host.skewMs)),
		...fact("labels", labels.join(", ")),
		...runsMarkdown(runs),
		...changesMarkdown(transitions),
		"",
	].join("\n");
}

function runsMarkdown(runs: readonly HostRun[]): string[] {
	if (runs.length === 0) return [];
	const more = runs.length - RUNS;
	return [
		"",
		"Jobs on this host, newest first:",
		"",
		...runs.slice(0, RUNS).map((run) => {
			const what = [run.operation, run.packages.slice(0, 3).join(", ")]
				.filter(Boolean)
				.join(" · ");
			const line = runLine(run);
			return `- ${escaped(`${what}: ${stateWords(run)}`)}${line === "" ? "" : `, ${escaped(line)}`}`;
		}),
		...(more > 0 ? [`- and ${more} more`] : []),
	];
}

function changesMarkdown(
	transitions: readonly LinkTransition[] | null,
): string[] {
	if (transitions === null)
		return ["", "The last changes of its channel could not be asked."];
	if (transitions.length === 0) return [];
	return [
		"",
		"Last changes of its channel, newest first:",
		"",
		"| when | channel | why |",
		"| --- | --- | --- |",
		...transitions
			.toReversed()
			.slice(0, CHANGES)
			.map(
				({ at, to, fault, sentence }) =>
					`| ${new Date(at).toISOString()} | ${to} | ${escaped([sentence ?? "", fault === null ? "" : `(${fault})`].filter(Boolean).join(" "))} |`,
			),
	];
}
