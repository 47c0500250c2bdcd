// One host: the two facts kept apart (our channel, the host's own health), the reason, the next step, and how the channel
// came to be as it is.
import { Copy, Pause, Play, RotateCw } from "lucide-react";
import type { ReactElement } from "react";
import { useState } from "react";
import type { Host, HostId } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Facts, Panel, Section } from "../../ui/Panel.tsx";
import { useKeys } from "../../ui/useKeys.ts";
import { ExportHost } from "../export/Exports.tsx";
import { Age, Until } from "../Times.tsx";
import { useCopy } from "../useCopy.ts";
import { useKeyHint } from "../useKeyNames.ts";
import { useAsk, useCore, useParts } from "../window.ts";
import {
	CHANNEL_MEANINGS,
	NOT_REPORTED,
	rebootWords,
	skewWords,
	uptimeWords,
} from "../words.ts";
import { ChannelBadge } from "./ChannelBadge.tsx";
import { Diagnose } from "./Diagnose.tsx";
import { History } from "./History.tsx";
import { HostRuns } from "./HostRuns.tsx";
import styles from "./HostsScreen.module.css";
import { hostMarkdown } from "./hostMarkdown.ts";
import { Freshness, HealthWord, Labels } from "./hostRow.tsx";

export function HostPanel(props: {
	readonly hostId: HostId;
	readonly onClose: () => void;
}): ReactElement | null {
	const host = useCore((core) => core.fleet.replica.hosts.get(props.hostId));
	if (host === undefined) return null;
	return (
		<Panel
			label={`Host ${visible(host.id)}`}
			title={visible(host.id)}
			subtitle={<code>{visible(`${host.address}:${host.port}`)}</code>}
			onClose={props.onClose}
		>
			<CopyHost host={host} />
			<ChannelSection host={host} />
			<HealthSection host={host} />
			<Diagnose key={host.id} host={host} />
			<HostRuns hostId={host.id} />
			<History host={host} />
			<Section title="Host">
				<Facts rows={hostFacts(host)} />
			</Section>
		</Panel>
	);
}

/** All that is known of the host, for the incident channel. */
function CopyHost(props: { readonly host: Host }): ReactElement {
	const { host } = props;
	const { core, ticker } = useParts();
	const ask = useAsk();
	const copy = useCopy();
	const hint = useKeyHint("copy.markdown");
	const text = async (): Promise<string> => {
		const history = await ask("host.history", { hostId: host.id });
		const { fleet, coreAheadMs } = core.getState();
		const runs = (fleet.runsOfHost.get(host.id) ?? []).flatMap(
			(key) => fleet.replica.runs.get(key) ?? [],
		);
		return hostMarkdown(
			fleet.replica.hosts.get(host.id) ?? host,
			runs.toSorted((a, b) => b.seenAt - a.seenAt),
			history.ok ? history.value.transitions : null,
			ticker.read() + coreAheadMs,
		);
	};
	const copyHost = (): void =>
		void copy(text(), `${visible(host.id)} copied as Markdown.`);
	useKeys({ Y: copyHost });
	return (
		<div className={styles.copy}>
			<Button
				look="quiet"
				title={`For the incident channel${hint}`}
				onClick={copyHost}
			>
				<Copy aria-hidden="true" />
				Copy host as Markdown
			</Button>
			<ExportHost host={host} />
		</div>
	);
}

function ChannelSection(props: { readonly host: Host }): ReactElement {
	const { link } = props.host;
	const bad = link.channel === "blocked";
	return (
		<Section title="Our channel">
			{link.sentence !== null && (
				<div className={styles.reason}>
					<Notice
						tone={
							bad
								? "bad"
								: link.channel === "paused" || link.channel === "connecting"
									? "info"
									: "warning"
						}
						place="box"
						sentence={visible(link.sentence)}
						code={link.fault}
						nextStep={link.nextStep === null ? null : visible(link.nextStep)}
					/>
				</div>
			)}
			<Facts
				rows={[
					[
						"Channel",
						<span key="channel" title={CHANNEL_MEANINGS[link.channel]}>
							<ChannelBadge channel={link.channel} />
						</span>,
					],
					["For", <Age key="since" at={link.sinceAt} />],
					["Attempt", link.attempt === 0 ? null : attemptText(link)],
					["Heard from", <Freshness key="heard" host={props.host} />],
				]}
			/>
			<LinkButtons host={props.host} />
		</Section>
	);
}

const attemptText = (link: Host["link"]): ReactElement => (
	<span>
		attempt {link.attempt}
		{link.retryAt !== null && (
			<>
				, next <Until at={link.retryAt} />
			</>
		)}
	</span>
);

function LinkButtons(props: { readonly host: Host }): ReactElement {
	const { id, link } = props.host;
	const ask = useAsk();
	const [said, setSaid] = useState<string | null>(null);
	const paused = link.channel === "paused";
	const retry = async (): Promise<void> => {
		const answer = await ask("link.retry", { hostIds: [id] });
		setSaid(answer.ok ? "Trying now." : answer.fault.sentence);
	};
	const pause = async (): Promise<void> => {
		const answer = await ask("link.pause", { hostIds: [id], paused: !paused });
		setSaid(answer.ok ? null : answer.fault.sentence);
	};
	return (
		<div className={styles.buttons}>
			<Button onClick={() => void retry()} disabled={paused}>
				<RotateCw aria-hidden="true" />
				Retry now
			</Button>
			<Button onClick={() => void pause()}>
				{paused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
				{paused ? "Resume" : "Pause"}
			</Button>
			<span role="status" className={styles.quiet}>
				{said}
			</span>
		</div>
	);
}

function HealthSection(props: { readonly host: Host }): ReactElement {
	const { health, uptimeSeconds, pendingReboot } = props.host;
	return (
		<Section title="The host itself">
			<Facts
				rows={[
					["Health", <HealthWord key="health" health={health} />],
					[
						"Why",
						health.kind === "degraded"
							? visible(health.reasons.join("; "))
							: null,
					],
					[
						"Since",
						health.kind === "never_seen" ? null : (
							<Age key="since" at={health.sinceAt} ago />
						),
					],
					["Uptime", uptimeWords(uptimeSeconds)],
					["Reboot", rebootWords(pendingReboot)],
				]}
			/>
		</Section>
	);
}

function hostFacts(
	host: Host,
): readonly (readonly [string, ReactElement | string | null])[] {
	const labelled = Object.keys(host.labels).length > 0;
	return [
		["Labels", labelled ? <Labels key="labels" labels={host.labels} /> : null],
		["Server name", <code key="name">{visible(host.servername)}</code>],
		["System", visible(host.os ?? NOT_REPORTED)],
		["Agent", visible(host.agentVersion ?? NOT_REPORTED)],
		[
			"Extensions",
			host.extensions.length === 0 ? null : visible(host.extensions.join(", ")),
		],
		["Clock", host.skewMs === null ? NOT_REPORTED : skewWords(host.skewMs)],
	];
}
