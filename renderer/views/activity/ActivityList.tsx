// The lines of the stream that are on the screen.
import { useVirtualizer } from "@tanstack/react-virtual";
import type { ReactElement } from "react";
import { useEffect, useRef } from "react";
import type { Activity } from "../../../shared/model.ts";
import { useRowPx } from "../window.ts";
import { ActivityLine } from "./ActivityLine.tsx";
import styles from "./ActivityScreen.module.css";

const OVERSCAN = 10;

export function ActivityList(props: {
	readonly events: readonly Activity[];
	readonly following: boolean;
	readonly onAway: (isAway: boolean) => void;
}): ReactElement {
	const { events, following } = props;
	const rowPx = useRowPx();
	const scroller = useRef<HTMLDivElement>(null);
	const virtual = useVirtualizer({
		count: events.length,
		getScrollElement: () => scroller.current,
		estimateSize: () => rowPx,
		overscan: OVERSCAN,
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: a change of the row height is what asks for measuring anew
	useEffect(() => virtual.measure(), [rowPx]);
	useEffect(() => {
		if (following) scroller.current?.scrollTo({ top: 0 });
	}, [following]);
	return (
		<div
			ref={scroller}
			className={styles.scroller}
			onScroll={(event) => props.onAway(event.currentTarget.scrollTop > rowPx)}
		>
			{/* New lines are announced by the window, one sentence at a time: a log that speaks each line would never stop. */}
			<div role="log" aria-label="Activity" aria-live="off">
				<ol className={styles.lines} style={{ height: virtual.getTotalSize() }}>
					{virtual.getVirtualItems().map((row) => {
						const event = events[row.index];
						return event === undefined ? null : (
							<ActivityLine
								key={event.n}
								event={event}
								top={row.start}
								at={row.index + 1}
								of={events.length}
							/>
						);
					})}
				</ol>
			</div>
		</div>
	);
}
