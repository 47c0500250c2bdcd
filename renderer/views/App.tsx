// The frame around the screens, and the keys that work on all of them.
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import type { Address } from "../store/view.ts";
import { useKeys } from "../ui/useKeys.ts";
import { Announcer } from "./Announcer.tsx";
import styles from "./App.module.css";
import { ActivityScreen } from "./activity/ActivityScreen.tsx";
import { Banners } from "./Banners.tsx";
import { HostsScreen } from "./hosts/HostsScreen.tsx";
import { IdentitiesScreen } from "./identities/IdentitiesScreen.tsx";
import { InboxScreen } from "./inbox/InboxScreen.tsx";
import { JobScreen } from "./jobs/JobScreen.tsx";
import { JobsScreen } from "./jobs/JobsScreen.tsx";
import { Rail } from "./Rail.tsx";
import { KeySheet, StatusBar } from "./StatusBar.tsx";
import { SettingsScreen } from "./settings/SettingsScreen.tsx";
import { Toasts } from "./Toasts.tsx";
import { useWatching } from "./useWatching.ts";
import { useCore, useGo, useView } from "./window.ts";

export function App(): ReactElement {
	const [sheet, setSheet] = useState(false);
	const address = useView((view) => view.address);
	useFrameKeys(() => setSheet(true));
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
			<StatusBar onKeys={() => setSheet(true)} />
			<KeySheet open={sheet} onClose={() => setSheet(false)} />
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
		case "inbox":
			return <InboxScreen />;
		case "identities":
			return <IdentitiesScreen />;
		case "settings":
			return <SettingsScreen />;
	}
}

function useFrameKeys(openSheet: () => void): void {
	const go = useGo();
	useKeys({
		"/": () =>
			document.querySelector<HTMLInputElement>("input[type=search]")?.focus(),
		"?": openSheet,
		j: enterGrid,
		k: enterGrid,
		ArrowDown: enterGrid,
		ArrowUp: enterGrid,
		"g j": () => go({ screen: "jobs", q: "" }),
		"g h": () => go({ screen: "hosts", host: null, q: "" }),
		"g a": () => go({ screen: "activity", kind: null, q: "" }),
		"g n": () => go({ screen: "inbox" }),
		"g i": () => go({ screen: "identities" }),
		"g s": () => go({ screen: "settings" }),
	});
}

/** From anywhere, the first movement key goes to the row that is in the tab order. */
function enterGrid(): void {
	document
		.querySelector<HTMLElement>('[role="grid"] [role="row"][tabindex="0"]')
		?.focus();
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
