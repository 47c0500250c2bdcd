// What a job did on one host: the state in words, the error, the output as the agent tells it, and the line to the host.
import type { ReactElement } from "react";
import type { Host, HostRun, RunKey } from "../../../shared/model.ts";
import { isOpen, isOverdue } from "../../../shared/model.ts";
import { visible, visibleLines } from "../../../shared/visibleText.ts";
import { causeChain } from "../../store/causes.ts";
import { BAD_STATES } from "../../store/select.ts";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Glyph } from "../../ui/Glyph.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Facts, Panel, Section } from "../../ui/Panel.tsx";
import { Go } from "../Go.tsx";
import { ChannelBadge } from "../hosts/ChannelBadge.tsx";
import { Age, Duration, Until } from "../Times.tsx";
import { useCore, useQuiet } from "../window.ts";
import {
	errorCodeWords,
	RUN_SIGNS,
	SOURCE_WORDS,
	saying,
	stateWords,
} from "../words.ts";
import { Output } from "./Output.tsx";
import styles from "./RunPanel.module.css";
import { Usual } from "./Usual.tsx";

export function RunPanel(props: {
	readonly runKey: RunKey;
	/** The person asked for the output: it takes the focus. */
	readonly toOutput: boolean;
	readonly onClose: () => void;
}): ReactElement | null {
	const run = useCore((core) => core.fleet.replica.runs.get(props.runKey));
	const host = useCore((core) =>
		run === undefined ? undefined : core.fleet.replica.hosts.get(run.hostId),
	);
	if (run === undefined) return null;
	return (
		<Panel
			wide
			label={`${visible(run.hostId)} in this job`}
			title={<span className={styles.host}>{visible(run.hostId)}</span>}
			subtitle={<RunSummary run={run} />}
			onClose={props.onClose}
		>
			{(BAD_STATES.has(run.state) || run.error !== null) && (
				<RunError run={run} />
			)}
			<Output run={run} focused={props.toOutput} />
			{host !== undefined && <Line host={host} />}
			<Section title="Run">
				<Facts rows={runFacts(run)} />
			</Section>
		</Panel>
	);
}

function RunSummary(props: { readonly run: HostRun }): ReactElement {
	const { run } = props;
	const quiet = useQuiet(run);
	const { shape, tone } = RUN_SIGNS[run.state];
	return (
		<span className={styles.summary}>
			<span className={`${styles.state} ${styles[run.state] ?? ""}`}>
				<Glyph shape={shape} tone={tone} />
				{stateWords(run)}
			</span>
			{isOverdue(run) && <b className={styles.late}>overdue</b>}
			{isOpen(run.state) ? (
				<span className={quiet ? styles.late : ""}>
					{quiet ? "no progress for " : "last progress "}
					<Age at={run.progressAt} ago={!quiet} />
					{quiet && <Usual run={run} />}
				</span>
			) : (
				<span>
					<Age at={run.changedAt} ago />
				</span>
			)}
			{run.remark !== null && <span>{visible(run.remark)}</span>}
		</span>
	);
}

const NEXT_STEP: Partial<Record<HostRun["state"], string>> = {
	failed: "The output below is what the agent kept of it.",
	timed_out: "The agent gave up waiting; the work may still have happened.",
	lost: "The agent no longer knows this run. What it did on the host is not known.",
};

function RunError(props: { readonly run: HostRun }): ReactElement {
	const { run } = props;
	const chain = causeChain(run.error ?? run.message);
	const code = run.errorCode === null ? null : visible(run.errorCode);
	return (
		<div className={styles.error}>
			<Notice
				tone="bad"
				place="box"
				verbatim
				sentence={
					chain.length === 0 ? (
						RUN_SIGNS[run.state].words
					) : (
						<Causes chain={chain} />
					)
				}
				code={code}
				nextStep={NEXT_STEP[run.state]}
				action={
					<CopyButton
						words="Copy"
						text={() =>
							`${run.hostId}: ${run.error ?? run.message}${run.errorCode === null ? "" : ` [${run.errorCode}]`}`
						}
					/>
				}
			/>
		</div>
	);
}

/** The error as the agent tells it, and below it what caused it: the last one is what to look at. */
function Causes(props: { readonly chain: readonly string[] }): ReactElement {
	const [head = "", ...causes] = props.chain.map((part) =>
		visibleLines(part).join("\n"),
	);
	return (
		<>
			{head}
			{causes.map((cause, depth) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a cause is its place in the chain
				<span key={depth} className={styles.cause}>
					<span className={styles.because}>caused by</span> {cause}
				</span>
			))}
		</>
	);
}

function Line(props: { readonly host: Host }): ReactElement {
	const { id, link, heardAt } = props.host;
	return (
		<Section
			title="Connection to the host"
			aside={<Go to={{ screen: "hosts", host: id, q: "" }}>Show the host</Go>}
		>
			<Facts
				rows={[
					["Channel", <ChannelBadge key="channel" channel={link.channel} />],
					["Why", link.sentence === null ? null : visible(link.sentence)],
					["Next step", link.nextStep === null ? null : visible(link.nextStep)],
					[
						"Fault",
						link.fault === null ? null : <code key="fault">{link.fault}</code>,
					],
					[
						"Next attempt",
						link.retryAt === null ? null : (
							<Until key="next" at={link.retryAt} />
						),
					],
					[
						"Heard from",
						heardAt === null ? "not yet" : <Age key="heard" at={heardAt} ago />,
					],
				]}
			/>
		</Section>
	);
}

function runFacts(
	run: HostRun,
): readonly (readonly [string, ReactElement | string | null])[] {
	const packages = run.packages.map(visible).join(", ");
	return [
		["Operation", <code key="operation">{visible(run.operation)}</code>],
		["Packages", packages === "" ? null : packages],
		["Says", visible(saying(run.message, run.state)) || null],
		["Reason", run.errorCode === null ? null : errorCodeWords(run.errorCode)],
		["Exit code", run.exitCode === null ? null : String(run.exitCode)],
		["Agent’s word", <code key="raw">{visible(run.rawStatus)}</code>],
		[
			"On the host",
			run.createdAt === null || run.completedAt === null ? null : (
				<Duration key="took" from={run.createdAt} to={run.completedAt} />
			),
		],
		["Known by", SOURCE_WORDS[run.source]],
		["First seen", <Age key="seen" at={run.seenAt} ago />],
		["Agent’s job", <code key="id">{visible(run.agentJobId)}</code>],
	];
}
