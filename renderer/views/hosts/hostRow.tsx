// One host as a row: the channel and the host's own state apart, and why either is not as it should be.
import type { ReactElement } from "react";
import { useSyncExternalStore } from "react";
import type { Health, Host, HostId } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { isStale } from "../../store/subject.ts";
import { Glyph } from "../../ui/Glyph.tsx";
import type { RowFace } from "../../ui/VirtualGrid.tsx";
import { Go } from "../Go.tsx";
import { Age } from "../Times.tsx";
import { useCore, useNow, useParts } from "../window.ts";
import {
	HEALTH_SIGNS,
	isSkewed,
	NOT_REPORTED,
	rebootShort,
	skewShort,
	whyNot,
} from "../words.ts";
import { ChannelBadge } from "./ChannelBadge.tsx";
import styles from "./HostsScreen.module.css";

/** The row of a host; null when the host is gone. */
export function useHostRow(id: HostId): RowFace | null {
	const host = useCore((core) => core.fleet.replica.hosts.get(id));
	const stale = useStale(host);
	if (host === undefined) return null;
	const { channel } = host.link;
	const name = visible(host.id);
	const why = whyNot(host);
	return {
		name: [
			name,
			channel,
			HEALTH_SIGNS[host.health.kind].words,
			host.lastKnown ? "not heard since Foredeck started" : "",
			stale && !host.lastKnown ? "stale" : "",
			why,
			host.pendingReboot === true ? "reboot pending" : "",
		]
			.filter(Boolean)
			.join(", "),
		loud: channel === "blocked" || host.health.kind === "unreachable",
		dim: channel === "paused",
		stale: stale || host.lastKnown === true,
		cells: [
			<span key="host" className={styles.host} title={name}>
				{name}
			</span>,
			<ChannelBadge key="channel" channel={channel} />,
			<HealthWord key="health" health={host.health} />,
			<span key="why" className={styles.why} title={why}>
				{why}
			</span>,
			<Freshness key="heard" host={host} />,
			<span key="open" className={host.openRuns === 0 ? styles.quiet : ""}>
				{host.openRuns}
			</span>,
			<span
				key="reboot"
				className={host.pendingReboot === true ? styles.warning : styles.quiet}
			>
				{rebootShort(host.pendingReboot)}
			</span>,
			<span
				key="version"
				className={host.agentVersion === null ? styles.quiet : ""}
			>
				{visible(host.agentVersion ?? NOT_REPORTED)}
			</span>,
			<span
				key="clock"
				className={isSkewed(host.skewMs) ? styles.warning : styles.quiet}
				title="How far the host’s clock is ahead of (+) or behind (−) ours"
			>
				{skewShort(host.skewMs)}
			</span>,
			<Labels key="labels" labels={host.labels} inRow />,
		],
	};
}

/** Whether the host is stale; renders anew only when that changes. */
function useStale(host: Host | undefined): boolean {
	const { core, ticker } = useParts();
	return useSyncExternalStore(
		ticker.subscribe,
		() =>
			host !== undefined &&
			isStale(host, ticker.read() + core.getState().coreAheadMs),
	);
}

export function HealthWord(props: { readonly health: Health }): ReactElement {
	const { kind } = props.health;
	const { words, shape, tone } = HEALTH_SIGNS[kind];
	return (
		<span className={`${styles.health} ${styles[kind] ?? ""}`}>
			<Glyph shape={shape} tone={tone} />
			{words}
		</span>
	);
}

/** Age of the last confirmed fact; a stale one looks stale. */
export function Freshness(props: { readonly host: Host }): ReactElement {
	const { host } = props;
	const now = useNow();
	if (host.heardAt === null)
		return <span className={styles.quiet}>not yet</span>;
	if (host.lastKnown)
		return (
			<span
				className={styles.stale}
				title="Last known state: nothing was heard since Foredeck was started"
			>
				<Glyph shape="dots" tone="warning" />
				<Age at={host.heardAt} />
			</span>
		);
	if (!isStale(host, now)) return <Age at={host.heardAt} />;
	return (
		<span
			className={styles.stale}
			title="Stale: nothing was heard for longer than expected"
		>
			<Glyph shape="dots" tone="warning" />
			<Age at={host.heardAt} />
		</span>
	);
}

/** Labels as chips, each a link to the hosts that share it. */
export function Labels(props: {
	readonly labels: Host["labels"];
	readonly inRow?: boolean;
}): ReactElement {
	return (
		<span className={props.inRow ? styles.labels : styles.allLabels}>
			{Object.entries(props.labels).map(([key, value]) => (
				<Go
					key={key}
					inRow={props.inRow ?? false}
					className={styles.label}
					to={{ screen: "hosts", host: null, q: `${key}=${value}` }}
				>
					<i>{visible(key)}=</i>
					{visible(value)}
				</Go>
			))}
		</span>
	);
}
