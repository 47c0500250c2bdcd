// One host run as a row of its job.
import type { RunKey } from "../../../shared/model.ts";
import { isOpen, isOverdue } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { BAD_STATES } from "../../store/select.ts";
import { Glyph } from "../../ui/Glyph.tsx";
import type { RowFace } from "../../ui/VirtualGrid.tsx";
import { ChannelBadge } from "../hosts/ChannelBadge.tsx";
import { Age } from "../Times.tsx";
import { useCore, useQuiet } from "../window.ts";
import { errorCodeWords, RUN_SIGNS, runLine, stateWords } from "../words.ts";
import styles from "./JobScreen.module.css";
import { Usual } from "./Usual.tsx";

/** The row of a run; null when the run is gone. */
export function useRunRow(key: RunKey): RowFace | null {
	const run = useCore((core) => core.fleet.replica.runs.get(key));
	const channel = useCore((core) =>
		run === undefined
			? undefined
			: core.fleet.replica.hosts.get(run.hostId)?.link.channel,
	);
	const lastKnown = useCore(
		(core) =>
			run !== undefined &&
			core.fleet.replica.hosts.get(run.hostId)?.lastKnown === true,
	);
	const quiet = useQuiet(run);
	if (run === undefined) return null;
	const { shape, tone } = RUN_SIGNS[run.state];
	const words = stateWords(run);
	const line = visible(runLine(run));
	const host = visible(run.hostId);
	return {
		name: [
			host,
			words,
			isOverdue(run) && "overdue",
			lastKnown && "last known state",
			quiet && "no progress",
			line,
			run.errorCode && visible(run.errorCode),
		]
			.filter(Boolean)
			.join(", "),
		loud: BAD_STATES.has(run.state),
		stale: lastKnown,
		cells: [
			<span key="sign" className={styles.sign}>
				<Glyph shape={shape} tone={tone} />
			</span>,
			<span key="host" className={styles.host} title={host}>
				{host}
			</span>,
			<span
				key="state"
				className={styles[run.state] ?? styles.state}
				title={words}
			>
				{words} {isOverdue(run) && <b className={styles.late}>overdue</b>}
			</span>,
			<span
				key="message"
				className={run.error === null ? styles.message : styles.error}
				title={line}
			>
				{quiet && (
					<span className={styles.late}>
						no progress for <Age at={run.progressAt} />
						<Usual run={run} />
						{line !== "" && " · "}
					</span>
				)}
				{line}
			</span>,
			<code
				key="code"
				className={styles.code}
				title={run.errorCode === null ? "" : errorCodeWords(run.errorCode)}
			>
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
