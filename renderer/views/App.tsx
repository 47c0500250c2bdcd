// The frame around the screens, and the keys that work on all of them.
import type { ReactElement } from "react";
import { useEffect, useMemo, useState } from "react";
import { meantBy } from "../store/actions.ts";
import type { Address } from "../store/view.ts";
import type { Keyboard } from "../ui/keyboard.ts";
import { createKeyboard } from "../ui/keyboard.ts";
import { KeysContext } from "../ui/useKeys.ts";
import { Announcer } from "./Announcer.tsx";
import styles from "./App.module.css";
import { ActivityScreen } from "./activity/ActivityScreen.tsx";
import { Banners } from "./Banners.tsx";
import { HistoryScreen } from "./history/HistoryScreen.tsx";
import { HostsScreen } from "./hosts/HostsScreen.tsx";
import { IdentitiesScreen } from "./identities/IdentitiesScreen.tsx";
import { InboxScreen } from "./inbox/InboxScreen.tsx";
import { JobScreen } from "./jobs/JobScreen.tsx";
import { JobsScreen } from "./jobs/JobsScreen.tsx";
import { KeySheet } from "./KeySheet.tsx";
import { Palette } from "./palette/Palette.tsx";
import { IS_MAC } from "./platform.ts";
import { Rail } from "./Rail.tsx";
import { Said } from "./Said.tsx";
import { StatusBar } from "./StatusBar.tsx";
import { SettingsScreen } from "./settings/SettingsScreen.tsx";
import { Toasts } from "./Toasts.tsx";
import { useFrameKeys } from "./useFrameKeys.ts";
import { useWatching } from "./useWatching.ts";
import { useCore, useParts, useView } from "./window.ts";

export function App(): ReactElement {
	return (
		<KeysContext value={useKeyboardOfPage()}>
			<Frame />
		</KeysContext>
	);
}

/** One listener for all keys of the page, which asks what a key means now. */
function useKeyboardOfPage(): Keyboard {
	const { view } = useParts();
	const keyboard = useMemo(
		() =>
			createKeyboard((chord) => {
				const { address, preferences } = view.getState();
				return meantBy(preferences.keys, address.screen, chord);
			}, IS_MAC),
		[view],
	);
	useEffect(() => {
		addEventListener("keydown", keyboard.press);
		return () => removeEventListener("keydown", keyboard.press);
	}, [keyboard]);
	return keyboard;
}

function Frame(): ReactElement {
	const [over, setOver] = useState<"sheet" | "palette" | null>(null);
	const address = useView((view) => view.address);
	const close = (): void => setOver(null);
	useFrameKeys({
		sheet: () => setOver("sheet"),
		palette: () => setOver("palette"),
	});
	useTitle(address);
	useWatching(address.screen === "job" ? address.jobId : null);
	return (
		<div className={styles.frame}>
			<div className={styles.upper}>
				<Rail />
				<div className={styles.stage}>
					<main className={styles.main}>
						<Banners />
						<Screen address={address} />
					</main>
					<Toasts />
				</div>
			</div>
			<StatusBar onKeys={() => setOver("sheet")} />
			<KeySheet open={over === "sheet"} onClose={close} />
			<Palette open={over === "palette"} onClose={close} />
			<Said />
			<Announcer />
		</div>
	);
}

function Screen(props: { readonly address: Address }): ReactElement {
	const { address } = props;
	switch (address.screen) {
		case "jobs":
			return <JobsScreen q={address.q} />;
		case "job":
			return <JobScreen address={address} />;
		case "hosts":
			return <HostsScreen address={address} />;
		case "activity":
			return <ActivityScreen address={address} />;
		case "history":
			return <HistoryScreen q={address.q} />;
		case "inbox":
			return <InboxScreen />;
		case "identities":
			return <IdentitiesScreen />;
		case "settings":
			return <SettingsScreen />;
	}
}

function useTitle(address: Address): void {
	const label = useCore((core) =>
		address.screen === "job"
			? core.fleet.replica.jobs.get(address.jobId)?.label
			: undefined,
	);
	const fleet = useCore((core) => core.session?.fleet);
	const screen = label ?? address.screen;
	useEffect(() => {
		document.title = [
			screen[0]?.toUpperCase() + screen.slice(1),
			fleet,
			"Foredeck",
		]
			.filter(Boolean)
			.join(" · ");
	}, [screen, fleet]);
}
