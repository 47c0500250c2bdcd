// Removes an identity from the keychain after a person confirmed what the core asks. The core gives the permission, for once.
import type { ReactElement } from "react";
import { useState } from "react";
import type { Answer } from "../../../shared/contract.ts";
import type { Fault } from "../../../shared/fault.ts";
import { visible } from "../../../shared/visibleText.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import styles from "../Page.module.css";
import { useAsk } from "../window.ts";

export function RemoveIdentity(props: {
	readonly profile: string;
	readonly onRemoved: () => Promise<void>;
}): ReactElement {
	const { profile, onRemoved } = props;
	const ask = useAsk();
	const [offer, setOffer] = useState<Answer<"identity.offerRemoval"> | null>(
		null,
	);
	const [fault, setFault] = useState<Fault | null>(null);
	const offerIt = async (): Promise<void> => {
		const answer = await ask("identity.offerRemoval", { profile });
		setOffer(answer.ok ? answer.value : null);
		setFault(answer.ok ? null : answer.fault);
	};
	const remove = async (nonce: string): Promise<void> => {
		const answer = await ask("identity.remove", { profile, nonce });
		setOffer(null);
		setFault(answer.ok ? null : answer.fault);
		await onRemoved();
	};
	return (
		<>
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
				<div className={styles.actions}>
					<Button onClick={() => void offerIt()}>Remove {profile} …</Button>
				</div>
			) : (
				<div
					className={styles.confirm}
					role="alertdialog"
					aria-label="Confirm the removal"
				>
					<p>{visible(offer.sentence)}</p>
					<div className={styles.actions}>
						<Button autoFocus onClick={() => setOffer(null)}>
							Keep it
						</Button>
						<Button onClick={() => void remove(offer.nonce)}>Remove it</Button>
					</div>
				</div>
			)}
		</>
	);
}
