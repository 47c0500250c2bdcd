// The identity in use: its facts, never its key, and how to give one.
import { KeyRound } from "lucide-react";
import type { ReactElement } from "react";
import { fullTime, span } from "../../store/age.ts";
import type { Session } from "../../store/sync.ts";
import { EmptyPage, Notice } from "../../ui/Notice.tsx";
import { Facts } from "../../ui/Panel.tsx";
import { visible } from "../../ui/visibleText.ts";
import { Command } from "../Command.tsx";
import styles from "../Page.module.css";
import { ScreenHead } from "../ScreenHead.tsx";
import { useCore, useNow, useView } from "../window.ts";

const DAY_MS = 86_400_000;
/** Warned from here on; 05-UI section 2. */
const WARNED_DAYS = 30;

const HOW = "foredeck serve --fleet FILE --cert FILE --key FILE --ca FILE";

export function IdentitiesScreen(): ReactElement {
	const session = useCore((core) => core.session);
	const identity = session?.identity ?? null;
	return (
		<>
			<ScreenHead title="Identities" />
			{identity !== null ? (
				<div className={styles.page}>
					<KnownIdentity identity={identity} />
					<section className={styles.card}>
						<h2>Use another identity</h2>
						<p>
							An identity is a client certificate, its key and the authority
							that the agents’ certificates come from. Start Foredeck with:
						</p>
						<Command text={HOW} />
					</section>
				</div>
			) : (
				<EmptyPage icon={<KeyRound />} title="No identity in use">
					<p>
						{session === null
							? "The core has not told which identity it uses."
							: "Agents ask for a client certificate. Start Foredeck with one:"}
					</p>
					{session !== null && <Command text={HOW} />}
				</EmptyPage>
			)}
		</>
	);
}

function KnownIdentity(props: {
	readonly identity: NonNullable<Session["identity"]>;
}): ReactElement {
	const { subject, expiresAt, fingerprint256, home } = props.identity;
	const now = useNow();
	const utc = useView((view) => view.preferences.utc);
	const left = expiresAt - now;
	return (
		<section className={styles.card}>
			<h2>{visible(subject)}</h2>
			{left < WARNED_DAYS * DAY_MS && (
				<Notice
					tone={left <= 0 ? "bad" : "warning"}
					place="box"
					sentence={
						left <= 0
							? `this identity expired ${span(-left)} ago`
							: `this identity expires in ${span(left)}`
					}
					code={left <= 0 ? "tls.client-expired" : null}
					nextStep="Ask the fleet’s authority for a renewed certificate."
				/>
			)}
			<Facts
				rows={[
					["Subject", visible(subject)],
					["Expires", fullTime(expiresAt, utc)],
					["SHA-256", <code key="print">{visible(fingerprint256)}</code>],
					["Lives in", visible(home)],
				]}
			/>
		</section>
	);
}
