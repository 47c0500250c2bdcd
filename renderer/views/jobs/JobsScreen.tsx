// The list of jobs, newest first.
import { History, ListChecks } from "lucide-react";
import type { ReactElement } from "react";
import { useMemo } from "react";
import type { JobId } from "../../../shared/model.ts";
import { parseFilter, plainWords, toggled } from "../../store/filter.ts";
import { createJobSelection } from "../../store/select.ts";
import { EmptyPage } from "../../ui/Notice.tsx";
import { useKeys } from "../../ui/useKeys.ts";
import { VirtualGrid } from "../../ui/VirtualGrid.tsx";
import { ExportJobs } from "../export/Exports.tsx";
import { FirstRun } from "../FirstRun.tsx";
import { Go } from "../Go.tsx";
import { NoMatch } from "../NoMatch.tsx";
import { ScreenHead } from "../ScreenHead.tsx";
import { useCore, useGo, useRowPx } from "../window.ts";
import styles from "./JobsScreen.module.css";
import { useJobRow } from "./jobRow.tsx";

const HEADER = [
	"",
	"Job",
	"Scope",
	"Progress",
	"Counts",
	"Started",
	"Duration",
	"Last progress",
];

export function JobsScreen(props: { readonly q: string }): ReactElement {
	const { q } = props;
	const go = useGo();
	const rowPx = useRowPx();
	const select = useMemo(createJobSelection, []);
	const filter = useMemo(() => parseFilter(q), [q]);
	const ids = useCore((core) => select(core.fleet, filter));
	const total = useCore((core) => core.fleet.jobOrder.length);
	const hosts = useCore((core) => core.fleet.hostOrder.length);
	const setFilter = (text: string): void =>
		go({ screen: "jobs", q: text }, true);
	const open = (jobId: JobId): void =>
		go({ screen: "job", jobId, host: null, state: null, q: "" });
	useKeys({ f: () => setFilter(toggled(q, "is:failed")) });

	return (
		<>
			<ScreenHead
				title="Jobs"
				count={
					ids.length === total ? String(total) : `${ids.length} of ${total}`
				}
				filter={{
					value: q,
					hint: "openssl, is:failed, is:running",
					onChange: setFilter,
				}}
			>
				<Go
					className={styles.older}
					to={{ screen: "history", q: "" }}
					title="Jobs that ended more than a day ago"
				>
					<History aria-hidden="true" />
					<span>History</span>
				</Go>
				<ExportJobs ids={ids} q={q} />
			</ScreenHead>
			{ids.length > 0 ? (
				<VirtualGrid
					label="Jobs"
					ids={ids}
					rowPx={rowPx}
					columns={styles.columns}
					header={HEADER}
					useRow={useJobRow}
					selected={null}
					onOpen={open}
				/>
			) : total > 0 ? (
				<NoMatch what="jobs" onClear={() => setFilter("")}>
					<Go to={{ screen: "history", q: plainWords(filter) }}>
						Search the history
					</Go>
				</NoMatch>
			) : hosts === 0 ? (
				<FirstRun />
			) : (
				<NoJobs hosts={hosts} />
			)}
		</>
	);
}

function NoJobs(props: { readonly hosts: number }): ReactElement {
	return (
		<EmptyPage icon={<ListChecks />} title="No jobs yet">
			<p>
				Foredeck watches{" "}
				{props.hosts === 1 ? "one host" : `${props.hosts} hosts`}. A job appears
				here by itself as soon as an agent starts one.
			</p>
			<Go to={{ screen: "history", q: "" }}>Older jobs</Go>
		</EmptyPage>
	);
}
