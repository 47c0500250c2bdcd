// The output of one run, asked from the agent when the panel opens and again when the run changes. Fleet text: lines of
// plain text with everything hidden made visible, never markup.
import { RotateCw } from "lucide-react";
import type { ReactElement } from "react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Answer } from "../../../shared/contract.ts";
import type { Result } from "../../../shared/fault.ts";
import type { HostRun } from "../../../shared/model.ts";
import { visible, visibleLines } from "../../../shared/visibleText.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Section } from "../../ui/Panel.tsx";
import { useAsk, useParts } from "../window.ts";
import styles from "./RunPanel.module.css";

type Told = Result<Answer<"run.output">>;

function useOutput(run: HostRun): readonly [Told | null, () => void] {
	const { connection } = useParts();
	const ask = useAsk();
	const [told, setTold] = useState<Told | null>(null);
	const [round, setRound] = useState(0);
	const { hostId, agentJobId, state } = run;
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked again for a new state or round, not for a new `ask`
	useEffect(() => {
		let wanted = true;
		void ask("run.output", { hostId, agentJobId }).then((answer) => {
			if (wanted) setTold(answer);
		});
		return () => {
			wanted = false;
		};
	}, [connection, hostId, agentJobId, state, round]);
	return [told, useCallback(() => setRound((at) => at + 1), [])];
}

export function Output(props: { readonly run: HostRun }): ReactElement {
	const [told, again] = useOutput(props.run);
	return (
		<Section
			title="Output"
			aside={
				<span className={styles.actions}>
					{told?.ok && (
						<CopyButton words="Copy all" text={() => plainText(told.value)} />
					)}
					<Button look="quiet" onClick={again}>
						<RotateCw aria-hidden="true" />
						Ask again
					</Button>
				</span>
			}
		>
			{told === null ? (
				<p className={styles.quiet}>Asking the agent…</p>
			) : told.ok ? (
				<Streams output={told.value} />
			) : (
				<Notice
					tone="warning"
					place="box"
					sentence={visible(told.fault.sentence)}
					code={told.fault.code}
					nextStep={visible(told.fault.nextStep)}
				/>
			)}
		</Section>
	);
}

// A pattern for blanks at the end would take quadratic time.
const trimEnd = (text: string): string => text.trimEnd();

/** Space left above the first error when the output scrolls to it. */
const ABOVE_ERROR_PX = 60;

function Streams(props: {
	readonly output: Answer<"run.output">;
}): ReactElement {
	const { logs, stdout, stderr, leftOut } = props.output;
	const streams = (
		[
			["log", logs.flatMap(visibleLines)],
			["stdout", visibleLines(trimEnd(stdout))],
			["stderr", visibleLines(trimEnd(stderr))],
		] as const
	).filter(([, lines]) => lines.some((line) => line !== ""));
	const box = useRef<HTMLElement>(null);
	// Once, when the output arrives: the first error is what the panel was opened for. Scrolling after that is the person's.
	useEffect(() => {
		const error = box.current?.querySelector<HTMLElement>("[data-error]");
		if (box.current && error)
			box.current.scrollTop +=
				error.getBoundingClientRect().top -
				box.current.getBoundingClientRect().top -
				ABOVE_ERROR_PX;
	}, []);
	if (streams.length === 0)
		return <p className={styles.quiet}>The agent kept no output.</p>;
	return (
		<>
			<section
				ref={box}
				className={styles.output}
				aria-label="Output"
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable by keyboard
				tabIndex={0}
			>
				{streams.map(([name, lines]) => (
					<div key={name} className={styles.stream}>
						<p className={styles.streamName}>{name}</p>
						<Lines lines={lines} />
					</div>
				))}
			</section>
			{leftOut > 0 && (
				<p className={styles.quiet}>
					{leftOut.toLocaleString("en")} characters left out.
				</p>
			)}
		</>
	);
}

/** Lines that are laid out together; a chunk outside of the screen costs nothing. */
const CHUNK_LINES = 200;
const ERROR_LINE = /(^|[^\w])(error|fatal|failed|E:|err!)/i;

function Lines(props: { readonly lines: readonly string[] }): ReactElement {
	const chunks: (readonly string[])[] = [];
	for (let at = 0; at < props.lines.length; at += CHUNK_LINES)
		chunks.push(props.lines.slice(at, at + CHUNK_LINES));
	return (
		<>
			{chunks.map((chunk, part) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: an output is replaced as a whole
				<div key={part} className={styles.chunk}>
					{chunk.map((line, at) => (
						<div
							// biome-ignore lint/suspicious/noArrayIndexKey: an output is replaced as a whole
							key={at}
							data-error={ERROR_LINE.test(line) || undefined}
							className={styles.text}
						>
							{line}
						</div>
					))}
				</div>
			))}
		</>
	);
}

const plainText = (output: Answer<"run.output">): string =>
	[...output.logs, output.stdout, output.stderr]
		.filter((part) => part !== "")
		.join("\n");
