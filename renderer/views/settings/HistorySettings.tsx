// How much is kept on this computer of jobs and hosts, and to forget it all.
import type { ReactElement } from "react";
import { useState } from "react";
import type { Answer } from "../../../shared/contract.ts";
import type { Fault } from "../../../shared/fault.ts";
import type { Settings } from "../../../shared/settings.ts";
import { visible } from "../../../shared/visibleText.ts";
import { Button } from "../../ui/Button.tsx";
import { Choice } from "../../ui/Choice.tsx";
import { Notice } from "../../ui/Notice.tsx";
import page from "../Page.module.css";
import { useAsk, useView } from "../window.ts";
import { Setting, SettingsCard } from "./Setting.tsx";
import type { Change } from "./useSettings.ts";

const DAYS = [7, 30, 90, 365];
const JOBS = [1_000, 10_000, 100_000];

/** A file may hold any number; the one in use is always among the choices. */
const withCurrent = (numbers: readonly number[], now: number) =>
	[...new Set([...numbers, now])]
		.sort((a, b) => a - b)
		.map((number) => ({
			value: String(number),
			words: number.toLocaleString("en-US"),
		}));

export function HistorySettings(props: {
	readonly now: Settings["history"];
	readonly change: Change;
}): ReactElement {
	const { now, change } = props;
	return (
		<SettingsCard title="History">
			<Setting
				title="Days"
				words="Jobs and hosts that did not change for longer are forgotten. The history lies on this computer alone, and never needs more than 1 GiB."
			>
				<Choice
					label="Days"
					value={String(now.days)}
					options={withCurrent(DAYS, now.days)}
					onChange={(days) => change({ history: { days: Number(days) } })}
				/>
			</Setting>
			<Setting title="Jobs" words="Of more jobs than this the oldest go.">
				<Choice
					label="Jobs"
					value={String(now.jobs)}
					options={withCurrent(JOBS, now.jobs)}
					onChange={(jobs) => change({ history: { jobs: Number(jobs) } })}
				/>
			</Setting>
			<Forget />
		</SettingsCard>
	);
}

function Forget(): ReactElement {
	const ask = useAsk();
	const say = useView((view) => view.say);
	const [offer, setOffer] = useState<Answer<"history.offerForget"> | null>(
		null,
	);
	const [fault, setFault] = useState<Fault | null>(null);
	const offerIt = async (): Promise<void> => {
		const answer = await ask("history.offerForget", {});
		setOffer(answer.ok ? answer.value : null);
		setFault(answer.ok ? null : answer.fault);
	};
	const forget = async (nonce: string): Promise<void> => {
		const answer = await ask("history.forget", { nonce });
		setOffer(null);
		setFault(answer.ok ? null : answer.fault);
		if (answer.ok) say("The history is forgotten.");
	};
	return (
		<Setting
			title="Forget the history"
			words="Takes every job and host that is kept out of the file, for good."
			below={offer !== null || fault !== null}
		>
			{fault !== null && (
				<Notice
					tone="warning"
					place="box"
					sentence={visible(fault.sentence)}
					code={fault.code}
					nextStep={visible(fault.nextStep)}
				/>
			)}
			{offer === null ? (
				<div className={page.actions}>
					<Button onClick={() => void offerIt()}>Forget the history …</Button>
				</div>
			) : (
				<div
					className={page.confirm}
					role="alertdialog"
					aria-label="Confirm that the history is forgotten"
				>
					<p>{visible(offer.sentence)}</p>
					<div className={page.actions}>
						<Button autoFocus onClick={() => setOffer(null)}>
							Keep it
						</Button>
						<Button onClick={() => void forget(offer.nonce)}>Forget it</Button>
					</div>
				</div>
			)}
		</Setting>
	);
}
