// The last changes of a host's channel, and the fault in full: asked from the core when the panel opens and when the
// channel changes.
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import type { Answer } from "../../../shared/contract.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import type { Host, LinkTransition } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { stripOf } from "../../store/linkStrip.ts";
import { Section } from "../../ui/Panel.tsx";
import { TimeOfDay } from "../Times.tsx";
import { useAsk, useNow } from "../window.ts";
import { ChannelBadge } from "./ChannelBadge.tsx";
import styles from "./HostsScreen.module.css";

type Told = Result<Answer<"host.history">>;

export function History(props: { readonly host: Host }): ReactElement | null {
	const { id, link } = props.host;
	const ask = useAsk();
	const [answer, setAnswer] = useState<{ id: string; told: Told } | null>(null);
	// What was told of the former host is not this one's.
	const told = answer?.id === id ? answer.told : null;
	const [round, setRound] = useState(0);
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the channel changed, not for a new `ask`
	useEffect(() => {
		let wanted = true;
		let again: number | undefined;
		void ask("host.history", { hostId: id }).then((now) => {
			if (!wanted) return;
			if (!now.ok && now.fault.code === "window.too-fast")
				again = window.setTimeout(
					() => setRound((at) => at + 1),
					now.fault.retryAfterMs ?? 1_000,
				);
			else setAnswer({ id, told: now });
		});
		return () => {
			wanted = false;
			window.clearTimeout(again);
		};
	}, [id, link.channel, link.sinceAt, link.attempt, round]);
	if (told === null) return null;
	if (!told.ok)
		return (
			<Section title="Last changes of the channel">
				<p className={styles.quiet}>{visible(told.fault.sentence)}</p>
			</Section>
		);
	const { transitions, fault } = told.value;
	return (
		<>
			{fault !== null && <EvidenceOf fault={fault as Fault} />}
			<Section title="Last changes of the channel">
				<LinkStrip transitions={transitions} />
				{transitions.length === 0 ? (
					<p className={styles.quiet}>None yet.</p>
				) : (
					<ol className={styles.transitions}>
						{transitions.toReversed().map((change) => (
							<li key={`${change.at} ${change.from} ${change.to}`}>
								<TimeOfDay at={change.at} />
								<ChannelBadge channel={change.to} />
								<span className={styles.why}>
									{change.sentence === null ? "" : visible(change.sentence)}
								</span>
							</li>
						))}
					</ol>
				)}
			</Section>
		</>
	);
}

/** Heights tell the stretches apart without colour: full when live, half when polling, a line when away. */
const STRIP_TOP = { up: 0, slow: 5, down: 11, idle: 8 } as const;

/** The same changes as a strip over time, with what it shows in words. */
function LinkStrip(props: {
	readonly transitions: readonly LinkTransition[];
}): ReactElement | null {
	const now = useNow();
	const strip = stripOf(props.transitions, now);
	if (strip === null) return null;
	return (
		<>
			<p className={styles.stripWords}>{strip.words}</p>
			<div className={styles.strip} aria-hidden="true">
				<svg viewBox="0 0 1 16" preserveAspectRatio="none" aria-hidden="true">
					{strip.stretches.map((stretch) => (
						<rect
							key={stretch.fromAt}
							className={styles[stretch.reach]}
							x={stretch.from}
							width={Math.max(stretch.width, 0.004)}
							y={STRIP_TOP[stretch.reach]}
							height={16 - STRIP_TOP[stretch.reach]}
						/>
					))}
				</svg>
			</div>
			<p className={styles.stripEnds} aria-hidden="true">
				<TimeOfDay at={strip.fromAt} />
				<span>now</span>
			</p>
		</>
	);
}

/** What was seen when the fault happened, line by line. */
function evidenceLines(fault: Fault): string[] {
	const { evidence = {} } = fault;
	const { certificate } = evidence;
	const timings = Object.entries(evidence.timingsMs ?? {});
	const lines = [...(evidence.causes ?? []), ...(evidence.notes ?? [])];
	if (evidence.httpStatus !== undefined)
		lines.push(`HTTP status ${evidence.httpStatus}`);
	if (evidence.closeCode !== undefined)
		lines.push(`close ${evidence.closeCode} ${evidence.closeReason ?? ""}`);
	if (evidence.firstBytes !== undefined)
		lines.push(`first bytes: ${evidence.firstBytes}`);
	if (certificate !== undefined)
		lines.push(
			`certificate of ${certificate.subject}, issued by ${certificate.issuer}`,
			`names ${certificate.names.join(", ")}`,
			`valid ${certificate.validFrom} to ${certificate.validTo}`,
			`SHA-256 ${certificate.fingerprint256}`,
		);
	if (timings.length > 0)
		lines.push(
			timings.map(([phase, ms]) => `${phase} ${Math.round(ms)} ms`).join(", "),
		);
	return lines;
}

function EvidenceOf(props: { readonly fault: Fault }): ReactElement | null {
	const lines = evidenceLines(props.fault);
	if (lines.length === 0) return null;
	return (
		<Section title="What was seen">
			<div className={styles.evidence}>
				{lines.map((line) => (
					<span key={line}>{visible(line)}</span>
				))}
			</div>
		</Section>
	);
}
