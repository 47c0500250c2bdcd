// Says new failures to assistive technology: politely, one sentence per five seconds at most, however much happens.
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import type { Activity } from "../../shared/model.ts";
import { visible } from "../../shared/visibleText.ts";
import { BAD_STATES } from "../store/select.ts";
import styles from "./App.module.css";
import { useParts } from "./window.ts";

const PAUSE_MS = 5_000;
/** Hosts named in one sentence; the others are counted. */
const NAMED = 3;

export function Announcer(): ReactElement {
	const { core } = useParts();
	const [sentence, setSentence] = useState("");
	useEffect(() => {
		let told = core.getState().fleet.replica.events.at(-1)?.n ?? 0;
		const timer = setInterval(() => {
			const { events } = core.getState().fleet.replica;
			const fresh = failuresAfter(events, told);
			told = events.at(-1)?.n ?? told;
			if (fresh.length > 0) setSentence(failureSentence(fresh));
		}, PAUSE_MS);
		return () => clearInterval(timer);
	}, [core]);
	return (
		<p className={styles.unseen} role="status">
			{sentence}
		</p>
	);
}

/** Hosts whose run went bad after the event numbered `n`, oldest first. */
function failuresAfter(events: readonly Activity[], n: number): string[] {
	const hosts: string[] = [];
	for (let at = events.length - 1; at >= 0; at--) {
		const event = events[at];
		if (event === undefined || event.n <= n) break;
		if (event.kind === "host" && BAD_STATES.has(event.status))
			hosts.push(event.hostId);
	}
	return hosts.reverse();
}

function failureSentence(hosts: readonly string[]): string {
	const named = hosts.slice(0, NAMED).map(visible).join(", ");
	const more = hosts.length - NAMED;
	return `Failed on ${named}${more > 0 ? ` and ${more} more` : ""}.`;
}
