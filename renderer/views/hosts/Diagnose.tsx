// A look at one host from the outside in, when a person asks for it: the layers with their verdicts, times and what was
// seen, the fault with its next step, and all of it as Markdown for the incident channel.
import { Stethoscope } from "lucide-react";
import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import type { Answer } from "../../../shared/contract.ts";
import type { DiagnosisStep, Verdict } from "../../../shared/diagnosis.ts";
import { evidenceRows, stepTime } from "../../../shared/diagnosis.ts";
import type { Result } from "../../../shared/fault.ts";
import type { Host } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import type { Shape, Tone } from "../../ui/Glyph.tsx";
import { Glyph } from "../../ui/Glyph.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Section } from "../../ui/Panel.tsx";
import { TimeOfDay } from "../Times.tsx";
import { useAsk, useParts, useView } from "../window.ts";
import styles from "./Diagnose.module.css";
import { diagnosisMarkdown } from "./diagnosisMarkdown.ts";

/** A diagnosis and when it was told. */
interface Told {
	readonly answer: Result<Answer<"host.diagnose">>;
	/** Epoch milliseconds by the core's clock. */
	readonly at: number;
}

export function Diagnose(props: { readonly host: Host }): ReactElement {
	const { host } = props;
	const ask = useAsk();
	const { core, ticker } = useParts();
	const [asking, setAsking] = useState(false);
	const [told, setTold] = useState<Told | null>(null);
	const shown = useRef(true);
	useEffect(() => {
		shown.current = true;
		return () => {
			shown.current = false;
		};
	}, []);
	const diagnose = async (): Promise<void> => {
		setAsking(true);
		const answer = await ask("host.diagnose", { hostId: host.id });
		// The panel may show another host by now.
		if (!shown.current) return;
		setAsking(false);
		setTold({ answer, at: ticker.read() + core.getState().coreAheadMs });
	};
	const isWished = useView((view) => view.diagnose === host.id);
	const taken = useView((view) => view.askDiagnosis);
	// biome-ignore lint/correctness/useExhaustiveDependencies: only the wish begins it
	useEffect(() => {
		if (!isWished) return;
		taken(null);
		void diagnose();
	}, [isWished]);
	return (
		<Section
			title="Diagnosis"
			aside={
				told?.answer.ok && !asking ? (
					<CopyButton
						words="Copy as Markdown"
						text={() => markdownOf(host, told)}
					/>
				) : undefined
			}
		>
			<div className={styles.begin}>
				{/* Not disabled while it works, which would take the focus away; asking again is told the same answer. */}
				<Button
					aria-disabled={asking}
					onClick={() => void (asking || diagnose())}
				>
					<Stethoscope aria-hidden="true" />
					Diagnose
				</Button>
				<span role="status" className={styles.quiet}>
					{asking
						? "Looking at every layer …"
						: told === null
							? null
							: spoken(told.answer)}
				</span>
			</div>
			{told !== null && <Findings told={told} dimmed={asking} />}
		</Section>
	);
}

const markdownOf = (host: Host, { answer, at }: Told): string =>
	answer.ok ? diagnosisMarkdown(host, answer.value, at) : "";

/** The outcome in a few words, for who hears and does not see. */
function spoken(answer: Told["answer"]): string {
	if (!answer.ok) return "It could not be diagnosed.";
	const { fault, stopped } = answer.value;
	if (fault !== null) return "A fault was found.";
	return stopped ? "Not finished in time." : "Healthy.";
}

function Findings(props: {
	readonly told: Told;
	readonly dimmed: boolean;
}): ReactElement {
	const { answer, at } = props.told;
	if (!answer.ok)
		return (
			<Notice
				tone="warning"
				place="box"
				sentence={visible(answer.fault.sentence)}
				code={answer.fault.code}
				nextStep={visible(answer.fault.nextStep)}
			/>
		);
	const { steps, fault } = answer.value;
	return (
		<div className={props.dimmed ? styles.dimmed : undefined}>
			{fault !== null && (
				<Notice
					tone="bad"
					place="box"
					sentence={visible(fault.sentence)}
					code={fault.code}
					nextStep={visible(fault.nextStep)}
				/>
			)}
			<ol className={styles.steps} aria-label="Layers">
				{steps.map((step) => (
					<Step key={step.layer} step={step} />
				))}
			</ol>
			<p className={styles.quiet}>
				Seen at <TimeOfDay at={at} />, on connections of its own.
			</p>
		</div>
	);
}

const SIGNS: Readonly<Record<Verdict, readonly [Shape, Tone, string]>> = {
	ok: ["check", "succeeded", "ok"],
	warn: ["stop", "warning", "warning"],
	fault: ["cross", "failed", "fault"],
	skipped: ["dot", "neutral", "skipped"],
};

function Step(props: { readonly step: DiagnosisStep }): ReactElement {
	const { step } = props;
	const [shape, tone, word] = SIGNS[step.verdict];
	const rows = evidenceRows(step);
	return (
		<li className={styles[step.verdict]}>
			<span className={styles.sign}>
				<Glyph shape={shape} tone={tone} />
				<span className={styles.spoken}>{word}</span>
			</span>
			<span className={styles.layer}>{step.layer}</span>
			<span className={styles.time}>{stepTime(step.ms)}</span>
			<div className={styles.words}>
				<p>{visible(step.sentence)}</p>
				{rows.length > 0 && (
					<details>
						<summary>
							What was seen
							<span className={styles.spoken}> at {step.layer}</span>
						</summary>
						<dl className={styles.evidence}>
							{rows.map(([name, text]) => (
								<div key={name}>
									<dt>{visible(name)}</dt>
									<dd>{visible(text)}</dd>
								</div>
							))}
						</dl>
					</details>
				)}
			</div>
		</li>
	);
}
