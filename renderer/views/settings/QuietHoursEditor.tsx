// The spans of quiet: days as buttons, from, to. Each change is in use at once.
import { Plus, X } from "lucide-react";
import type { ReactElement } from "react";
import { useId, useRef, useState } from "react";
import type { QuietSpan } from "../../../shared/settings.ts";
import { MOST_QUIET_SPANS, quietHoursOf } from "../../../shared/settings.ts";
import { WEEKDAYS } from "../../../shared/until.ts";
import { localTimeOf, quietSentence } from "../../store/quietWords.ts";
import { Button } from "../../ui/Button.tsx";
import { useCore, useNow } from "../window.ts";
import { Setting } from "./Setting.tsx";
import styles from "./Settings.module.css";
import { TimeField } from "./TimeField.tsx";

/** Weeks begin on Monday here. */
const DAYS = [1, 2, 3, 4, 5, 6, 0] as const;
const NEW_SPAN: QuietSpan = {
	days: [0, 1, 2, 3, 4, 5, 6],
	from: "22:00",
	to: "07:00",
};

export function QuietHoursEditor(props: {
	readonly spans: readonly QuietSpan[];
	readonly onChange: (spans: QuietSpan[]) => void;
}): ReactElement {
	const { spans, onChange } = props;
	const add = useRef<HTMLButtonElement>(null);
	// A row keeps what is typed in it when another one goes: rows are told apart by what they were when they came.
	const { keys, drop } = useRowKeys(spans.length);
	return (
		<Setting
			title="Quiet hours"
			words={
				<>
					<QuietNow spans={spans} /> In quiet hours everything goes to the inbox
					without a sound. Local time of the computer that Foredeck runs on.
				</>
			}
			below
		>
			<ol className={styles.spans}>
				{spans.map((span, at) => (
					<Span
						key={keys[at]}
						name={`Quiet hours ${at + 1}`}
						span={span}
						onChange={(next) =>
							onChange(spans.map((one, i) => (i === at ? next : one)))
						}
						onRemove={() => {
							drop(at);
							onChange(spans.filter((_, i) => i !== at));
							add.current?.focus();
						}}
					/>
				))}
			</ol>
			<div>
				<Button
					ref={add}
					aria-disabled={spans.length >= MOST_QUIET_SPANS}
					onClick={() => {
						if (spans.length < MOST_QUIET_SPANS) onChange([...spans, NEW_SPAN]);
					}}
				>
					<Plus aria-hidden="true" />
					Add quiet hours
				</Button>
			</div>
		</Setting>
	);
}

/** One number for each row, which goes with its row. */
function useRowKeys(count: number) {
	const keys = useRef<number[]>([]);
	const next = useRef(0);
	while (keys.current.length < count) keys.current.push(next.current++);
	keys.current.length = count;
	return {
		keys: keys.current,
		drop: (at: number) => void keys.current.splice(at, 1),
	};
}

/** By itself, so that only it follows the clock. */
function QuietNow(props: { readonly spans: readonly QuietSpan[] }) {
	// The rules run in the core, by its wall.
	const zone = useCore((core) => core.session?.timeZone ?? null);
	const now = localTimeOf(useNow(), zone);
	return <b>{quietSentence(props.spans.map(quietHoursOf), now)}</b>;
}

function Span(props: {
	readonly name: string;
	readonly span: QuietSpan;
	readonly onChange: (span: QuietSpan) => void;
	readonly onRemove: () => void;
}): ReactElement {
	const { name, span, onChange, onRemove } = props;
	const id = useId();
	const [lacksDay, setLacksDay] = useState(false);
	const toggle = (day: number): void => {
		const days = span.days.includes(day)
			? span.days.filter((one) => one !== day)
			: [...span.days, day].sort((a, b) => a - b);
		setLacksDay(days.length === 0);
		if (days.length > 0) onChange({ ...span, days });
	};
	return (
		<li>
			{/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a grid row in every browser; the role says the same. */}
			<div className={styles.span} role="group" aria-label={name}>
				{/* biome-ignore lint/a11y/useSemanticElements: as above. */}
				<div
					className={styles.days}
					role="group"
					aria-label="Days on which they begin"
					aria-describedby={lacksDay ? `${id}-days` : undefined}
				>
					{DAYS.map((day) => (
						<button
							key={day}
							type="button"
							className={styles.day}
							aria-pressed={span.days.includes(day)}
							title={WEEKDAYS[day]}
							onClick={() => toggle(day)}
						>
							<span aria-hidden="true">{WEEKDAYS[day].slice(0, 2)}</span>
							<span className={styles.unseen}>{WEEKDAYS[day]}</span>
						</button>
					))}
				</div>
				<TimeField
					label="From"
					value={span.from}
					onCommit={(from) => onChange({ ...span, from })}
				/>
				<TimeField
					label="To"
					value={span.to}
					onCommit={(to) => onChange({ ...span, to })}
				/>
				<span className={styles.hint}>{endWords(span)}</span>
				<Button
					look="quiet"
					aria-label={`Remove ${name.toLowerCase()}`}
					title="Remove"
					onClick={onRemove}
				>
					<X aria-hidden="true" />
				</Button>
				{lacksDay && (
					<p id={`${id}-days`} className={styles.wrong} role="alert">
						Quiet hours need a day. Choose another one first, or remove them.
					</p>
				)}
			</div>
		</li>
	);
}

const endWords = ({ from, to }: QuietSpan): string =>
	from === to ? "24 hours" : to < from ? "the next day" : "";
