// When and how a person is told outside of the window.
import type { ReactElement } from "react";
import { useState } from "react";
import type { Settings, SettingsPatch } from "../../../shared/settings.ts";
import { visible } from "../../../shared/visibleText.ts";
import { Button } from "../../ui/Button.tsx";
import { useAsk } from "../window.ts";
import { MuteSetting } from "./MuteSetting.tsx";
import { QuietHoursEditor } from "./QuietHoursEditor.tsx";
import { Setting, SettingsCard, SwitchSetting } from "./Setting.tsx";
import styles from "./Settings.module.css";
import type { Change } from "./useSettings.ts";

type Notifications = Settings["notifications"];

export function NotificationSettings(props: {
	readonly now: Notifications;
	readonly change: Change;
}): ReactElement {
	const { now } = props;
	const set = (notifications: NonNullable<SettingsPatch["notifications"]>) =>
		props.change({ notifications });
	return (
		<SettingsCard title="Notifications">
			<SwitchSetting
				title="Desktop notifications"
				words="A job’s first failure, its summary at the end, and an outage of many hosts. Off: the inbox alone."
				checked={now.desktop}
				onChange={(desktop) => set({ desktop })}
			/>
			<MuteSetting
				mutedUntil={now.mutedUntil}
				onMute={(mutedUntil) => set({ mutedUntil })}
			/>
			<QuietHoursEditor
				spans={now.quietHours}
				onChange={(quietHours) => set({ quietHours })}
			/>
			<SwitchSetting
				title="Let failures through"
				words="Failures are told in quiet hours too. What is muted stays muted."
				checked={now.failuresBreakQuiet}
				onChange={(failuresBreakQuiet) => set({ failuresBreakQuiet })}
			/>
			<TestSetting />
		</SettingsCard>
	);
}

/** Asks for one, and says what the system did with it. */
function TestSetting(): ReactElement {
	const ask = useAsk();
	const [isAsking, setAsking] = useState(false);
	const [sentence, setSentence] = useState("");
	const test = async (): Promise<void> => {
		if (isAsking) return;
		setAsking(true);
		setSentence("");
		const answer = await ask("notify.test", {});
		setAsking(false);
		setSentence(answer.ok ? answer.value.sentence : answer.fault.sentence);
	};
	return (
		<Setting
			title="Try it"
			words={
				<span role="status" className={styles.sentence}>
					{sentence === ""
						? "Shows a notification, and says here what the system did with it."
						: visible(sentence)}
				</span>
			}
		>
			<Button aria-disabled={isAsking} onClick={() => void test()}>
				{isAsking ? "Sending …" : "Send a test notification"}
			</Button>
		</Setting>
	);
}
