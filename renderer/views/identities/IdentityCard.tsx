// One identity: its facts, never its key, with what is wrong with it first.
import type { ReactElement, ReactNode } from "react";
import type { Answer } from "../../../shared/contract.ts";
import { visible } from "../../../shared/visibleText.ts";
import { fullTime } from "../../store/age.ts";
import { Notice } from "../../ui/Notice.tsx";
import { Facts } from "../../ui/Panel.tsx";
import styles from "../Page.module.css";
import { useNow, useView } from "../window.ts";
import { expiryWords } from "./expiry.ts";

export type ShownIdentity = NonNullable<Answer<"identity.list">["inUse"]>;

export function IdentityCard(props: {
	readonly identity: ShownIdentity;
	/** Names of the profiles that use it; null: not of a profile. */
	readonly profiles: readonly string[];
	readonly isInUse: boolean;
	readonly children?: ReactNode;
}): ReactElement {
	const { identity, profiles, isInUse } = props;
	const utc = useView((view) => view.preferences.utc);
	return (
		<section className={styles.card} aria-label={visible(identity.subject)}>
			<h2>{visible(identity.subject)}</h2>
			<Expiry expiresAt={identity.expiresAt} />
			{identity.notes.map((note) => (
				<Notice
					key={note}
					tone="warning"
					place="box"
					sentence={visible(note)}
				/>
			))}
			<Facts
				rows={[
					["In use", isInUse ? "yes, for every new connection" : "no"],
					["Profile", profiles.length > 0 ? profiles.join(", ") : null],
					["Issuer", visible(identity.issuer)],
					[
						"Names",
						identity.names.length > 0
							? identity.names.map(visible).join(", ")
							: null,
					],
					["Key", visible(identity.keyKind)],
					["Valid from", fullTime(identity.validFrom, utc)],
					["Expires", fullTime(identity.expiresAt, utc)],
					[
						"SHA-256",
						<code key="print">{visible(identity.fingerprint256)}</code>,
					],
					["Lives in", visible(identity.home)],
				]}
			/>
			{props.children}
		</section>
	);
}

function Expiry(props: { readonly expiresAt: number }): ReactElement | null {
	const words = expiryWords(props.expiresAt, useNow());
	return words === null ? null : (
		<Notice
			tone={words.tone}
			place="box"
			sentence={`this ${words.sentence}`}
			code={words.tone === "bad" ? "tls.client-expired" : null}
			nextStep="Ask the fleet’s authority for a renewed certificate and import it; new connections use it at once."
		/>
	);
}
