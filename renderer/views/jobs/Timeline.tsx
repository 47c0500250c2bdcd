// When the hosts of a job ended, as a strip of small stacks, with the times of which we know nothing hatched. Each stack is
// a button that leaves exactly its hosts in the list; what the strip shows is also said below it in words.
import type { KeyboardEvent, ReactElement } from "react";
import { useMemo, useRef, useState } from "react";
import type { HostRun, Job } from "../../../shared/model.ts";
import { timeOfDay } from "../../store/age.ts";
import type { Gap, Timeline as Line, Slice } from "../../store/timeline.ts";
import { darkTimes, timelineOf } from "../../store/timeline.ts";
import type { TimeSpan } from "../../store/view.ts";
import toneStyles from "../../ui/SegmentBar.module.css";
import { useCore, useNow, useParts, useView } from "../window.ts";
import { endedCount, hostsText, RUN_SIGNS } from "../words.ts";
import styles from "./Timeline.module.css";

/** Stacks that fit without becoming hairlines. */
const MOST_SLICES = 96;
/** Below this height a stack could not be pointed at. */
const LEAST_PART = 0.16;

/** A strip of more hosts than this is made anew less often: a screen shows no difference. */
const MANY_HOSTS = 2_000;
const SELDOM_MS = 3_000;

/** The strip, made anew at most once a second, however fast the job's hosts end. */
function useTimeline(job: Job): Line {
	const { core } = useParts();
	const now = useNow();
	const lostAt = useCore(({ line }) =>
		line.kind === "closed" ? line.sinceAt : null,
	);
	const isOpen = job.endedAt === null;
	const step = job.counts.host > MANY_HOSTS ? SELDOM_MS : 1;
	// Later than now by less than a step: what is newest is on the strip.
	const at = job.endedAt ?? Math.ceil(now / step) * step;
	// biome-ignore lint/correctness/useExhaustiveDependencies: an open job is looked at once a second, an ended one when it changes
	return useMemo(() => {
		const { fleet } = core.getState();
		const runs = (fleet.runsOfJob.get(job.id) ?? [])
			.map((key) => fleet.replica.runs.get(key))
			.filter((run): run is HostRun => run !== undefined);
		return timelineOf({
			job,
			runs,
			skewOf: (run) => fleet.replica.hosts.get(run.hostId)?.skewMs ?? null,
			dark: darkTimes(runs, fleet.replica.events, job, isOpen ? lostAt : null),
			now: at,
			most: MOST_SLICES,
		});
	}, [core, at, isOpen ? null : job, lostAt]);
}

export function Timeline(props: {
	readonly job: Job;
	readonly chosen: TimeSpan | null;
	/** Null: whenever. */
	readonly onChoose: (span: TimeSpan | null) => void;
}): ReactElement {
	const line = useTimeline(props.job);
	const utc = useView((view) => view.preferences.utc);
	const [pointed, setPointed] = useState<number | null>(null);
	const [roving, setRoving] = useState(-1);
	const strip = useRef<HTMLDivElement>(null);
	const { slices } = line;
	const shown = pointed === null ? undefined : slices[pointed];
	const filled = slices.flatMap((slice, at) => (slice.total > 0 ? [at] : []));
	const stop = filled.includes(roving) ? roving : filled[0];
	const onKeyDown = (event: KeyboardEvent): void => {
		const to = neighbour(filled, stop ?? 0, event.key);
		if (to === undefined) return;
		event.preventDefault();
		event.stopPropagation();
		setRoving(to);
		strip.current?.querySelector<HTMLElement>(`[data-at="${to}"]`)?.focus();
	};
	const isChosen = ({ from, to }: Slice): boolean =>
		props.chosen?.from === from && props.chosen.to === to;
	return (
		<div className={styles.timeline}>
			{/* biome-ignore lint/a11y/useSemanticElements: a fieldset gives its content no height to take a part of */}
			<div
				ref={strip}
				role="group"
				className={styles.strip}
				aria-label="When hosts ended"
				onKeyDown={onKeyDown}
				onPointerLeave={() => setPointed(null)}
			>
				{line.gaps.map((gap) => (
					<GapMark
						key={`${gap.from}-${gap.to}`}
						gap={gap}
						line={line}
						hosts={props.job.counts.host}
					/>
				))}
				{slices.map((slice, at) =>
					slice.total === 0 ? (
						// biome-ignore lint/suspicious/noArrayIndexKey: slices are places
						<span key={at} className={styles.empty} />
					) : (
						<button
							// biome-ignore lint/suspicious/noArrayIndexKey: slices are places
							key={at}
							type="button"
							data-at={at}
							className={styles.slice}
							aria-label={sliceWords(slice, utc)}
							aria-pressed={isChosen(slice)}
							tabIndex={at === stop ? 0 : -1}
							onClick={() =>
								props.onChoose(
									isChosen(slice) ? null : { from: slice.from, to: slice.to },
								)
							}
							onPointerEnter={() => setPointed(at)}
							onFocus={() => {
								setPointed(at);
								setRoving(at);
							}}
							onBlur={() => setPointed(null)}
						>
							<Stack slice={slice} highest={line.highest} />
						</button>
					),
				)}
			</div>
			<p className={styles.caption}>
				<span>{timeOfDay(line.from, utc)}</span>
				<span className={styles.words}>
					{shown === undefined
						? lineWords(line, endedCount(props.job.counts), utc)
						: sliceWords(shown, utc)}
				</span>
				<span>
					{props.job.endedAt === null ? "now" : timeOfDay(line.to, utc)}
				</span>
			</p>
		</div>
	);
}

function neighbour(
	filled: readonly number[],
	at: number,
	key: string,
): number | undefined {
	const place = filled.indexOf(at);
	if (key === "ArrowRight") return filled[place + 1];
	if (key === "ArrowLeft") return place > 0 ? filled[place - 1] : undefined;
	if (key === "Home") return filled[0];
	return key === "End" ? filled.at(-1) : undefined;
}

function Stack(props: {
	readonly slice: Slice;
	readonly highest: number;
}): ReactElement {
	const { slice, highest } = props;
	const height = Math.max(LEAST_PART, slice.total / highest);
	return (
		<span className={styles.stack} style={{ height: `${height * 100}%` }}>
			{slice.ended.map(({ state, count }) => (
				<span
					key={state}
					className={`${styles.part} ${toneStyles[RUN_SIGNS[state].tone] ?? ""}`}
					style={{ flexGrow: count }}
				/>
			))}
		</span>
	);
}

function GapMark(props: {
	readonly gap: Gap;
	readonly line: Line;
	readonly hosts: number;
}): ReactElement {
	const { gap, line } = props;
	// As high as the part of the hosts that were out of sight, hanging from the top.
	const dark = gap.hosts === null ? 1 : gap.hosts / Math.max(1, props.hosts);
	const part = (at: number): number =>
		((at - line.from) / (line.to - line.from)) * 100;
	return (
		<span
			aria-hidden="true"
			className={styles.gap}
			style={{
				left: `${part(gap.from)}%`,
				width: `${Math.max(0.4, part(gap.to) - part(gap.from))}%`,
				height: `${Math.max(LEAST_PART, dark) * 100}%`,
			}}
		/>
	);
}

/** `03:02:10 to 03:02:20: 1 failed, 4 succeeded`. */
function sliceWords({ from, to, ended }: Slice, utc: boolean): string {
	const counts = ended.map(
		({ state, count }) => `${count} ${RUN_SIGNS[state].words}`,
	);
	return `${timeOfDay(from, utc)} to ${timeOfDay(to, utc)}: ${counts.join(", ")}`;
}

/** Gaps that are told one by one. */
const TOLD_GAPS = 2;

/** The strip in one sentence. @param ended as the buttons beside it count, which are not a second behind. */
function lineWords(line: Line, ended: number, utc: boolean): string {
	const parts: string[] = [];
	if (line.firstEnd !== null && line.lastEnd !== null)
		parts.push(
			timeOfDay(line.firstEnd, utc) === timeOfDay(line.lastEnd, utc)
				? `${ended} ended at ${timeOfDay(line.firstEnd, utc)}`
				: `${ended} ended between ${timeOfDay(line.firstEnd, utc)} and ${timeOfDay(line.lastEnd, utc)}`,
		);
	else parts.push("none has ended yet");
	for (const gap of line.gaps.slice(0, TOLD_GAPS)) {
		const whom = gap.hosts === null ? "" : ` of ${hostsText(gap.hosts)}`;
		const from = timeOfDay(gap.from, utc);
		parts.push(
			gap.lasts && line.open > 0
				? `no knowledge${whom} since ${from}`
				: `no knowledge${whom} from ${from} to ${timeOfDay(gap.to, utc)}`,
		);
	}
	const more = line.gaps.length - TOLD_GAPS;
	if (more > 0) parts.push(`and ${more} more ${more === 1 ? "gap" : "gaps"}`);
	return parts.join("; ");
}
