// One job as a row: what it is, how far it is, and how it went, in words and as a bar.
import type { ReactElement } from "react";
import { useMemo } from "react";
import type { Job, JobId } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { createScope, sharedWords } from "../../store/scope.ts";
import { Glyph } from "../../ui/Glyph.tsx";
import { SegmentBar } from "../../ui/SegmentBar.tsx";
import type { RowFace } from "../../ui/VirtualGrid.tsx";
import { Go } from "../Go.tsx";
import { useJobLastKnown } from "../LastKnown.tsx";
import { Age, Duration, Started } from "../Times.tsx";
import { useCore } from "../window.ts";
import {
	countsInWords,
	endedCount,
	hostsText,
	JOB_SIGNS,
	needsALook,
	ORIGIN_WORDS,
	segmentsOf,
	wordedCounts,
} from "../words.ts";
import styles from "./JobsScreen.module.css";
import { useStuck } from "./useStuck.ts";

/** The row of a job; null when the job is gone. */
export function useJobRow(id: JobId): RowFace | null {
	const job = useCore((core) => core.fleet.replica.jobs.get(id));
	const scopeOf = useMemo(createScope, []);
	const scope = useCore((core) => scopeOf(core.fleet, id));
	const stuck = useStuck(id);
	const lastKnown = useJobLastKnown(id);
	if (job === undefined) return null;
	const { words, shape, tone } = JOB_SIGNS[job.status];
	const label = visible(job.label);
	const origin = ORIGIN_WORDS[job.origin];
	const inWords = countsInWords(job.counts);
	const open = job.endedAt === null;
	const labels = visible(sharedWords(scope));
	const stuckWords = stuck > 0 ? `, ${stuck} stuck` : "";
	return {
		name: `${label}, ${words}, ${origin.words}, ${inWords} of ${job.counts.host}${stuckWords}${lastKnown.hosts > 0 ? `, ${lastKnown.hosts} of ${lastKnown.of} hosts not heard since Foredeck started` : ""}${labels === "" ? "" : `, ${labels}`}`,
		loud: needsALook(job.counts),
		stale: lastKnown.hosts > 0,
		cells: [
			<span key="sign" className={styles.sign} title={words}>
				<Glyph shape={shape} tone={tone} />
			</span>,
			<span key="label" className={styles.name}>
				<span className={styles.label} title={label}>
					{label}
				</span>
				<span className={styles.origin} title={origin.why}>
					{origin.words}
				</span>
			</span>,
			<span key="scope" className={styles.scope} title={labels}>
				<Go inRow className={styles.number} to={allHosts(job.id)}>
					{scope.only === null
						? `${scope.wholeFleet ? "all " : ""}${hostsText(job.counts.host)}`
						: visible(scope.only)}
				</Go>
				{labels !== "" && <span className={styles.labels}>{labels}</span>}
			</span>,
			<JobBar key="bar" job={job} />,
			<CountWords key="counts" job={job} />,
			<Started key="start" at={job.startedAt} />,
			<Duration key="duration" from={job.startedAt} to={job.endedAt} />,
			<span key="progress" className={open ? "" : styles.quiet}>
				{open && lastKnown.hosts > 0 ? (
					<span
						title={`As of then: of ${lastKnown.hosts} of its ${lastKnown.of} hosts nothing was heard since Foredeck was started`}
					>
						<Started at={lastKnown.asOf} />
					</span>
				) : stuck > 0 ? (
					<b
						className={styles.stuck}
						title="No progress for the larger of five minutes and three times what the host usually takes"
					>
						{stuck} stuck
					</b>
				) : open ? (
					<Age at={job.progressAt} ago />
				) : (
					"ended"
				)}
			</span>,
		],
	};
}

const allHosts = (jobId: JobId) =>
	({ screen: "job", jobId, host: null, state: null, q: "" }) as const;

/** The segmented bar of a job, named by its label. */
export function JobBar(props: {
	readonly job: Job;
	readonly tall?: boolean;
}): ReactElement {
	const { job } = props;
	return (
		<SegmentBar
			label={visible(job.label)}
			words={countsInWords(job.counts)}
			done={endedCount(job.counts)}
			total={job.counts.host}
			segments={segmentsOf(job.counts)}
			tall={props.tall ?? false}
		/>
	);
}

function CountWords(props: { readonly job: Job }): ReactElement {
	const { job } = props;
	return (
		<span className={styles.counts}>
			{wordedCounts(job.counts).map(({ state, count, words }) => (
				<Go
					key={state}
					inRow
					className={`${styles.count} ${styles[state] ?? ""}`}
					to={{ screen: "job", jobId: job.id, host: null, state, q: "" }}
				>
					<b>{count}</b> {words}
				</Go>
			))}
		</span>
	);
}
