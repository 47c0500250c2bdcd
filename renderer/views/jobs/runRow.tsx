// One host run as a row of its job.
import type { HostRun, RunKey } from "../../../shared/model.ts";
import { isOpen } from "../../../shared/model.ts";
import { BAD_STATES } from "../../store/select.ts";
import { Glyph } from "../../ui/Glyph.tsx";
import type { RowFace } from "../../ui/VirtualGrid.tsx";
import { visible } from "../../ui/visibleText.ts";
import { ChannelBadge } from "../hosts/ChannelBadge.tsx";
import { Age } from "../Times.tsx";
import { useCore } from "../window.ts";
import { RUN_SIGNS, runLine } from "../words.ts";
import styles from "./JobScreen.module.css";

/** The row of a run; null when the run is gone. */
export function useRunRow(key: RunKey): RowFace | null {
	const run = useCore((core) => core.fleet.replica.runs.get(key));
	const channel = useCore((core) =>
		run === undefined
			? undefined
			: core.fleet.replica.hosts.get(run.hostId)?.link.channel,
	);
	if (run === undefined) return null;
	const { shape, tone } = RUN_SIGNS[run.state];
	const words = stateWords(run);
	const line = visible(runLine(run));
	const host = visible(run.hostId);
	return {
		name: [host, words, line, run.errorCode && visible(run.errorCode)]
			.filter(Boolean)
			.join(", "),
		loud: BAD_STATES.has(run.state),
		cells: [
			<span key="sign" className={styles.sign}>
				<Glyph shape={shape} tone={tone} />
			</span>,
			<span key="host" className={styles.host} title={host}>
				{host}
			</span>,
			<span key="state" className={styles[run.state] ?? styles.state}>
				{words}
			</span>,
			<span
				key="message"
				className={run.error === null ? styles.message : styles.error}
				title={line}
			>
				{line}
			</span>,
			<code key="code" className={styles.code}>
				{run.errorCode === null ? "" : visible(run.errorCode)}
			</code>,
			<Age
				key="progress"
				at={isOpen(run.state) ? run.progressAt : run.changedAt}
				ago
			/>,
			channel === undefined ? null : (
				<ChannelBadge key="channel" channel={channel} />
			),
		],
	};
}

/** The state in words; the agent's own word where we do not know it, and progress where it says something. */
export function stateWords(run: HostRun): string {
	const { words } = RUN_SIGNS[run.state];
	if (run.state === "running" && run.progress !== null && run.progress > 0)
		return `${words} ${Math.round(run.progress)} %`;
	return words;
}
