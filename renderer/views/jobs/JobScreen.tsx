// One job: its counts as buttons, its hosts as a list, and the run of the chosen host beside it.
import { ArrowLeft, Copy } from "lucide-react";
import type { ReactElement } from "react";
import { useMemo, useState } from "react";
import type { Job, RunKey } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { parseFilter } from "../../store/filter.ts";
import type { Zoom } from "../../store/matrix.ts";
import type { Arrangement } from "../../store/select.ts";
import { createRunSelection } from "../../store/select.ts";
import { Button } from "../../ui/Button.tsx";
import { VirtualGrid } from "../../ui/VirtualGrid.tsx";
import { enterGrid } from "../enterGrid.ts";
import { ExportRuns } from "../export/Exports.tsx";
import { Go } from "../Go.tsx";
import { JobLastKnown } from "../LastKnown.tsx";
import { NoMatch } from "../NoMatch.tsx";
import { NothingKnown } from "../NothingKnown.tsx";
import { ScreenHead } from "../ScreenHead.tsx";
import { useAttend } from "../useAttend.ts";
import { useKeyHint } from "../useKeyNames.ts";
import { knowsFleet, useCore, useGo, useRowPx } from "../window.ts";
import styles from "./JobScreen.module.css";
import { JobSummary } from "./JobSummary.tsx";
import { KeptJob } from "./KeptJob.tsx";
import { Matrix } from "./Matrix.tsx";
import { NewFailures, useNewFailures } from "./NewFailures.tsx";
import { RunPanel } from "./RunPanel.tsx";
import { useRunRow } from "./runRow.tsx";
import { useCopyMarkdown } from "./useCopyMarkdown.ts";
import type { JobAddress } from "./useJobKeys.ts";
import { hostOf, useJobKeys } from "./useJobKeys.ts";

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
		return knows ? (
			<KeptJob jobId={jobId}>
				<JobScreen address={props.address} />
			</KeptJob>
		) : (
			<>
				<ScreenHead title="Job" />
				<NothingKnown />
			</>
		);
	return <KnownJob key={jobId} job={job} address={props.address} />;
}

/** What of the address a step changes; undefined takes a part away. */
type Change = Partial<
	Omit<JobAddress, "screen" | "view" | "ended"> & {
		readonly view: JobAddress["view"] | undefined;
		readonly ended: JobAddress["ended"] | undefined;
	}
>;

/** The address with the change; parts that are undefined are left out. */
function changed(address: JobAddress, part: Change): JobAddress {
	const { view, ended, ...rest } = { ...address, ...part };
	return {
		...rest,
		...(view === undefined ? {} : { view }),
		...(ended === undefined ? {} : { ended }),
	};
}

function KnownJob(props: {
	readonly job: Job;
	readonly address: JobAddress;
}): ReactElement {
	const { job, address } = props;
	const go = useGo();
	const fresh = useNewFailures(job, address.view ?? "list");
	const [zoom, setZoom] = useState<Zoom>(() =>
		job.counts.host > MANY_HOSTS ? "small" : "large",
	);
	const keys = useRunKeys(address, fresh.round);
	const chosen = useChosenRun(address);
	const [wantsOutput, setWantsOutput] = useState(false);
	const change = (part: Change, replace = false): void =>
		go(changed(address, part), replace);
	const openRun = (key: RunKey): void => {
		setWantsOutput(false);
		change({ host: hostOf(key) }, address.host !== null);
	};
	const copy = useCopyMarkdown(job);
	const copyKey = useKeyHint("copy.markdown");
	useJobKeys(address, copy, change, () => setWantsOutput(true));

	return (
		<div className={styles.page}>
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
			>
				<Button
					look="quiet"
					title={`For the incident channel${copyKey}`}
					onClick={copy}
				>
					<Copy aria-hidden="true" />
					<span className={styles.copy}>Copy as Markdown</span>
				</Button>
				<ExportRuns job={job} keys={keys} address={address} />
			</ScreenHead>
			<JobSummary
				job={job}
				address={address}
				zoom={zoom}
				shown={keys.length}
				onChange={change}
				onZoom={setZoom}
			>
				<NewFailures
					count={fresh.count}
					onShow={() => {
						fresh.take();
						if (address.state !== null || address.q !== "" || address.ended)
							change({ state: null, q: "", ended: undefined });
						// The chip is gone and would leave the focus nowhere: it goes to the first of what is new.
						requestAnimationFrame(enterGrid);
					}}
				/>
			</JobSummary>
			<JobLastKnown jobId={job.id} />
			<div className={styles.split}>
				<RunCells
					view={address.view ?? "list"}
					zoom={zoom}
					round={fresh.round}
					keys={keys}
					chosen={chosen}
					onOpen={openRun}
					onClear={() => change({ state: null, q: "", ended: undefined })}
				/>
				{chosen !== null && (
					<RunPanel
						key={chosen}
						runKey={chosen}
						toOutput={wantsOutput}
						onClose={() => change({ host: null })}
					/>
				)}
			</div>
		</div>
	);
}

/** Beyond this, cells with names are more than two screens. */
const MANY_HOSTS = 300;

function useRunKeys(address: JobAddress, round: number): readonly RunKey[] {
	const select = useMemo(createRunSelection, []);
	const filter = useMemo(() => parseFilter(address.q), [address.q]);
	const { view, ended = null } = address;
	const arrangement: Arrangement = {
		by: view === "matrix" ? "state" : "bad",
		round,
		ended,
	};
	return useCore((core) =>
		select(core.fleet, address.jobId, address.state, filter, arrangement),
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

function RunCells(props: {
	readonly view: "list" | "matrix";
	readonly zoom: Zoom;
	readonly round: number;
	readonly keys: readonly RunKey[];
	readonly chosen: RunKey | null;
	readonly onOpen: (key: RunKey) => void;
	readonly onClear: () => void;
}): ReactElement {
	const rowPx = useRowPx();
	const attend = useAttend<RunKey>(hostOf);
	const { keys, chosen, onOpen, round } = props;
	if (keys.length === 0)
		return <NoMatch what="hosts of this job" onClear={props.onClear} />;
	if (props.view === "matrix")
		return (
			<Matrix
				keys={keys}
				zoom={props.zoom}
				selected={chosen}
				round={round}
				onOpen={onOpen}
				onVisible={attend}
			/>
		);
	return (
		<VirtualGrid
			// A new arrangement begins at its top, where what failed is.
			key={round}
			label="Hosts of this job"
			ids={keys}
			rowPx={rowPx}
			columns={styles.columns}
			header={HEADER}
			useRow={useRunRow}
			selected={chosen}
			onOpen={onOpen}
			onVisible={attend}
		/>
	);
}
