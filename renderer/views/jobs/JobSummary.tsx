// The upper part of a job's page: what it is and how it stands, its counts as buttons, when its hosts ended, and how they
// are shown below.
import { X } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { useMemo } from "react";
import type { Job, RunState } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { timeOfDay } from "../../store/age.ts";
import type { Zoom } from "../../store/matrix.ts";
import { createScope, sharedWords } from "../../store/scope.ts";
import type { TimeSpan } from "../../store/view.ts";
import { Choice } from "../../ui/Choice.tsx";
import { Glyph } from "../../ui/Glyph.tsx";
import { Age, Duration, Started } from "../Times.tsx";
import { useCore, useView } from "../window.ts";
import { hostsText, JOB_SIGNS, ORIGIN_WORDS } from "../words.ts";
import { Counts } from "./Counts.tsx";
import styles from "./JobSummary.module.css";
import { JobBar } from "./jobRow.tsx";
import { Timeline } from "./Timeline.tsx";
import type { JobAddress } from "./useJobKeys.ts";
import { useStuck } from "./useStuck.ts";

export interface SummaryProps {
	readonly job: Job;
	readonly address: JobAddress;
	readonly zoom: Zoom;
	/** Hosts that the filter leaves. */
	readonly shown: number;
	readonly onChange: (part: {
		readonly state?: RunState | null;
		readonly view?: "matrix" | undefined;
		readonly ended?: TimeSpan | undefined;
		readonly q?: string;
	}) => void;
	readonly onZoom: (zoom: Zoom) => void;
	/** What is new since the hosts were arranged. */
	readonly children: ReactNode;
}

export function JobSummary(props: SummaryProps): ReactElement {
	const { job, address, onChange } = props;
	return (
		<div className={styles.summary}>
			<div className={styles.top}>
				<Facts job={job} />
				<Views {...props} />
			</div>
			<JobBar job={job} tall />
			<Timeline
				job={job}
				chosen={address.ended ?? null}
				onChoose={(span) => onChange({ ended: span ?? undefined })}
			/>
			<div className={styles.row}>
				<Counts
					counts={job.counts}
					chosen={address.state}
					onChoose={(state) => onChange({ state })}
				/>
				<Shown {...props} />
			</div>
		</div>
	);
}

function Facts(props: { readonly job: Job }): ReactElement {
	const { job } = props;
	const { words, shape, tone } = JOB_SIGNS[job.status];
	const origin = ORIGIN_WORDS[job.origin];
	const stuck = useStuck(job.id);
	const open = job.endedAt === null;
	return (
		<div className={styles.facts}>
			<span className={styles.status}>
				<Glyph shape={shape} tone={tone} />
				{words}
			</span>
			<span title={origin.why}>{origin.words}</span>
			<ScopeWords job={job} />
			<span>
				started <Started at={job.startedAt} />
			</span>
			<span>
				{open ? "for " : "took "}
				<Duration from={job.startedAt} to={job.endedAt} />
			</span>
			{open && (
				<span>
					last progress <Age at={job.progressAt} ago />
				</span>
			)}
			{stuck > 0 && (
				<span className={styles.stuck}>
					<Glyph shape="dots" tone="warning" />
					{stuck} stuck
				</span>
			)}
		</div>
	);
}

/** `all 50 hosts: env=prod`. */
function ScopeWords(props: { readonly job: Job }): ReactElement {
	const scopeOf = useMemo(createScope, []);
	const scope = useCore((core) => scopeOf(core.fleet, props.job.id));
	const labels = sharedWords(scope);
	const hosts =
		scope.only === null
			? `${scope.wholeFleet ? "all " : ""}${hostsText(scope.hosts)}`
			: visible(scope.only);
	return (
		<span title="The labels that all hosts of this job have">
			{hosts}
			{labels !== "" && `: ${visible(labels)}`}
		</span>
	);
}

/** How the hosts are shown, and that some are not. */
function Shown(props: SummaryProps): ReactElement {
	const { job, address, shown, onChange } = props;
	const utc = useView((view) => view.preferences.utc);
	const { ended } = address;
	return (
		<div className={styles.shown}>
			{props.children}
			{ended !== undefined && (
				<button
					type="button"
					className={styles.span}
					title="Show hosts that ended whenever"
					onClick={() => onChange({ ended: undefined })}
				>
					ended {timeOfDay(ended.from, utc)} to {timeOfDay(ended.to, utc)}
					<X aria-label="remove" />
				</button>
			)}
			{shown < job.counts.host && (
				<span className={styles.some}>
					{shown} of {job.counts.host} shown
				</span>
			)}
		</div>
	);
}

/** Which way the hosts are shown. */
function Views(props: SummaryProps): ReactElement {
	const { address, onChange } = props;
	return (
		<div className={styles.views}>
			{address.view === "matrix" && (
				<Choice
					label="Size of the cells"
					value={props.zoom}
					options={ZOOM_OPTIONS}
					onChange={props.onZoom}
				/>
			)}
			<Choice
				label="Hosts as"
				value={address.view ?? "list"}
				options={VIEW_OPTIONS}
				onChange={(view) =>
					onChange({ view: view === "matrix" ? view : undefined })
				}
			/>
		</div>
	);
}

const ZOOM_OPTIONS: readonly { value: Zoom; words: string }[] = [
	{ value: "small", words: "S" },
	{ value: "medium", words: "M" },
	{ value: "large", words: "Names" },
];

const VIEW_OPTIONS: readonly { value: "list" | "matrix"; words: string }[] = [
	{ value: "list", words: "List" },
	{ value: "matrix", words: "Matrix" },
];
