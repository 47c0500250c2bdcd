// Imports an inventory: the system's dialog chooses the file, the core says what would become of every line, and the person says yes.
import { FilePlus2 } from "lucide-react";
import type { ReactElement } from "react";
import { useRef, useState } from "react";
import type { Answer } from "../../../shared/contract.ts";
import type { Fault } from "../../../shared/fault.ts";
import { visible } from "../../../shared/visibleText.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { useAsk } from "../window.ts";
import styles from "./ImportHosts.module.css";
import { importSummary, leftOutRows } from "./importWords.ts";

type Offer = NonNullable<Answer<"fleet.offerImport">["offer"]>;

const VERDICT_WORDS: Record<Offer["rows"][number]["verdict"], string> = {
	invalid: "✕ not taken",
	change: "~ changes",
	add: "+ new",
	same: "= the same",
};

export function ImportHosts(): ReactElement {
	const ask = useAsk();
	const [offer, setOffer] = useState<Offer | null>(null);
	const [fault, setFault] = useState<Fault | null>(null);
	const isAsking = useRef(false);
	const choose = async (): Promise<void> => {
		// The system's dialog is open; a second one would take the place of its answer.
		if (isAsking.current) return;
		isAsking.current = true;
		setFault(null);
		const answer = await ask("fleet.offerImport", {});
		isAsking.current = false;
		if (answer.ok) setOffer(answer.value.offer);
		else setFault(answer.fault);
	};
	const accept = async (nonce: string): Promise<void> => {
		// Large fleets take a moment, and people click twice.
		if (isAsking.current) return;
		isAsking.current = true;
		const answer = await ask("fleet.import", { nonce });
		isAsking.current = false;
		setOffer(null);
		if (!answer.ok) setFault(answer.fault);
	};
	return (
		<>
			<Button onClick={() => void choose()} aria-haspopup="dialog">
				<FilePlus2 aria-hidden="true" />
				Import hosts …
			</Button>
			{fault !== null && (
				<Notice
					tone="warning"
					place="box"
					sentence={visible(fault.sentence)}
					code={fault.code}
					nextStep={visible(fault.nextStep)}
				/>
			)}
			<Dialog
				wide
				open={offer !== null}
				title={offer === null ? "" : `Import ${visible(offer.file)}`}
				onClose={() => setOffer(null)}
				foot={
					offer !== null && (
						<>
							<Button onClick={() => setOffer(null)}>
								{offer.changes ? "Import nothing" : "Close"}
							</Button>
							{offer.changes && (
								<Button
									look="primary"
									data-first
									onClick={() => void accept(offer.nonce)}
								>
									{acceptWords(offer)}
								</Button>
							)}
						</>
					)
				}
			>
				{offer !== null && <Review offer={offer} />}
			</Dialog>
		</>
	);
}

const acceptWords = ({ counts }: Offer): string => {
	const taken = counts.add + counts.change;
	return `Import ${taken} ${taken === 1 ? "host" : "hosts"}`;
};

function Review({ offer }: { readonly offer: Offer }): ReactElement {
	const { rows, notes } = offer;
	const left = leftOutRows(offer);
	return (
		<>
			<p>{importSummary(offer)}</p>
			{notes.map((note) => (
				<p key={note} className={styles.note}>
					{visible(note)}
				</p>
			))}
			<div className={styles.scroller}>
				<table className={styles.table}>
					<thead>
						<tr>
							<th scope="col">Line</th>
							<th scope="col">Host</th>
							<th scope="col">What becomes of it</th>
							<th scope="col">Why, or where</th>
						</tr>
					</thead>
					<tbody>
						{rows.map((row) => (
							<tr
								key={`${row.line} ${row.id} ${row.verdict}`}
								data-verdict={row.verdict}
							>
								<td>{row.line}</td>
								<th scope="row">{row.id === null ? "–" : visible(row.id)}</th>
								<td>{VERDICT_WORDS[row.verdict]}</td>
								<td>{visible(row.words)}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{left > 0 && (
				<p className={styles.note}>
					{left.toLocaleString("en")} more lines are not listed here.
				</p>
			)}
		</>
	);
}
