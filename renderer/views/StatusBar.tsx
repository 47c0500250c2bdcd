// The bottom line: how many hosts are in which channel, how old the newest fact is, and the line to the core.
import { Keyboard } from "lucide-react";
import type { ReactElement } from "react";
import { CHANNELS } from "../../shared/model.ts";
import { Glyph } from "../ui/Glyph.tsx";
import { Go } from "./Go.tsx";
import { LastKnownHosts } from "./LastKnown.tsx";
import styles from "./StatusBar.module.css";
import { Age, Until } from "./Times.tsx";
import { UpdateNotice } from "./update/UpdateNotice.tsx";
import { useKeyHint } from "./useKeyNames.ts";
import { useCore } from "./window.ts";
import { CHANNEL_SIGNS } from "./words.ts";

/** The core's loop lag is worth a word from here on. */
const LAG_SHOWN_MS = 100;

export function StatusBar(props: {
	readonly onKeys: () => void;
}): ReactElement {
	const newestAt = useCore((core) => core.fleet.newestAt);
	const rate = useCore((core) => core.health?.eventsPerSecond ?? null);
	const lag = useCore((core) => core.health?.loopLagMs ?? 0);
	return (
		<footer className={styles.bar}>
			<Channels />
			<LastKnownHosts />
			<span className={styles.gap} />
			{lag > LAG_SHOWN_MS && (
				<span className={styles.warning}>
					core is {Math.round(lag)} ms behind
				</span>
			)}
			<Dialing />
			{rate !== null && (
				<span className={styles.spare}>{rateText(rate)} events/s</span>
			)}
			{newestAt !== null && (
				<span className={styles.spare}>
					newest fact <Age at={newestAt} ago />
				</span>
			)}
			<UpdateNotice />
			<CoreLine />
			<button
				type="button"
				className={styles.keys}
				title={`Keyboard${useKeyHint("keys")}`}
				aria-label="Keyboard"
				onClick={props.onKeys}
			>
				<Keyboard aria-hidden="true" />
			</button>
		</footer>
	);
}

const rateText = (rate: number): string =>
	rate >= 10 || rate === 0 ? String(Math.round(rate)) : rate.toFixed(1);

function Channels(): ReactElement {
	const channels = useCore((core) => core.fleet.channels);
	const present = CHANNELS.filter(
		(channel) => channel === "live" || channels[channel] > 0,
	);
	return (
		<ul className={styles.channels} aria-label="Hosts by channel">
			{present.map((channel) => {
				const { shape, tone, words } = CHANNEL_SIGNS[channel];
				return (
					<li key={channel}>
						<Go
							className={styles.channel}
							to={{ screen: "hosts", host: null, q: `channel:${channel}` }}
						>
							<Glyph shape={shape} tone={tone} />
							<b>{channels[channel]}</b> {words}
						</Go>
					</li>
				);
			})}
		</ul>
	);
}

function Dialing(): ReactElement | null {
	const dialing = useCore((core) => core.health?.dialing ?? 0);
	const queued = useCore((core) => core.health?.queued ?? 0);
	if (queued === 0) return null;
	return (
		<span>
			dialing {dialing}, {queued} waiting
		</span>
	);
}

function CoreLine(): ReactElement {
	const line = useCore((core) => core.line);
	const following = useCore((core) => core.following);
	if (line.kind === "opening")
		return (
			<span className={styles.core}>
				<Glyph shape="dashed" tone="running" />
				connecting to the core
			</span>
		);
	if (line.kind === "closed")
		return (
			<span className={`${styles.core} ${styles.bad}`}>
				<Glyph shape="cross" tone="failed" />
				<span>
					no core, attempt {line.attempt}
					{line.retryAt !== null && (
						<>
							, next <Until at={line.retryAt} />
						</>
					)}
				</span>
			</span>
		);
	return (
		<span className={styles.core}>
			<Glyph
				shape={following === "following" ? "check" : "dots"}
				tone={following === "following" ? "succeeded" : "warning"}
			/>
			<span className={styles.told}>{FOLLOWING_WORDS[following]}</span>
		</span>
	);
}

const FOLLOWING_WORDS = {
	following: "in step with the core",
	waiting: "waiting for the core",
	resyncing: "catching up with the core",
	disagreed: "core and window disagree",
};
