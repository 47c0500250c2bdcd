// Says new failures to assistive technology, politely.
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import { systemClock } from "../../shared/clock.ts";
import type { Activity } from "../../shared/model.ts";
import { createAnnouncements } from "../store/announce.ts";
import type { CoreView } from "../store/sync.ts";
import styles from "./App.module.css";
import { useParts } from "./window.ts";

export function Announcer(): ReactElement {
	const { core } = useParts();
	const [sentence, setSentence] = useState("");
	useEffect(() => {
		const announcements = createAnnouncements(systemClock(), setSentence);
		let looked: readonly Activity[] | null = null;
		const look = ({ fleet: { replica } }: CoreView): void => {
			// Nothing is known of the fleet yet: what comes with the first snapshot is no news.
			if (replica.at === 0 || replica.events === looked) return;
			looked = replica.events;
			announcements.look(replica.epoch, replica.events);
		};
		look(core.getState());
		const leave = core.subscribe(look);
		return () => {
			leave();
			announcements.stop();
		};
	}, [core]);
	return (
		<p className={styles.unseen} role="status">
			{sentence}
		</p>
	);
}
