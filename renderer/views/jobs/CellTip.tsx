// What a cell of the matrix stands for: host, state in words, since when, and why.
import type { ReactElement, RefObject } from "react";
import { useLayoutEffect, useRef } from "react";
import type { RunKey } from "../../../shared/model.ts";
import { isOpen } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import { Glyph } from "../../ui/Glyph.tsx";
import { Age } from "../Times.tsx";
import { useCore } from "../window.ts";
import { RUN_SIGNS, runLine, stateWords } from "../words.ts";
import styles from "./Matrix.module.css";

/** Space between the cell and the words. */
const APART_PX = 6;

export function CellTip(props: {
	readonly runKey: RunKey;
	readonly scroller: RefObject<HTMLElement | null>;
	/** The cell on the sheet. */
	readonly place: {
		readonly left: number;
		readonly top: number;
		readonly width: number;
		readonly height: number;
	};
}): ReactElement | null {
	const { scroller, place } = props;
	const tip = useRef<HTMLDivElement>(null);
	const run = useCore((core) => core.fleet.replica.runs.get(props.runKey));
	// Below the cell, or above where there is no room; never beyond the sides.
	useLayoutEffect(() => {
		const box = scroller.current;
		const own = tip.current;
		if (box === null || own === null) return;
		const edge = box.getBoundingClientRect();
		const { width, height } = own.getBoundingClientRect();
		const under =
			edge.top + place.top - box.scrollTop + place.height + APART_PX;
		const top =
			under + height <= edge.bottom
				? under
				: under - place.height - height - 2 * APART_PX;
		const left = Math.min(
			edge.left + place.left,
			Math.max(edge.left, edge.right - width - APART_PX),
		);
		own.style.translate = `${Math.round(left)}px ${Math.round(top)}px`;
	});
	if (run === undefined) return null;
	const { shape, tone } = RUN_SIGNS[run.state];
	const line = visible(runLine(run));
	return (
		<div ref={tip} className={styles.tip} role="tooltip">
			<b>{visible(run.hostId)}</b>
			<span className={styles.tipState}>
				<Glyph shape={shape} tone={tone} />
				{stateWords(run)},{" "}
				<Age at={isOpen(run.state) ? run.progressAt : run.changedAt} ago />
			</span>
			{line !== "" && <span className={styles.tipLine}>{line}</span>}
			{run.errorCode !== null && <code>{visible(run.errorCode)}</code>}
		</div>
	);
}
