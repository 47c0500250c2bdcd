// Silence for now: half an hour, an hour, or until the morning. The inbox goes on.
import type { ReactElement } from "react";
import { nextMorning, untilText } from "../../../shared/until.ts";
import { Button } from "../../ui/Button.tsx";
import { useNow, useView } from "../window.ts";
import { Setting } from "./Setting.tsx";
import styles from "./Settings.module.css";

const MINUTE_MS = 60_000;

export function MuteSetting(props: {
	readonly mutedUntil: number;
	readonly onMute: (until: number) => void;
}): ReactElement {
	const { mutedUntil, onMute } = props;
	const now = useNow();
	const utc = useView((view) => view.preferences.utc);
	const until = untilText(mutedUntil, now, utc);
	if (mutedUntil > now)
		return (
			<Setting
				title={`Muted until ${until}`}
				words="Nothing is told outside of the window, failures neither. The inbox goes on."
			>
				<Button onClick={() => onMute(0)}>Unmute</Button>
			</Setting>
		);
	return (
		<Setting
			title="Mute now"
			words="Tells nothing outside of the window for a while, failures neither. The inbox goes on."
		>
			<div className={styles.buttons}>
				<Button onClick={() => onMute(now + 30 * MINUTE_MS)}>30 minutes</Button>
				<Button onClick={() => onMute(now + 60 * MINUTE_MS)}>1 hour</Button>
				<Button onClick={() => onMute(nextMorning(now))}>Until morning</Button>
			</div>
		</Setting>
	);
}
