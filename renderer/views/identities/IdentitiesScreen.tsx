// The identities of this computer: which one is in use, which are in the keychain, and how to import, renew and remove one.
import { KeyRound } from "lucide-react";
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import type { Answer } from "../../../shared/contract.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import { visible } from "../../../shared/visibleText.ts";
import { Button } from "../../ui/Button.tsx";
import { EmptyPage, Notice } from "../../ui/Notice.tsx";
import { Command } from "../Command.tsx";
import styles from "../Page.module.css";
import { ScreenHead } from "../ScreenHead.tsx";
import { useAsk, useCore } from "../window.ts";
import { IdentityCard } from "./IdentityCard.tsx";
import { RemoveIdentity } from "./RemoveIdentity.tsx";

type Listed = Answer<"identity.list">;
type Stored = Listed["stored"][number];

const IMPORT = "foredeck identity import --pfx FILE --ca FILE";

export function IdentitiesScreen(): ReactElement {
	const { listed, fault, reload } = useIdentities();
	const [refusal, setRefusal] = useState<Fault | null>(null);
	const why = refusal ?? fault ?? (listed?.fault as Fault | null | undefined);
	const isEmpty =
		listed !== null && listed.inUse === null && listed.stored.length === 0;
	const ways = listed !== null && (
		<ImportWays listed={listed} reload={reload} onRefused={setRefusal} />
	);
	if (isEmpty)
		return (
			<>
				<ScreenHead title="Identities" />
				<EmptyPage icon={<KeyRound />} title="No identity">
					<p>
						Agents ask for a client certificate. Import one with its key and the
						fleet’s authority:
					</p>
					{ways}
					{why && <FaultBox fault={why} />}
				</EmptyPage>
			</>
		);
	return (
		<>
			<ScreenHead title="Identities" />
			<div className={styles.page}>
				{why && <FaultBox fault={why} />}
				{listed === null ? (
					fault === null && <p role="status">Asking the keychain …</p>
				) : (
					<>
						<Cards listed={listed} reload={reload} />
						<section className={styles.card}>
							<h2>Import or renew</h2>
							<p>
								New connections use it at once, and links that were blocked by
								the old one resume by themselves.
							</p>
							{ways}
							{listed.vault !== null && (
								<p className={styles.sentence}>
									{visible(listed.vault.sentence)}.
								</p>
							)}
						</section>
					</>
				)}
			</div>
		</>
	);
}

/** Asked when the screen opens, when another identity came into use, and after each change; never by itself, because the keychain may ask for its password. */
function useIdentities() {
	const ask = useAsk();
	const [listed, setListed] = useState<Listed | null>(null);
	const [fault, setFault] = useState<Fault | null>(null);
	const inUse = useCore((core) => core.session?.identity?.fingerprint256);
	const isOpen = useCore((core) => core.line.kind === "open");
	const reload = async (): Promise<void> => {
		const answer: Result<Listed> = await ask("identity.list", {});
		if (answer.ok) setListed(answer.value);
		setFault(answer.ok ? null : answer.fault);
	};
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked anew for these two alone.
	useEffect(() => {
		if (isOpen) void reload();
	}, [inUse, isOpen]);
	return { listed, fault: isOpen ? fault : null, reload };
}

const FaultBox = (props: { readonly fault: Fault }): ReactElement => (
	<Notice
		tone="warning"
		place="box"
		sentence={visible(props.fault.sentence)}
		code={props.fault.code}
		nextStep={visible(props.fault.nextStep)}
	/>
);

/** Each certificate once, whichever profiles have it; the one in use first. */
function Cards(props: {
	readonly listed: Listed;
	readonly reload: () => Promise<void>;
}): ReactElement {
	const { inUse, stored, canRemove } = props.listed;
	const print = inUse?.fingerprint256;
	const profilesOf = (fingerprint: string): readonly Stored[] =>
		stored.filter((one) => one.identity?.fingerprint256 === fingerprint);
	const others = stored.filter(
		(one) => one.identity !== null && one.identity.fingerprint256 !== print,
	);
	const removal = (one: Stored): ReactElement | null =>
		canRemove ? (
			<RemoveIdentity
				key={one.profile}
				profile={one.profile}
				onRemoved={props.reload}
			/>
		) : null;
	return (
		<>
			{inUse !== null && (
				<IdentityCard
					identity={inUse}
					isInUse
					profiles={profilesOf(inUse.fingerprint256).map((one) => one.profile)}
				>
					{profilesOf(inUse.fingerprint256).map(removal)}
				</IdentityCard>
			)}
			{others.map(
				(one) =>
					one.identity !== null && (
						<IdentityCard
							key={one.profile}
							identity={one.identity}
							isInUse={false}
							profiles={[one.profile]}
						>
							{removal(one)}
						</IdentityCard>
					),
			)}
			{stored.map(
				(one) =>
					one.fault !== null && (
						<section key={one.profile} className={styles.card}>
							<h2>{one.profile}</h2>
							<FaultBox fault={one.fault as Fault} />
							{removal(one)}
						</section>
					),
			)}
		</>
	);
}

/** A dialog of the system where the shell has one, else the command. */
function ImportWays(props: {
	readonly listed: Listed;
	readonly reload: () => Promise<void>;
	readonly onRefused: (fault: Fault | null) => void;
}): ReactElement {
	const ask = useAsk();
	const run = async (): Promise<void> => {
		const answer = await ask("identity.import", {});
		props.onRefused(answer.ok ? null : answer.fault);
		await props.reload();
	};
	return (
		<>
			{props.listed.canImport && (
				<div>
					<Button look="primary" onClick={() => void run()}>
						Import from a file …
					</Button>
				</div>
			)}
			<Command text={IMPORT} />
		</>
	);
}
