// One job: its counts as buttons, its hosts as a list, and the run of the chosen host beside it.
import { ArrowLeft, CircleHelp } from "lucide-react";
import type { ReactElement } from "react";
import { useMemo } from "react";
import type { Job, RunKey, RunState } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { parseFilter } from "../../store/filter.ts";
import { BAD_STATES, createRunSelection } from "../../store/select.ts";
import type { Address } from "../../store/view.ts";
import { Glyph } from "../../ui/Glyph.tsx";
import { EmptyPage } from "../../ui/Notice.tsx";
import { useKeys } from "../../ui/useKeys.ts";
import { VirtualGrid } from "../../ui/VirtualGrid.tsx";
import { Go } from "../Go.tsx";
import { NoMatch } from "../NoMatch.tsx";
import { NothingKnown } from "../NothingKnown.tsx";
import { ScreenHead } from "../ScreenHead.tsx";
import { Age, Duration, Started } from "../Times.tsx";
import { useAttend } from "../useAttend.ts";
import { knowsFleet, useCore, useGo, useParts, useRowPx } from "../window.ts";
import { JOB_SIGNS, ORIGIN_WORDS } from "../words.ts";
import { Counts } from "./Counts.tsx";
import styles from "./JobScreen.module.css";
import { JobBar } from "./jobRow.tsx";
import { RunPanel } from "./RunPanel.tsx";
import { useRunRow } from "./runRow.tsx";

export type JobAddress = Extract<Address, { screen: "job" }>;

const HEADER = [
	"",
	"Host",
	"State",
	"Message",
	"Code",
	"Last progress",
	"Channel",
];

export function JobScreen(props: {
	readonly address: JobAddress;
}): ReactElement {
	const { jobId } = props.address;
	const job = useCore((core) => core.fleet.replica.jobs.get(jobId));
	const knows = useCore(knowsFleet);
	if (job === undefined)
		return (
			<>
				<ScreenHead title="Job" />
				{knows ? (
					<EmptyPage icon={<CircleHelp />} title="No such job">
						<p>
							It may be older than what Foredeck keeps, or it was joined with
							another job.
						</p>
						<Go to={{ screen: "jobs", q: "" }}>All jobs</Go>
					</EmptyPage>
				) : (
					<NothingKnown />
				)}
			</>
		);
	return <KnownJob key={jobId} job={job} address={props.address} />;
}

function KnownJob(props: {
	readonly job: Job;
	readonly address: JobAddress;
}): ReactElement {
	const { job, address } = props;
	const go = useGo();
	const keys = useRunKeys(address);
	const chosen = useChosenRun(address);
	const change = (
		part: Partial<Omit<JobAddress, "screen">>,
		replace = false,
	): void => go({ ...address, ...part }, replace);
	const openRun = (key: RunKey): void =>
		change({ host: hostOf(key) }, address.host !== null);
	useJobKeys(address, change);

	return (
		<>
			<ScreenHead
				title={
					<span className={styles.title}>
						<Go
							to={{ screen: "jobs", q: "" }}
							className={styles.back}
							title="All jobs (Esc)"
						>
							<ArrowLeft aria-label="All jobs" />
						</Go>
						<span className={styles.label}>{visible(job.label)}</span>
					</span>
				}
				filter={{
					value: address.q,
					hint: "db, role=web, channel:polling",
					onChange: (q) => change({ q }, true),
				}}
			/>
			<Summary
				job={job}
				chosen={address.state}
				onChoose={(state) => change({ state })}
			/>
			<div className={styles.split}>
				<RunList
					keys={keys}
					chosen={chosen}
					onOpen={openRun}
					onClear={() => change({ state: null, q: "" })}
				/>
				{chosen !== null && (
					<RunPanel
						key={chosen}
						runKey={chosen}
						onClose={() => change({ host: null })}
					/>
				)}
			</div>
		</>
	);
}

const hostOf = (key: RunKey) =>
	key.slice(0, key.lastIndexOf("/")) as NonNullable<JobAddress["host"]>;

function useRunKeys(address: JobAddress): readonly RunKey[] {
	const select = useMemo(createRunSelection, []);
	const filter = useMemo(() => parseFilter(address.q), [address.q]);
	return useCore((core) =>
		select(core.fleet, address.jobId, address.state, filter),
	);
}

function useChosenRun(address: JobAddress): RunKey | null {
	return useCore((core) => {
		if (address.host === null) return null;
		const prefix = `${address.host}/`;
		return (
			core.fleet.runsOfJob
				.get(address.jobId)
				?.find((key) => key.startsWith(prefix)) ?? null
		);
	});
}

function useJobKeys(
	address: JobAddress,
	change: (
		part: Partial<Omit<JobAddress, "screen">>,
		replace?: boolean,
	) => void,
): void {
	const { core } = useParts();
	const go = useGo();
	const select = useMemo(createRunSelection, []);
	/** The next run that needs a look, after or before the chosen one, around the ends. */
	const step = (by: 1 | -1): void => {
		const { fleet } = core.getState();
		const bad = select(fleet, address.jobId, null, parseFilter("")).filter(
			(key) => BAD_STATES.has(fleet.replica.runs.get(key)?.state ?? "queued"),
		);
		const at = bad.findIndex((key) => hostOf(key) === address.host);
		const start = at === -1 && by === -1 ? 0 : at;
		const next = bad[(start + by + bad.length) % bad.length];
		if (next !== undefined)
			change({ host: hostOf(next), state: null, q: "" }, true);
	};
	useKeys({
		f: () => change({ state: address.state === "failed" ? null : "failed" }),
		"]": () => step(1),
		"[": () => step(-1),
		Escape: () =>
			address.host === null
				? go({ screen: "jobs", q: "" })
				: change({ host: null }),
	});
}

function Summary(props: {
	readonly job: Job;
	readonly chosen: RunState | null;
	readonly onChoose: (state: RunState | null) => void;
}): ReactElement {
	const { job } = props;
	const { words, shape, tone } = JOB_SIGNS[job.status];
	const origin = ORIGIN_WORDS[job.origin];
	return (
		<div className={styles.summary}>
			<div className={styles.facts}>
				<span className={styles.status}>
					<Glyph shape={shape} tone={tone} />
					{words}
				</span>
				<span title={origin.why}>{origin.words}</span>
				<span>
					started <Started at={job.startedAt} />
				</span>
				<span>
					{job.endedAt === null ? "for " : "took "}
					<Duration from={job.startedAt} to={job.endedAt} />
				</span>
				{job.endedAt === null && (
					<span>
						last progress <Age at={job.progressAt} ago />
					</span>
				)}
			</div>
			<JobBar job={job} tall />
			<Counts
				counts={job.counts}
				chosen={props.chosen}
				onChoose={props.onChoose}
			/>
		</div>
	);
}

function RunList(props: {
	readonly keys: readonly RunKey[];
	readonly chosen: RunKey | null;
	readonly onOpen: (key: RunKey) => void;
	readonly onClear: () => void;
}): ReactElement {
	const rowPx = useRowPx();
	const attend = useAttend<RunKey>(hostOf);
	if (props.keys.length === 0)
		return <NoMatch what="hosts of this job" onClear={props.onClear} />;
	return (
		<VirtualGrid
			label="Hosts of this job"
			ids={props.keys}
			rowPx={rowPx}
			columns={styles.columns}
			header={HEADER}
			useRow={useRunRow}
			selected={props.chosen}
			onOpen={props.onOpen}
			onVisible={attend}
		/>
	);
}
