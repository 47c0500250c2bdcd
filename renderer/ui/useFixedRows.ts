// Which rows of one height are on the screen. For lists that grow all the time: it costs as much as is shown, where a general
// virtualiser measures all rows anew whenever their number changes.
import type { RefObject } from "react";
import { useLayoutEffect, useState } from "react";

/** Rows beyond the edges, so that scrolling shows no blank. */
const OVERSCAN = 10;

export interface FixedRows {
	/** The first row to mount, and the one behind the last. */
	readonly from: number;
	readonly to: number;
	/** To be told when the element scrolled. */
	readonly onScroll: () => void;
}

export function useFixedRows(
	scroller: RefObject<HTMLElement | null>,
	count: number,
	rowPx: number,
): FixedRows {
	const [place, setPlace] = useState({ top: 0, height: 0 });
	const look = (): void => {
		const element = scroller.current;
		if (element === null) return;
		const top = Math.floor(element.scrollTop / rowPx);
		const height = Math.ceil(element.clientHeight / rowPx);
		setPlace((former) =>
			former.top === top && former.height === height ? former : { top, height },
		);
	};
	// biome-ignore lint/correctness/useExhaustiveDependencies: looked at anew for another row height or element only
	useLayoutEffect(() => {
		const element = scroller.current;
		if (element === null) return;
		look();
		const observer = new ResizeObserver(look);
		observer.observe(element);
		return () => observer.disconnect();
	}, [rowPx, scroller]);
	const from = Math.max(0, Math.min(place.top, count) - OVERSCAN);
	return {
		from,
		to: Math.min(count, place.top + place.height + OVERSCAN),
		onScroll: look,
	};
}
