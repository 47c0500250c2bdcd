// The export of each screen: which rows it shows, and by which filter. They are the screen's own, by its own selection.
import type { ReactElement } from "react";
import type {
	Activity,
	Host,
	HostId,
	Job,
	JobId,
	RunKey,
} from "../../../shared/model.ts";
import {
	activityListing,
	shownLines,
} from "../../store/export/activityList.ts";
import { activityFilter, runFilter } from "../../store/export/filterWords.ts";
import { hostsListing, jobsListing } from "../../store/export/fleetLists.ts";
import { junit } from "../../store/export/junit.ts";
import {
	hostJobsListing,
	jobHostsListing,
	runsOf,
	skewIn,
} from "../../store/export/runLists.ts";
import { parseFilter } from "../../store/filter.ts";
import { newestRuns } from "../../store/hostRuns.ts";
import type { Address } from "../../store/view.ts";
import { useCore, useView } from "../window.ts";
import { countsInWords, runLine, stateWords, whyNot } from "../words.ts";
import { ExportMenu } from "./ExportMenu.tsx";

const RUN_WORDS = { runLine, stateWords };

export function ExportJobs(props: {
	readonly ids: readonly JobId[];
	readonly q: string;
}): ReactElement {
	const { ids, q } = props;
	return (
		<ExportMenu
			count={ids.length}
			row="job"
			what={{
				filter: q.trim(),
				listing: (fleet, facts) =>
					jobsListing(fleet, ids, facts, countsInWords),
			}}
		/>
	);
}

export function ExportHosts(props: {
	readonly ids: readonly HostId[];
	readonly q: string;
}): ReactElement {
	const { ids, q } = props;
	return (
		<ExportMenu
			count={ids.length}
			row="host"
			what={{
				filter: q.trim(),
				listing: (fleet, facts) => hostsListing(fleet, ids, facts, whyNot),
			}}
		/>
	);
}

export function ExportRuns(props: {
	readonly job: Job;
	readonly keys: readonly RunKey[];
	readonly address: Extract<Address, { screen: "job" }>;
}): ReactElement {
	const { job, keys, address } = props;
	const utc = useView((view) => view.preferences.utc);
	return (
		<ExportMenu
			count={keys.length}
			row="host of this job"
			what={{
				filter: runFilter(address, utc),
				listing: (fleet, facts) =>
					jobHostsListing(fleet, job, keys, facts, RUN_WORDS),
				junit: (fleet, facts) =>
					junit(
						{
							job,
							runs: runsOf(fleet, keys),
							skewOf: skewIn(fleet),
							reason: runLine,
						},
						facts,
					),
			}}
		/>
	);
}

export function ExportActivity(props: {
	readonly address: Extract<Address, { screen: "activity" }>;
	/** The newest line shown while the list is held; null while it follows. */
	readonly upTo: Activity["n"] | null;
	/** Lines on the screen. */
	readonly count: number;
}): ReactElement {
	const { address, upTo, count } = props;
	return (
		<ExportMenu
			count={count}
			row="event"
			what={{
				filter: activityFilter(address),
				listing: (fleet, facts) =>
					activityListing(
						shownLines(fleet.log, address.kind, parseFilter(address.q), upTo),
						facts,
						countsInWords,
					),
			}}
		/>
	);
}

/** The jobs that the panel of a host lists, with what is known of the host. */
export function ExportHost(props: { readonly host: Host }): ReactElement {
	const { host } = props;
	const keys = useCore((core) => core.fleet.runsOfHost.get(host.id));
	const shown = newestRuns(keys ?? []);
	return (
		<ExportMenu
			count={shown.length}
			row="job on this host"
			part="jobs on this host"
			what={{
				filter: "",
				listing: (fleet, facts) =>
					hostJobsListing(
						fleet,
						fleet.replica.hosts.get(host.id) ?? host,
						shown,
						facts,
						RUN_WORDS,
					),
			}}
		/>
	);
}
