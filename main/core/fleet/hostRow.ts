// What the window is shown of one host, made of its entry, its link and what its agent told.
import type { Fault } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import type { Channel, Host, LinkStatus } from "../../../shared/model.ts";
import type { AgentFacts } from "./agentFacts.ts";
import type { HostEntry } from "./target.ts";

export function hostRow(
	entry: HostEntry,
	link: LinkStatus,
	facts: AgentFacts,
	more: Pick<Host, "heardAt" | "lastKnown" | "staleAfterMs" | "openRuns">,
): Host {
	return {
		id: entry.id,
		address: entry.address,
		port: entry.port,
		servername: entry.servername,
		labels: entry.labels as Record<string, string>,
		link: readableLink(link, facts.fault),
		health: facts.health,
		agentVersion: facts.version,
		extensions: [...(facts.extensions ?? [])],
		uptimeSeconds: facts.uptimeSeconds,
		pendingReboot: facts.pendingReboot,
		os: facts.os,
		skewMs: facts.skewMs,
		...more,
	};
}

/** A live socket whose agent does not let its jobs be read is not all well: the row says why. */
function readableLink(link: LinkStatus, why: Fault | null): LinkStatus {
	if (link.channel !== "live" || why === null) return link;
	return {
		...link,
		fault: why.code,
		sentence: `live, but its jobs cannot be read: ${why.sentence}`,
		nextStep: why.nextStep,
	};
}

/** Of a link that has said nothing yet. */
export const IDLE: LinkStatus = {
	channel: "connecting",
	fault: null,
	sentence: null,
	nextStep: null,
	attempt: 0,
	sinceAt: 0,
	retryAt: null,
};

export const isConnected = (status: LinkStatus | null): boolean =>
	status?.channel === "live" || status?.channel === "polling";

/** Channels on which a first list may still come soon. */
export const AWAITED: ReadonlySet<Channel> = new Set([
	"connecting",
	"live",
	"polling",
]);

/** A command named a host that is not, or no longer, in the fleet. */
export const unknownHost = (id: string): Fault =>
	fault("host.unknown", {
		sentence: `there is no host ${JSON.stringify(id)} in this fleet`,
	});
