// What a person can set: how the window looks, when they are told, and what is known of this Foredeck.
import { Check } from "lucide-react";
import type { ReactElement } from "react";
import type { Fault } from "../../../shared/fault.ts";
import { visible } from "../../../shared/visibleText.ts";
import { Notice } from "../../ui/Notice.tsx";
import { Facts } from "../../ui/Panel.tsx";
import page from "../Page.module.css";
import { ScreenHead } from "../ScreenHead.tsx";
import { Age } from "../Times.tsx";
import { AboutUpdates } from "../update/AboutUpdates.tsx";
import { useCore } from "../window.ts";
import { AppearanceSettings } from "./AppearanceSettings.tsx";
import { HistorySettings } from "./HistorySettings.tsx";
import { KeysCard } from "./KeysCard.tsx";
import { NotificationSettings } from "./NotificationSettings.tsx";
import { SettingsCard, SwitchSetting } from "./Setting.tsx";
import styles from "./Settings.module.css";
import { UpdateSettings } from "./UpdateSettings.tsx";
import type { Outcome } from "./useSettings.ts";
import { useSettings } from "./useSettings.ts";

export function SettingsScreen(): ReactElement {
	const { settings, outcome, change } = useSettings();
	const isDesktop = useCore((core) => core.session?.shell === "electron");
	return (
		<>
			<ScreenHead title="Settings">
				<Saved outcome={outcome} />
			</ScreenHead>
			{outcome.kind === "refused" && <Refused fault={outcome.fault} />}
			<div className={page.page}>
				<AppearanceSettings />
				{settings === null ? (
					<p role="status">Waiting for the core …</p>
				) : (
					<>
						<NotificationSettings
							now={settings.notifications}
							change={change}
						/>
						{isDesktop && (
							<SettingsCard title="Window">
								<SwitchSetting
									title="Stay in the tray"
									words="Closing the window leaves Foredeck running in the tray, where the desktop has one."
									checked={settings.window.closeToTray}
									onChange={(closeToTray) =>
										change({ window: { closeToTray } })
									}
								/>
							</SettingsCard>
						)}
						<HistorySettings now={settings.history} change={change} />
						<UpdateSettings now={settings.updates} change={change} />
					</>
				)}
				<KeysCard />
				<About />
			</div>
		</>
	);
}

/** Always there, so that it is announced when it speaks. */
const Saved = (props: { readonly outcome: Outcome }): ReactElement => (
	<p className={styles.saved} role="status">
		{props.outcome.kind === "saved" && (
			<>
				<Check aria-hidden="true" />
				Saved
			</>
		)}
	</p>
);

/** Unless the banner over the screen says it already. */
function Refused(props: { readonly fault: Fault }): ReactElement | null {
	const { fault } = props;
	const isSaid = useCore((core) => core.session?.fault?.code === fault.code);
	return isSaid ? null : (
		<Notice
			tone="warning"
			place="banner"
			sentence={visible(fault.sentence)}
			code={fault.code}
			nextStep={visible(fault.nextStep)}
		/>
	);
}

function About(): ReactElement | null {
	const session = useCore((core) => core.session);
	if (session === null) return null;
	return (
		<SettingsCard title="About">
			<Facts
				rows={[
					["Foredeck", visible(session.version)],
					["Window", session.shell === "electron" ? "desktop app" : "browser"],
					["Fleet", visible(session.fleet)],
					["Updates", <AboutUpdates key="updates" />],
					["Core started", <Age key="start" at={session.startedAt} ago />],
				]}
			/>
		</SettingsCard>
	);
}
