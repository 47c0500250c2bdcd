// One line of the stream. The kind comes first in the text, so that it is the first thing read out.
import type { ReactElement, ReactNode } from "react";
import { memo } from "react";
import type { Activity, HostEvent, JobEvent } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { Glyph } from "../../ui/Glyph.tsx";
import { SegmentBar } from "../../ui/SegmentBar.tsx";
import { Go } from "../Go.tsx";
import { TimeOfDay } from "../Times.tsx";
import { useRowPx } from "../window.ts";
import {
	countsInWords,
	endedCount,
	JOB_SIGNS,
	RUN_SIGNS,
	rootCause,
	SOURCE_WORDS,
	saying,
	segmentsOf,
} from "../words.ts";
import styles from "./ActivityScreen.module.css";

function PlainLine(props: {
	readonly event: Activity;
	readonly top: number;
	readonly at: number;
	readonly of: number;
}): ReactElement {
	const { event } = props;
	const rowPx = useRowPx();
	return (
		<li
			className={`${styles.line} ${styles[event.kind]}`}
			style={{ transform: `translateY(${props.top}px)`, height: rowPx }}
			aria-posinset={props.at}
			aria-setsize={props.of}
		>
			{event.kind === "host" ? (
				<HostLine event={event} />
			) : event.kind === "job" ? (
				<JobLine event={event} />
			) : event.kind === "overdue" ? (
				<OverdueLine event={event} />
			) : (
				<Line kind="Gap" at={event.receivedAt}>
					<span className={styles.gapText}>
						{event.hostId !== null && (
							<span className={styles.hostName}>{visible(event.hostId)} </span>
						)}
						{visible(event.sentence)}
					</span>
				</Line>
			)}
		</li>
	);
}

export const ActivityLine = memo(PlainLine);

function Line(props: {
	readonly kind: "Host" | "Job" | "Gap";
	readonly at: number;
	readonly children: ReactNode;
}): ReactElement {
	return (
		<>
			<span className={styles.kind}>{props.kind} </span>
			{props.children}
			<span className={styles.time}>
				<TimeOfDay at={props.at} />
			</span>
		</>
	);
}

/** The host's name; it leads to what the job does there. */
function HostOfJob(props: {
	readonly event: Pick<HostEvent, "jobId" | "hostId">;
}): ReactElement {
	const { jobId, hostId } = props.event;
	return (
		<Go
			className={styles.hostName}
			to={{ screen: "job", jobId, host: hostId, state: null, q: "" }}
		>
			{visible(hostId)}
		</Go>
	);
}

function OverdueLine(props: {
	readonly event: Extract<Activity, { kind: "overdue" }>;
}): ReactElement {
	const { event } = props;
	return (
		<Line kind="Host" at={event.receivedAt}>
			<span className={styles.gapText}>
				<HostOfJob event={event} /> {visible(event.sentence)}
			</span>
		</Line>
	);
}

function HostLine(props: { readonly event: HostEvent }): ReactElement {
	const { event } = props;
	const { words, shape, tone } = RUN_SIGNS[event.status];
	const text = visible(
		event.error === null
			? saying(event.message, event.status)
			: rootCause(event.error),
	);
	return (
		<Line kind="Host" at={event.receivedAt}>
			<HostOfJob event={event} />{" "}
			<span className={`${styles.state} ${styles[event.status] ?? ""}`}>
				<Glyph shape={shape} tone={tone} />
				{words}
			</span>{" "}
			<span className={styles.message} title={text}>
				{text}
			</span>{" "}
			<code className={styles.code}>
				{event.errorCode === null ? "" : visible(event.errorCode)}
			</code>
			<span className={styles.source}>{SOURCE_WORDS[event.source]}</span>
		</Line>
	);
}

function JobLine(props: { readonly event: JobEvent }): ReactElement {
	const { event } = props;
	const { words, shape, tone } = JOB_SIGNS[event.status];
	const inWords = countsInWords(event.counts);
	return (
		<Line kind="Job" at={event.receivedAt}>
			<span className={`${styles.state} ${styles[event.status] ?? ""}`}>
				<Glyph shape={shape} tone={tone} />
				{words}
			</span>{" "}
			<Go
				className={styles.jobName}
				to={{
					screen: "job",
					jobId: event.jobId,
					host: null,
					state: null,
					q: "",
				}}
			>
				{visible(event.label)}
			</Go>{" "}
			<span className={styles.bar}>
				<SegmentBar
					label={`${visible(event.label)} at that time`}
					words={inWords}
					done={endedCount(event.counts)}
					total={event.counts.host}
					segments={segmentsOf(event.counts)}
				/>
			</span>
			<span className={styles.counts} title={inWords}>
				{inWords} of {event.counts.host}
			</span>
		</Line>
	);
}
