// One stream of two clearly different kinds: job lines over the full width with counts, host lines indented beneath.
// Newest first. Scrolling away or pausing holds the list still; what came since is counted, never pushed in.
import { Activity as ActivityIcon, Pause, Play } from "lucide-react";
import type { ReactElement } from "react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Activity } from "../../../shared/model.ts";
import { lengthOf, newestOf } from "../../store/eventLog.ts";
import { parseFilter, toggled } from "../../store/filter.ts";
import type { ShownActivity } from "../../store/selectActivity.ts";
import { createActivitySelection } from "../../store/selectActivity.ts";
import type { Address } from "../../store/view.ts";
import { Button } from "../../ui/Button.tsx";
import { Choice } from "../../ui/Choice.tsx";
import { EmptyPage } from "../../ui/Notice.tsx";
import { useKeys } from "../../ui/useKeys.ts";
import { ExportActivity } from "../export/Exports.tsx";
import { NoMatch } from "../NoMatch.tsx";
import { NothingKnown } from "../NothingKnown.tsx";
import { ScreenHead } from "../ScreenHead.tsx";
import { useKeyHint } from "../useKeyNames.ts";
import { knowsFleet, useCore, useGo, useParts } from "../window.ts";
import { ActivityList } from "./ActivityList.tsx";
import styles from "./ActivityScreen.module.css";
import { StatusMenu } from "./StatusMenu.tsx";

const KINDS = [
	{ value: "all", words: "All" },
	{ value: "job", words: "Jobs" },
	{ value: "host", words: "Hosts" },
	{ value: "gap", words: "Gaps" },
] as const;

export function ActivityScreen(props: {
	readonly address: Extract<Address, { screen: "activity" }>;
}): ReactElement {
	const { address } = props;
	const go = useGo();
	const hold = useHold();
	const events = useShown(address, hold.upTo);
	const total = useCore((core) => lengthOf(core.fleet.log));
	const knows = useCore(knowsFleet);
	const hint = useKeyHint("hold");
	const shown = events.length + events.waiting;
	const change = (part: Partial<typeof address>): void =>
		go({ ...address, ...part }, true);
	useKeys({
		s: hold.togglePause,
		f: () => change({ q: toggled(address.q, "is:failed") }),
	});

	return (
		<>
			<ScreenHead
				title="Activity"
				count={
					shown === total && !events.isLooking
						? numberText(total)
						: `${numberText(shown)}${events.isLooking ? "+" : ""} of ${numberText(total)}`
				}
				filter={{
					value: address.q,
					hint: "db-07, is:failed, host:web-*",
					onChange: (q) => change({ q }),
				}}
			>
				<Choice
					label="Kind"
					value={
						address.kind === null || address.kind === "overdue"
							? "all"
							: address.kind
					}
					options={KINDS}
					onChange={(kind) => change({ kind: kind === "all" ? null : kind })}
				/>
				<ExportActivity
					address={address}
					upTo={hold.upTo}
					count={events.length}
				/>
				<StatusMenu q={address.q} onChange={(q) => change({ q })} />
				<Button
					onClick={hold.togglePause}
					aria-pressed={hold.paused}
					title={`${hold.paused ? "Follow" : "Pause"}${hint}`}
				>
					{hold.paused ? (
						<Play aria-hidden="true" />
					) : (
						<Pause aria-hidden="true" />
					)}
					{hold.paused ? "Follow" : "Pause"}
				</Button>
			</ScreenHead>
			{hold.paused && (
				<Paused waiting={events.waiting} onFollow={hold.follow} />
			)}
			{events.length > 0 || events.isLooking ? (
				<div className={styles.stage}>
					{!hold.paused && events.waiting > 0 && (
						<button
							type="button"
							className={styles.newer}
							onClick={hold.follow}
						>
							{numberText(events.waiting)} newer{" "}
							{events.waiting === 1 ? "event" : "events"}
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

/** What is shown; older lines are looked through in portions, between which the page can do other things. */
function useShown(
	address: Extract<Address, { screen: "activity" }>,
	upTo: number | null,
): ShownActivity {
	const { core } = useParts();
	const { select, lookBack } = useMemo(createActivitySelection, []);
	const filter = useMemo(() => parseFilter(address.q), [address.q]);
	const [, setLooked] = useState(0);
	const events = useCore((view) =>
		select(view.fleet.log, address.kind, filter, upTo),
	);
	useEffect(() => {
		if (!events.isLooking) return;
		const timer = setTimeout(() => {
			lookBack(core.getState().fleet.log);
			setLooked((looked) => looked + 1);
		}, 0);
		return () => clearTimeout(timer);
	});
	return events;
}

const numberText = (count: number): string => count.toLocaleString("en");

/** A pause says so for as long as it lasts, even when nothing came. It stands above the lines, not on them. */
function Paused(props: {
	readonly waiting: number;
	readonly onFollow: () => void;
}): ReactElement {
	return (
		<div className={styles.paused}>
			<Pause aria-hidden="true" />
			<span>
				{/* The number would be spoken ten times a second. */}
				<span role="status">paused</span>, {numberText(props.waiting)} new
			</span>
			<Button look="quiet" onClick={props.onFollow}>
				Show them
			</Button>
		</div>
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
	const newest = (): number => Math.max(0, newestOf(core.getState().fleet.log));
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
