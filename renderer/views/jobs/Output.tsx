// The output of one run: read while it is written, searched, and stepped through by its errors. It follows only while it
// is read at its end; once paused it stays where it is, whatever arrives, until the person goes on.
import { Pause, Play, RotateCw } from "lucide-react";
import type { KeyboardEvent, ReactElement } from "react";
import {
	useDeferredValue,
	useEffect,
	useLayoutEffect,
	useMemo,
	useRef,
	useState,
} from "react";
import { useStore } from "zustand";
import type { HostRun } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import type { Match } from "../../store/find.ts";
import { byLine, findAll, stepped } from "../../store/find.ts";
import { outputLook } from "../../store/outputLook.ts";
import type { OutputText } from "../../store/outputText.ts";
import { linesAdded, plainText } from "../../store/outputText.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Section } from "../../ui/Panel.tsx";
import { useKeys } from "../../ui/useKeys.ts";
import { useKeyHint } from "../useKeyNames.ts";
import styles from "./Output.module.css";
import type { LinesHandle } from "./OutputLines.tsx";
import { OutputLines } from "./OutputLines.tsx";
import { OutputTools } from "./OutputTools.tsx";
import { useOutput } from "./useOutput.ts";

export function Output(props: {
	readonly run: HostRun;
	/** The person asked for the output from the list. */
	readonly focused: boolean;
}): ReactElement {
	const { run } = props;
	const [{ text, fault, asking }, again] = useOutput(run);
	// Pressed while the agent is asked, the key counts once the output is there.
	const [wanted, setWanted] = useState(false);
	useKeys(text === null ? { l: () => setWanted(true) } : {});
	return (
		<Section
			title="Output"
			aside={
				<span className={styles.actions}>
					{text !== null && text.lines.length > 0 && (
						<CopyButton words="Copy all" text={() => plainText(text)} />
					)}
					<Button look="quiet" onClick={again}>
						<RotateCw aria-hidden="true" />
						Ask again
					</Button>
				</span>
			}
		>
			{fault !== null && (
				<Notice
					tone="warning"
					place="box"
					sentence={visible(fault.sentence)}
					code={fault.code}
					nextStep={
						text === null
							? visible(fault.nextStep)
							: "What the agent told before stays below."
					}
				/>
			)}
			{text === null ? (
				asking && <p className={styles.quiet}>Asking the agent…</p>
			) : text.lines.length === 0 ? (
				<p className={styles.quiet}>
					{run.state === "running"
						? "The agent has told no output yet."
						: "The agent kept no output."}
				</p>
			) : (
				<Reader
					latest={text}
					live={run.state === "running"}
					focused={props.focused || wanted}
				/>
			)}
		</Section>
	);
}

/** The text that is held still, and whether the person said so or has scrolled away. */
interface Held {
	readonly text: OutputText;
	readonly by: "key" | "scroll";
}

function Reader(props: {
	readonly latest: OutputText;
	/** More may come. */
	readonly live: boolean;
	readonly focused: boolean;
}): ReactElement {
	const { latest, live } = props;
	const look = useStore(outputLook);
	const lines = useRef<LinesHandle>(null);
	const input = useRef<HTMLInputElement>(null);
	const [held, setHeld] = useState<Held | null>(null);
	const text = held?.text ?? latest;
	const following = live && held === null;
	const hold = (by: Held["by"]): void => {
		if (live && held === null) setHeld({ text, by });
		else if (held !== null && by === "key") setHeld({ ...held, by });
	};
	const resume = (): void => {
		setHeld(null);
		lines.current?.toEnd();
	};
	const steps = useSteps(text, lines, () => hold("scroll"));

	// Once, when the output is first seen: the error is what the panel was opened for, and of a running run its end.
	// biome-ignore lint/correctness/useExhaustiveDependencies: later changes must not move the text
	useEffect(() => {
		if (live) lines.current?.toEnd();
		else if (text.errors.length > 0) steps.error(1);
		if (props.focused) lines.current?.focus();
	}, []);
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new text is what is followed
	useLayoutEffect(() => {
		if (following) lines.current?.toEnd();
	}, [text]);
	const toggle = (): void => (held === null ? hold("key") : resume());
	useKeys({
		l: () => lines.current?.focus(),
		n: () => (steps.words === "" ? steps.error(1) : steps.match(1)),
		N: () => (steps.words === "" ? steps.error(-1) : steps.match(-1)),
		...(live || held !== null ? { s: toggle } : {}),
	});
	const onScrolled = (): void => {
		const atEnd = lines.current?.atEnd() ?? true;
		if (!atEnd) hold("scroll");
		else if (held?.by === "scroll") resume();
	};
	const onKeyDown = (event: KeyboardEvent): void => {
		const isFind =
			event.key === "/" ||
			(event.key === "f" && (event.ctrlKey || event.metaKey));
		if (!isFind) return;
		// The page's own search sees only the lines that are mounted.
		event.preventDefault();
		input.current?.select();
		input.current?.focus();
	};
	return (
		<>
			<OutputTools
				input={input}
				words={steps.words}
				matches={{ at: steps.matchAt, count: steps.matches.length }}
				errors={{ at: steps.errorAt, count: text.errors.length }}
				look={look}
				onWords={steps.setWords}
				onMatch={steps.match}
				onError={steps.error}
				onLeave={() => lines.current?.focus()}
			/>
			{text.leftOut > 0 && (
				<p className={styles.cut}>
					Only the end is here: the oldest {text.leftOut.toLocaleString("en")}{" "}
					characters were left out.
				</p>
			)}
			<OutputLines
				handle={lines}
				text={text}
				look={look}
				marks={steps.marks}
				current={steps.current}
				onScrolled={onScrolled}
				onKeyDown={onKeyDown}
			/>
			<footer className={styles.foot}>
				{(live || held !== null) && (
					<FollowState
						held={held}
						added={held === null ? 0 : linesAdded(held.text, latest)}
						ended={!live}
						onToggle={toggle}
					/>
				)}
				<span>{text.lines.length.toLocaleString("en")} lines</span>
				{text.dropped > 0 && !look.asSent && (
					<span title="Titles, links and cursor movements mean nothing in a text. “As sent” shows them.">
						{text.dropped.toLocaleString("en")} control sequences not shown
					</span>
				)}
			</footer>
		</>
	);
}

function FollowState(props: {
	readonly held: Held | null;
	/** Null: the text was replaced by another. */
	readonly added: number | null;
	readonly ended: boolean;
	readonly onToggle: () => void;
}): ReactElement {
	const hint = useKeyHint("hold");
	const { held, added } = props;
	const news =
		added === null
			? "another output"
			: added === 1
				? "1 new line"
				: `${added.toLocaleString("en")} new lines`;
	return (
		<button
			type="button"
			className={styles.follow}
			aria-pressed={held !== null}
			data-held={held !== null || undefined}
			title={held === null ? `Pause${hint}` : `Follow${hint}`}
			onClick={props.onToggle}
		>
			{held === null ? (
				<>
					<Pause aria-hidden="true" />
					Following
				</>
			) : (
				<>
					<Play aria-hidden="true" />
					Paused — {news}
					{props.ended && ", and it has ended"}
				</>
			)}
		</button>
	);
}

interface Steps {
	readonly words: string;
	readonly setWords: (words: string) => void;
	readonly matches: readonly Match[];
	readonly marks: ReadonlyMap<number, readonly Match[]>;
	readonly matchAt: number;
	readonly errorAt: number;
	readonly current: {
		readonly line: number;
		readonly match: Match | null;
	} | null;
	readonly match: (by: 1 | -1) => void;
	readonly error: (by: 1 | -1) => void;
}

/** Where the person is among the matches and among the errors. */
function useSteps(
	text: OutputText,
	lines: { readonly current: LinesHandle | null },
	onJump: () => void,
): Steps {
	const [words, setWords] = useState("");
	const asked = useDeferredValue(words);
	const matches = useMemo(() => findAll(text.lines, asked), [text, asked]);
	const marks = useMemo(() => byLine(matches), [matches]);
	const [matchAt, setMatchAt] = useState(-1);
	const [errorAt, setErrorAt] = useState(-1);
	const [current, setCurrent] = useState<Steps["current"]>(null);
	const go = (line: number, match: Match | null): void => {
		setCurrent({ line, match });
		onJump();
		lines.current?.toLine(line);
	};
	const match = (by: 1 | -1): void => {
		const to = stepped(matchAt, by, matches.length);
		const found = matches[to];
		setMatchAt(to);
		if (found !== undefined) go(found.line, found);
	};
	const error = (by: 1 | -1): void => {
		const to = stepped(errorAt, by, text.errors.length);
		const line = text.errors[to];
		setErrorAt(to);
		if (line !== undefined) go(line, null);
	};
	// Other words: the first match is shown at once.
	// biome-ignore lint/correctness/useExhaustiveDependencies: new lines must not move the text
	useEffect(() => {
		const [first] = matches;
		setMatchAt(first === undefined ? -1 : 0);
		if (first !== undefined) go(first.line, first);
	}, [asked]);
	return {
		words,
		setWords,
		matches,
		marks,
		matchAt,
		errorAt,
		current,
		match,
		error,
	};
}
