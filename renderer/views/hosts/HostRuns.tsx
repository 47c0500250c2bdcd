// What jobs did on one host, newest first.
import type { ReactElement } from "react";
import type { HostId, RunKey } from "../../../shared/model.ts";
import { isOverdue } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { newestRuns } from "../../store/hostRuns.ts";
import { Glyph } from "../../ui/Glyph.tsx";
import { Section } from "../../ui/Panel.tsx";
import { Go } from "../Go.tsx";
import { Age } from "../Times.tsx";
import { useCore } from "../window.ts";
import { RUN_SIGNS, stateWords } from "../words.ts";
import styles from "./HostsScreen.module.css";

export function HostRuns(props: {
	readonly hostId: HostId;
}): ReactElement | null {
	const keys = useCore((core) => core.fleet.runsOfHost.get(props.hostId));
	if (keys === undefined) return null;
	return (
		<Section title="Jobs on this host">
			<ul className={styles.runs}>
				{newestRuns(keys).map((key) => (
					<HostRunLine key={key} runKey={key} />
				))}
			</ul>
		</Section>
	);
}

function HostRunLine(props: { readonly runKey: RunKey }): ReactElement | null {
	const run = useCore((core) => core.fleet.replica.runs.get(props.runKey));
	const label = useCore((core) =>
		run === undefined
			? undefined
			: core.fleet.replica.jobs.get(run.jobId)?.label,
	);
	if (run === undefined) return null;
	const { shape, tone } = RUN_SIGNS[run.state];
	const words = isOverdue(run)
		? `${stateWords(run)}, overdue`
		: stateWords(run);
	return (
		<li>
			<span title={words}>
				<Glyph shape={shape} tone={tone} />
			</span>
			<Go
				to={{
					screen: "job",
					jobId: run.jobId,
					host: run.hostId,
					state: null,
					q: "",
				}}
			>
				{visible(label ?? run.operation)}
			</Go>
			<span className={styles.quiet}>{words}</span>
			<Age at={run.changedAt} ago />
		</li>
	);
}
