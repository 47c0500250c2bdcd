// The left rail: which fleet this is, and the way to each screen.
import {
	Activity,
	BellOff,
	Inbox,
	KeyRound,
	ListChecks,
	Server,
	Settings,
} from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { badgeText } from "../../shared/inbox.ts";
import { visible } from "../../shared/visibleText.ts";
import type { Address } from "../store/view.ts";
import { hashOf } from "../store/view.ts";
import { Muted } from "./Muted.tsx";
import styles from "./Rail.module.css";
import { useCore, useView } from "./window.ts";

interface Entry {
	readonly name: string;
	readonly icon: ReactNode;
	readonly to: Address;
	readonly screens: readonly Address["screen"][];
}

const ENTRIES: readonly Entry[] = [
	{
		name: "Jobs",
		icon: <ListChecks />,
		to: { screen: "jobs", q: "" },
		screens: ["jobs", "job", "history"],
	},
	{
		name: "Hosts",
		icon: <Server />,
		to: { screen: "hosts", host: null, q: "" },
		screens: ["hosts"],
	},
	{
		name: "Activity",
		icon: <Activity />,
		to: { screen: "activity", kind: null, q: "" },
		screens: ["activity"],
	},
	{
		name: "Inbox",
		icon: <Inbox />,
		to: { screen: "inbox" },
		screens: ["inbox"],
	},
	{
		name: "Identities",
		icon: <KeyRound />,
		to: { screen: "identities" },
		screens: ["identities"],
	},
	{
		name: "Settings",
		icon: <Settings />,
		to: { screen: "settings" },
		screens: ["settings"],
	},
];

export function Rail(): ReactElement {
	const screen = useView((view) => view.address.screen);
	return (
		<div className={styles.rail}>
			<FleetBand />
			<nav aria-label="Main">
				<ul>
					{ENTRIES.map((entry) => (
						<li key={entry.name}>
							<a
								href={hashOf(entry.to)}
								className={styles.entry}
								title={entry.name}
								aria-current={
									entry.screens.includes(screen) ? "page" : undefined
								}
							>
								<span className={styles.icon} aria-hidden="true">
									{entry.icon}
								</span>
								<span className={styles.word}>{entry.name}</span>
								{entry.to.screen === "inbox" && (
									<>
										<Muted look={MutedInRail} />
										<Unread />
									</>
								)}
							</a>
						</li>
					))}
				</ul>
			</nav>
		</div>
	);
}

const MutedInRail = (props: { readonly until: string }): ReactElement => (
	<span className={styles.muted} title={`Muted until ${props.until}`}>
		<BellOff aria-hidden="true" />
		<span className={styles.unseen}>, muted until </span>
		<span className={styles.until}>{props.until.replace("tomorrow ", "")}</span>
		<span className={styles.unseen}>, </span>
	</span>
);

/** Failures that nobody has read; nothing when there are none. */
function Unread(): ReactElement | null {
	const unread = useCore((core) => core.inbox?.unread ?? 0);
	if (unread === 0) return null;
	return (
		<span className={styles.unread}>
			{badgeText(unread)}
			<span className={styles.unseen}>
				{" "}
				unread {unread === 1 ? "failure" : "failures"}
			</span>
		</span>
	);
}

/** A fleet whose name says production is unmistakable. */
const PRODUCTION = /(^|[^a-z])(prod|production|live)([^a-z]|$)/i;

function FleetBand(): ReactElement {
	const session = useCore((core) => core.session);
	const replicaFleet = useCore((core) => core.fleet.replica.fleet);
	const fleet = session?.fleet || replicaFleet;
	const look = session?.demo
		? styles.demo
		: PRODUCTION.test(fleet)
			? styles.production
			: "";
	return (
		<header className={`${styles.band} ${look}`}>
			<svg viewBox="0 0 24 24" className={styles.mark} aria-hidden="true">
				<path d="M3 14.5h18l-2.4 5.2a2 2 0 0 1-1.8 1.1H7.2a2 2 0 0 1-1.8-1.1z" />
				<path d="M13.4 3v9.2h6.4z" />
				<path d="M11.2 5.6v6.6H6z" />
			</svg>
			<div className={styles.names}>
				<span className={styles.product}>Foredeck</span>
				<span className={styles.fleet} title={visible(fleet)}>
					{fleet === "" ? "no fleet" : visible(fleet)}
				</span>
			</div>
		</header>
	);
}
