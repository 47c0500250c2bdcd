// A short word at the bottom, e.g. that a link was copied. It goes by itself and never takes the focus.
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import styles from "./Said.module.css";
import { useView } from "./window.ts";

/** Long enough to read two lines. */
const SAID_MS = 4_000;

export function Said(): ReactElement {
	const said = useView((view) => view.said);
	const [gone, setGone] = useState<number | null>(null);
	const n = said?.n ?? null;
	useEffect(() => {
		if (n === null) return;
		const timer = setTimeout(() => setGone(n), SAID_MS);
		return () => clearTimeout(timer);
	}, [n]);
	const text = said === null || said.n === gone ? "" : said.text;
	return (
		<p role="status" className={text === "" ? styles.silent : styles.said}>
			{text}
		</p>
	);
}
