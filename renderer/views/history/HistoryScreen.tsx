// What is kept on this computer, also of jobs that the lists no longer hold: by age, or by words of a job, a host, an error or a
// message. Needs no network.
import { History, Search, SearchX } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import type { Fault } from "../../../shared/fault.ts";
import { ok } from "../../../shared/fault.ts";
import type { Found, JobPage } from "../../../shared/historyLookup.ts";
import { FOUND_MOST, JOBS_AT_ONCE } from "../../../shared/historyLookup.ts";
import type { Job } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { hashOf } from "../../store/view.ts";
import { Button } from "../../ui/Button.tsx";
import { Glyph } from "../../ui/Glyph.tsx";
import { EmptyPage, Notice } from "../../ui/Notice.tsx";
import { Go } from "../Go.tsx";
import { ScreenHead } from "../ScreenHead.tsx";
import { Started } from "../Times.tsx";
import { useAsk, useCore, useGo } from "../window.ts";
import { countsInWords, JOB_SIGNS, RUN_SIGNS } from "../words.ts";
import styles from "./HistoryScreen.module.css";
import type { Pages } from "./usePages.ts";
import { usePages } from "./usePages.ts";

export function HistoryScreen(props: { readonly q: string }): ReactElement {
	const { q } = props;
	const go = useGo();
	return (
		<>
			<ScreenHead title="History" />
			<search className={styles.search}>
				<Search aria-hidden="true" />
				<input
					type="search"
					aria-label="Search the history"
					placeholder="A job, a host, an error, a message …"
					maxLength={200}
					value={q}
					onChange={(event) =>
						go({ screen: "history", q: event.target.value }, true)
					}
				/>
			</search>
			{q.trim() === "" ? <OlderJobs /> : <FoundRuns words={q.trim()} />}
		</>
	);
}

function OlderJobs(): ReactElement {
	const ask = useAsk();
	const pages = usePages<Job, JobPage>("jobs", async (before) => {
		const answer = await ask("history.jobs", { before, limit: JOBS_AT_ONCE });
		if (!answer.ok) return answer;
		const { jobs, next } = answer.value;
		return ok({ rows: jobs, next });
	});
	return (
		<PageList
			pages={pages}
			label="Jobs of the history, newest first"
			line={(job) => <JobLine key={job.id} job={job} />}
			empty={
				<EmptyPage icon={<History />} title="Nothing is kept yet">
					<p>
						Every job that an agent runs is kept here, on this computer. How
						long is yours to say.
					</p>
					<Go to={{ screen: "settings" }}>Settings</Go>
				</EmptyPage>
			}
		/>
	);
}

function FoundRuns(props: { readonly words: string }): ReactElement {
	const { words } = props;
	const ask = useAsk();
	const go = useGo();
	const pages = usePages<Found, number>(`found ${words}`, async (before) => {
		const answer = await ask("history.search", { words, before });
		if (!answer.ok) return answer;
		const { found, next } = answer.value;
		return ok({ rows: found, next });
	});
	const isFull = pages.rows.length >= FOUND_MOST;
	return (
		<PageList
			pages={isFull ? { ...pages, more: null } : pages}
			label="Found in the history, newest first"
			line={(found) => (
				<FoundLine key={`${found.hostId}/${found.agentJobId}`} found={found} />
			)}
			end={
				isFull && pages.more !== null
					? `These are the newest ${FOUND_MOST}. Another word finds fewer.`
					: null
			}
			empty={
				<EmptyPage icon={<SearchX />} title="Nothing in the history">
					<p>
						No job, host, error or message that is kept has words that begin
						with “{visible(words)}”.
					</p>
					<Button onClick={() => go({ screen: "history", q: "" }, true)}>
						Show all jobs that are kept
					</Button>
				</EmptyPage>
			}
		/>
	);
}

function PageList<Row>(props: {
	readonly pages: Pages<Row>;
	readonly label: string;
	readonly line: (row: Row) => ReactNode;
	readonly empty: ReactElement;
	readonly end?: string | null;
}): ReactElement {
	const { pages, label, line, empty, end = null } = props;
	if (pages.state === "asking")
		return (
			<p className={styles.calm} role="status">
				Reading the history …
			</p>
		);
	if (pages.fault !== null && pages.rows.length === 0)
		return <HistoryRefused fault={pages.fault} onAgain={pages.again} />;
	if (pages.rows.length === 0) return empty;
	return (
		<section className={styles.list} aria-label={label}>
			<ul>{pages.rows.map(line)}</ul>
			{pages.fault !== null && (
				<p className={styles.calm} role="status">
					{visible(pages.fault.sentence)}
				</p>
			)}
			{end !== null && <p className={styles.calm}>{end}</p>}
			{pages.more !== null && (
				<div className={styles.more}>
					<Button onClick={pages.more}>Show older ones</Button>
				</div>
			)}
		</section>
	);
}

/** Why the history cannot be read, and what to do. */
export function HistoryRefused(props: {
	readonly fault: Fault;
	readonly onAgain: () => void;
}): ReactElement {
	const { fault } = props;
	const isOpen = useCore((core) => core.line.kind === "open");
	return (
		<div className={styles.refused}>
			<Notice
				tone="warning"
				place="box"
				sentence={visible(fault.sentence)}
				code={fault.code}
				nextStep={
					isOpen
						? visible(fault.nextStep)
						: "The window has no core just now; it asks again when there is one."
				}
				action={<Button onClick={props.onAgain}>Try again</Button>}
			/>
		</div>
	);
}

function JobLine(props: { readonly job: Job }): ReactElement {
	const { job } = props;
	const { shape, tone, words } = JOB_SIGNS[job.status];
	return (
		<li>
			<a
				className={styles.line}
				href={hashOf({
					screen: "job",
					jobId: job.id,
					...{ host: null, state: null, q: "" },
				})}
			>
				<span className={styles.sign} title={words}>
					<Glyph shape={shape} tone={tone} />
				</span>
				<span className={styles.words}>
					<span className={styles.title}>{visible(job.label)}</span>
					<span className={styles.what}>
						{countsInWords(job.counts)} of {job.counts.host}
					</span>
				</span>
				<Started at={job.startedAt} />
			</a>
		</li>
	);
}

function FoundLine(props: { readonly found: Found }): ReactElement {
	const { found } = props;
	const { shape, tone, words } = RUN_SIGNS[found.state];
	return (
		<li>
			<a
				className={styles.line}
				href={hashOf({
					screen: "job",
					jobId: found.jobId,
					host: found.hostId,
					...{ state: null, q: "" },
				})}
			>
				<span className={styles.sign} title={words}>
					<Glyph shape={shape} tone={tone} />
				</span>
				<span className={styles.words}>
					<span className={styles.title}>
						<b>{visible(found.hostId)}</b> {visible(found.label)}
					</span>
					<span className={styles.what}>
						{words}
						{found.errorCode !== null && (
							<>
								{" "}
								<code>{visible(found.errorCode)}</code>
							</>
						)}{" "}
						{visible(found.error ?? found.message)}
					</span>
				</span>
				<Started at={found.changedAt} />
			</a>
		</li>
	);
}
