// The lines of the stream that are on the screen.
import type { ReactElement } from "react";
import { useEffect, useRef } from "react";
import type { ShownActivity } from "../../store/selectActivity.ts";
import { useFixedRows } from "../../ui/useFixedRows.ts";
import { useKeys } from "../../ui/useKeys.ts";
import { useRowPx } from "../window.ts";
import { ActivityLine } from "./ActivityLine.tsx";
import styles from "./ActivityScreen.module.css";

export function ActivityList(props: {
	readonly events: ShownActivity;
	readonly following: boolean;
	readonly onAway: (isAway: boolean) => void;
}): ReactElement {
	const { events, following } = props;
	const rowPx = useRowPx();
	const scroller = useRef<HTMLDivElement>(null);
	const rows = useFixedRows(scroller, events.length, rowPx);
	useEffect(() => {
		if (following) scroller.current?.scrollTo({ top: 0 });
	}, [following]);
	const scroll = (by: number): void => scroller.current?.scrollBy({ top: by });
	useKeys({ j: () => scroll(rowPx), k: () => scroll(-rowPx) });
	const shown: ReactElement[] = [];
	for (let at = rows.from; at < rows.to; at++) {
		const event = events.at(at);
		if (event !== undefined)
			shown.push(
				<ActivityLine
					key={event.n}
					event={event}
					top={at * rowPx}
					at={at + 1}
					of={events.length}
				/>,
			);
	}
	return (
		<div
			ref={scroller}
			className={styles.scroller}
			onScroll={(event) => {
				rows.onScroll();
				props.onAway(event.currentTarget.scrollTop > rowPx);
			}}
		>
			{/* New lines are announced by the window, one sentence at a time: a log that speaks each line would never stop. */}
			<div role="log" aria-label="Activity" aria-live="off">
				<ol className={styles.lines} style={{ height: events.length * rowPx }}>
					{shown}
				</ol>
			</div>
		</div>
	);
}
