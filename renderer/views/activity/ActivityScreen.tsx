// One stream of two clearly different kinds: job lines over the full width with counts, host lines indented beneath.
// Newest first. Scrolling away or pausing holds the list still; what came since is counted, never pushed in.
import { Activity as ActivityIcon, Pause, Play } from "lucide-react";
import type { ReactElement } from "react";
import { useMemo, useRef, useState } from "react";
import type { Activity } from "../../../shared/model.ts";
import { parseFilter } from "../../store/filter.ts";
import { createActivitySelection } from "../../store/select.ts";
import type { Address } from "../../store/view.ts";
import { Button } from "../../ui/Button.tsx";
import { Choice } from "../../ui/Choice.tsx";
import { EmptyPage } from "../../ui/Notice.tsx";
import { useKeys } from "../../ui/useKeys.ts";
import { NoMatch } from "../NoMatch.tsx";
import { NothingKnown } from "../NothingKnown.tsx";
import { ScreenHead } from "../ScreenHead.tsx";
import { knowsFleet, useCore, useGo, useParts } from "../window.ts";
import { ActivityList } from "./ActivityList.tsx";
import styles from "./ActivityScreen.module.css";

const KINDS = [
	{ value: "all", words: "All" },
	{ value: "job", words: "Jobs" },
	{ value: "host", words: "Hosts" },
] as const;

export function ActivityScreen(props: {
	readonly address: Extract<Address, { screen: "activity" }>;
}): ReactElement {
	const { address } = props;
	const go = useGo();
	const hold = useHold();
	const select = useMemo(createActivitySelection, []);
	const filter = useMemo(() => parseFilter(address.q), [address.q]);
	const events = useCore((core) =>
		select(core.fleet.replica.events, address.kind, filter, hold.upTo),
	);
	const total = useCore((core) => core.fleet.replica.events.length);
	const newest = useCore((core) => core.fleet.replica.events.at(-1)?.n ?? 0);
	const knows = useCore(knowsFleet);
	const waiting = hold.upTo === null ? 0 : newest - hold.upTo;
	const change = (part: Partial<typeof address>): void =>
		go({ ...address, ...part }, true);
	useKeys({
		s: hold.togglePause,
		f: () => change({ q: address.q === "is:failed" ? "" : "is:failed" }),
	});

	return (
		<>
			<ScreenHead
				title="Activity"
				filter={{
					value: address.q,
					hint: "db-07, is:failed, host:web-*",
					onChange: (q) => change({ q }),
				}}
			>
				<Choice
					label="Kind"
					value={
						address.kind === "job" || address.kind === "host"
							? address.kind
							: "all"
					}
					options={KINDS}
					onChange={(kind) => change({ kind: kind === "all" ? null : kind })}
				/>
				<Button onClick={hold.togglePause}>
					{hold.paused ? (
						<Play aria-hidden="true" />
					) : (
						<Pause aria-hidden="true" />
					)}
					{hold.paused ? "Follow" : "Pause"}
				</Button>
			</ScreenHead>
			{events.length > 0 ? (
				<div className={styles.stage}>
					{waiting > 0 && (
						<button
							type="button"
							className={styles.newer}
							onClick={hold.follow}
						>
							{waiting} newer {waiting === 1 ? "event" : "events"}
							{hold.paused ? ", paused" : ""}
						</button>
					)}
					<ActivityList
						events={events}
						following={hold.upTo === null}
						onAway={hold.away}
					/>
				</div>
			) : total > 0 ? (
				<NoMatch what="events" onClear={() => change({ q: "", kind: null })} />
			) : !knows ? (
				<NothingKnown />
			) : (
				<EmptyPage icon={<ActivityIcon />} title="Nothing happened yet">
					<p>What hosts and jobs do appears here as it happens.</p>
				</EmptyPage>
			)}
		</>
	);
}

interface Hold {
	readonly paused: boolean;
	/** The newest event shown while the list is held; null while it follows. */
	readonly upTo: Activity["n"] | null;
	togglePause(): void;
	follow(): void;
	/** Told when the list was scrolled away from its newest line, or back to it. */
	away(isAway: boolean): void;
}

function useHold(): Hold {
	const { core } = useParts();
	const [paused, setPaused] = useState(false);
	const [upTo, setUpTo] = useState<Activity["n"] | null>(null);
	const pausedNow = useRef(paused);
	pausedNow.current = paused;
	const newest = (): number =>
		core.getState().fleet.replica.events.at(-1)?.n ?? 0;
	return {
		paused,
		upTo,
		togglePause() {
			setPaused(!paused);
			setUpTo(paused ? null : (upTo ?? newest()));
		},
		follow() {
			setPaused(false);
			setUpTo(null);
		},
		away(isAway) {
			// A pause is the person's: scrolling back to the top does not end it.
			if (pausedNow.current) return;
			setUpTo((held) => (isAway ? (held ?? newest()) : null));
		},
	};
}
