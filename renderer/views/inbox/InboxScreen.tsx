// What was told while nobody looked: newest first, each a way to the job and to the first host that failed.
import { BellOff, CheckCheck, Inbox as InboxIcon } from "lucide-react";
import type { ReactElement } from "react";
import { hashOfNote } from "../../../shared/inbox.ts";
import { visible } from "../../../shared/visibleText.ts";
import type { InboxEntry } from "../../store/sync.ts";
import { Button } from "../../ui/Button.tsx";
import type { Shape, Tone } from "../../ui/Glyph.tsx";
import { Glyph } from "../../ui/Glyph.tsx";
import { EmptyPage } from "../../ui/Notice.tsx";
import { Go } from "../Go.tsx";
import { Muted } from "../Muted.tsx";
import { NothingKnown } from "../NothingKnown.tsx";
import { ScreenHead } from "../ScreenHead.tsx";
import { Age } from "../Times.tsx";
import { useAsk, useCore } from "../window.ts";
import styles from "./InboxScreen.module.css";

type Note = InboxEntry["note"];

export function InboxScreen(): ReactElement {
	const inbox = useCore((core) => core.inbox);
	const ask = useAsk();
	const mark = (keys: string[] | null): void =>
		void ask("inbox.markRead", { keys });
	const entries = inbox?.entries ?? [];
	const unread = entries.filter((entry) => !entry.isRead).length;
	return (
		<>
			<ScreenHead title="Inbox" count={unread === 0 ? "" : `${unread} unread`}>
				<Muted look={MutedHere} />
				{entries.length > 0 && (
					<Button disabled={unread === 0} onClick={() => mark(null)}>
						<CheckCheck aria-hidden="true" />
						Mark all read
					</Button>
				)}
			</ScreenHead>
			{inbox === null ? (
				<NothingKnown />
			) : entries.length === 0 ? (
				<EmptyPage icon={<InboxIcon />} title="Nothing to catch up on">
					<p>
						First failures and summaries of jobs are kept here, also those that
						came while you were away.
					</p>
				</EmptyPage>
			) : (
				<ul className={styles.list} aria-label="Notes, newest first">
					{entries.map((entry) => (
						<Line
							key={entry.note.key}
							entry={entry}
							onOpen={() => mark([entry.note.key])}
						/>
					))}
				</ul>
			)}
		</>
	);
}

const MutedHere = (props: { readonly until: string }): ReactElement => (
	<Go className={styles.muted} to={{ screen: "settings" }}>
		<BellOff aria-hidden="true" />
		Muted until {props.until}
	</Go>
);

function Line(props: {
	readonly entry: InboxEntry;
	readonly onOpen: () => void;
}): ReactElement {
	const { note, isRead } = props.entry;
	const [what = "", ...more] = note.body.split("\n");
	const { shape, tone } = signOf(note);
	return (
		<li>
			<a
				href={hashOfNote(note)}
				className={`${styles.line} ${isRead ? "" : styles.unread}`}
				onClick={isRead ? undefined : props.onOpen}
			>
				<span className={styles.sign}>
					<Glyph shape={shape} tone={tone} />
				</span>
				<span className={styles.words}>
					<span className={styles.title}>
						{visible(note.title)}
						{!isRead && <span className={styles.unseen}> unread</span>}
					</span>
					<span className={styles.what}>
						{visible(what)}
						{more.length > 0 && (
							<span className={styles.about}> {visible(more.join(" "))}</span>
						)}
					</span>
				</span>
				<span className={styles.age}>
					<Age at={note.at} ago />
				</span>
			</a>
		</li>
	);
}

function signOf({ kind, isFailure }: Note): {
	readonly shape: Shape;
	readonly tone: Tone;
} {
	if (kind === "fleet") return { shape: "cycle", tone: "warning" };
	if (kind === "refused") return { shape: "slashed", tone: "warning" };
	if (kind === "expiry" && !isFailure)
		return { shape: "clock", tone: "warning" };
	if (isFailure) return { shape: "cross", tone: "failed" };
	return { shape: "check", tone: "succeeded" };
}
