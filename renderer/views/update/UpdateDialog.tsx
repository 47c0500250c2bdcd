// The dialog about one update: what is new, when it is installed, and what a person may do. All its text comes from the signed
// manifest or from the core.
import type { ReactElement } from "react";
import { useState } from "react";
import type { CommandName } from "../../../shared/contract.ts";
import type { Fault } from "../../../shared/fault.ts";
import type { UpdateTold } from "../../../shared/update.ts";
import { visible } from "../../../shared/visibleText.ts";
import { fullTime } from "../../store/age.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Facts } from "../../ui/Panel.tsx";
import { Age } from "../Times.tsx";
import { useAsk, useCore, useView } from "../window.ts";
import styles from "./Update.module.css";
import { deedsOf, noteBlocks, whenOf } from "./updateWords.ts";

export function UpdateDialog(props: {
	readonly open: boolean;
	readonly onClose: () => void;
}): ReactElement {
	const { open, onClose } = props;
	const update = useCore((core) => core.update);
	const version = update?.version ?? null;
	return (
		<Dialog
			open={open && update !== null}
			title={version === null ? "Updates" : `Update to ${visible(version)}`}
			onClose={onClose}
			foot={update !== null && <Deeds update={update} onClose={onClose} />}
		>
			{update !== null && <Content update={update} />}
		</Dialog>
	);
}

function Content(props: { readonly update: UpdateTold }): ReactElement {
	const { update } = props;
	return (
		<>
			{update.fault !== null && (
				<Notice
					tone={update.fault.code === "update.refused" ? "bad" : "warning"}
					place="box"
					sentence={visible(update.fault.sentence)}
					code={update.fault.code}
					nextStep={visible(update.fault.nextStep)}
				/>
			)}
			<Versions update={update} />
			<News notes={update.notes} />
			<When update={update} />
		</>
	);
}

function Versions(props: { readonly update: UpdateTold }): ReactElement {
	const { version, releasedAt } = props.update;
	const now = useCore((core) => core.session?.version ?? "");
	const utc = useView((view) => view.preferences.utc);
	const at = releasedAt === null ? Number.NaN : Date.parse(releasedAt);
	return (
		<Facts
			rows={[
				["You have", visible(now)],
				["New", version === null ? null : visible(version)],
				[
					"Released",
					Number.isNaN(at) ? null : (
						<>
							{fullTime(at, utc).slice(0, 10)}, <Age at={at} ago />
						</>
					),
				],
			]}
		/>
	);
}

function News(props: { readonly notes: string }): ReactElement | null {
	const blocks = noteBlocks(props.notes);
	if (blocks.length === 0) return null;
	return (
		<section className={styles.section} aria-label="What is new">
			<h3>What is new</h3>
			{blocks.map((block, at) =>
				block.kind === "text" ? (
					// biome-ignore lint/suspicious/noArrayIndexKey: the notes of one release never change.
					<p key={at}>
						<Marked text={block.text} />
					</p>
				) : (
					// biome-ignore lint/suspicious/noArrayIndexKey: as above.
					<ul key={at}>
						{block.items.map((item, place) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: as above.
							<li key={place}>
								<Marked text={item} />
							</li>
						))}
					</ul>
				),
			)}
		</section>
	);
}

/** Text between backticks is code; nothing else is marked up. */
function Marked(props: { readonly text: string }): ReactElement {
	return (
		<>
			{visible(props.text)
				.split(/`([^`]+)`/)
				.map((part, at) =>
					// biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text keep their places.
					at % 2 === 1 ? <code key={at}>{part}</code> : part,
				)}
		</>
	);
}

function When(props: { readonly update: UpdateTold }): ReactElement | null {
	const sentences = whenOf(props.update);
	if (sentences.length === 0) return null;
	return (
		<section className={styles.section} aria-label="When it is installed">
			<h3>When</h3>
			<div role="status">
				{sentences.map((sentence) => (
					<p key={sentence}>{visible(sentence)}</p>
				))}
			</div>
		</section>
	);
}

function Deeds(props: {
	readonly update: UpdateTold;
	readonly onClose: () => void;
}): ReactElement {
	const { update, onClose } = props;
	const ask = useAsk();
	const [fault, setFault] = useState<Fault | null>(null);
	const { install, postpone, check } = deedsOf(update);
	const wish = async (
		name: Extract<
			CommandName,
			"update.check" | "update.install" | "update.postpone"
		>,
	): Promise<void> => {
		const answer = await ask(name, {});
		setFault(answer.ok ? null : answer.fault);
		if (answer.ok && name === "update.postpone") onClose();
	};
	return (
		<div className={styles.foot}>
			{fault !== null && (
				<Notice
					tone="warning"
					place="box"
					sentence={visible(fault.sentence)}
					code={fault.code}
					nextStep={visible(fault.nextStep)}
				/>
			)}
			{install !== null && (
				<p>Foredeck restarts to install. Jobs on your hosts go on meanwhile.</p>
			)}
			<div className={styles.deeds}>
				{postpone ? (
					<Button onClick={() => void wish("update.postpone")}>Not now</Button>
				) : (
					<Button onClick={onClose}>Close</Button>
				)}
				{check && (
					<Button look="primary" onClick={() => void wish("update.check")}>
						Check now
					</Button>
				)}
				{install !== null && (
					<Button look="primary" onClick={() => void wish("update.install")}>
						{install}
					</Button>
				)}
			</div>
		</div>
	);
}
