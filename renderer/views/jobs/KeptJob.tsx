// A job that the lists no longer hold, read from the history: an old shared link opens. It is shown by the same screen, over a
// store of its own that holds this job alone and does not change.
import { CircleHelp, History } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { useEffect, useMemo, useState } from "react";
import type { Result } from "../../../shared/fault.ts";
import { ok } from "../../../shared/fault.ts";
import type { HostRun, Job, JobId } from "../../../shared/model.ts";
import { fleetOf } from "../../store/replica.ts";
import type { CoreStore, CoreView } from "../../store/sync.ts";
import { createCoreStore } from "../../store/sync.ts";
import { EmptyPage } from "../../ui/Notice.tsx";
import { Go } from "../Go.tsx";
import { HistoryRefused } from "../history/HistoryScreen.tsx";
import lines from "../LastKnown.module.css";
import { ScreenHead } from "../ScreenHead.tsx";
import { Started } from "../Times.tsx";
import type { Ask } from "../window.ts";
import { useAsk, useParts, WindowContext } from "../window.ts";

interface Whole {
	readonly job: Job | null;
	readonly runs: readonly HostRun[];
}

export function KeptJob(props: {
	readonly jobId: JobId;
	/** The screen of the job, in which only this job is known. */
	readonly children: ReactNode;
}): ReactElement {
	const { jobId } = props;
	const [turn, setTurn] = useState(0);
	const whole = useWhole(jobId, turn);
	if (whole?.ok && whole.value.job !== null)
		return (
			<Alone job={whole.value.job} runs={whole.value.runs}>
				{props.children}
			</Alone>
		);
	return (
		<>
			<ScreenHead title="Job" />
			{whole === null ? (
				<EmptyPage icon={<History />} title="Looking into the history">
					<p>This job is not among those of the last day.</p>
				</EmptyPage>
			) : whole.ok ? (
				<NoSuchJob />
			) : whole.fault.code === "history.refused" ? (
				<>
					<HistoryRefused
						fault={whole.fault}
						onAgain={() => setTurn(turn + 1)}
					/>
					<NoSuchJob />
				</>
			) : (
				<HistoryRefused fault={whole.fault} onAgain={() => setTurn(turn + 1)} />
			)}
		</>
	);
}

const NoSuchJob = (): ReactElement => (
	<EmptyPage icon={<CircleHelp />} title="No such job">
		<p>
			It may be older than what Foredeck keeps, or it was joined with another
			job.
		</p>
		<Go to={{ screen: "jobs", q: "" }}>All jobs</Go>
		<Go to={{ screen: "history", q: "" }}>Older jobs</Go>
	</EmptyPage>
);

/** Null: it is being read. */
function useWhole(id: JobId, turn: number): Result<Whole> | null {
	const ask = useAsk();
	const [read, setRead] = useState<{
		readonly id: JobId;
		readonly whole: Result<Whole>;
	} | null>(null);
	// biome-ignore lint/correctness/useExhaustiveDependencies: read once for each job and turn; asking is new with every render
	useEffect(() => {
		let isWanted = true;
		void readWhole(ask, id).then((whole) => {
			if (isWanted) setRead({ id, whole });
		});
		return () => {
			isWanted = false;
		};
	}, [id, turn]);
	return read?.id === id ? read.whole : null;
}

async function readWhole(ask: Ask, id: JobId): Promise<Result<Whole>> {
	const runs: HostRun[] = [];
	let job: Job | null = null;
	let after: number | null = 0;
	while (after !== null) {
		const answer: Awaited<ReturnType<typeof ask<"history.job">>> = await ask(
			"history.job",
			{ id, after },
		);
		if (!answer.ok) return answer;
		job = answer.value.job;
		runs.push(...answer.value.runs);
		after = answer.value.next;
	}
	return ok({ job, runs });
}

function Alone(props: {
	readonly job: Job;
	readonly runs: readonly HostRun[];
	readonly children: ReactNode;
}): ReactElement {
	const parts = useParts();
	const { job, runs } = props;
	const core = useMemo(
		() => storeOf(parts.core.getState(), job, runs),
		[parts.core, job, runs],
	);
	const alone = useMemo(() => ({ ...parts, core }), [parts, core]);
	return (
		<>
			<p className={lines.line} role="status">
				<History aria-hidden="true" />
				<span>
					From the history: this job was seen last at{" "}
					<Started at={job.endedAt ?? job.progressAt} />, and does not change
					here any more.
				</span>
			</p>
			<WindowContext value={alone}>{props.children}</WindowContext>
		</>
	);
}

/** The hosts are those of the fleet now, for their labels and channels. */
function storeOf(now: CoreView, job: Job, runs: readonly HostRun[]): CoreStore {
	const { replica } = now.fleet;
	const store = createCoreStore();
	store.setState({
		...now,
		fleet: fleetOf({
			kind: "snapshot",
			epoch: "history",
			seq: 0,
			at: replica.at,
			fleet: replica.fleet,
			hosts: [...replica.hosts.values()].map(
				({ lastKnown: _, ...host }) => host,
			),
			runs: [...runs],
			jobs: [job],
			events: [],
		}),
	});
	return store;
}
