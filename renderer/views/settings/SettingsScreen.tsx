// How the window looks. Kept in this browser or app, not in the core.
import type { ReactElement, ReactNode } from "react";
import { Choice } from "../../ui/Choice.tsx";
import { Facts } from "../../ui/Panel.tsx";
import { visible } from "../../ui/visibleText.ts";
import styles from "../Page.module.css";
import { ScreenHead } from "../ScreenHead.tsx";
import { Age } from "../Times.tsx";
import { useCore, useView } from "../window.ts";

export function SettingsScreen(): ReactElement {
	const { theme, density, utc } = useView((view) => view.preferences);
	const prefer = useView((view) => view.prefer);
	return (
		<>
			<ScreenHead title="Settings" />
			<div className={styles.page}>
				<div className={`${styles.card} ${styles.settings}`}>
					<Setting title="Theme" words="Follow the system, or keep one.">
						<Choice
							label="Theme"
							value={theme}
							options={[
								{ value: "system", words: "System" },
								{ value: "dark", words: "Dark" },
								{ value: "light", words: "Light" },
							]}
							onChange={(value) => prefer({ theme: value })}
						/>
					</Setting>
					<Setting title="Density" words="Height of rows: 36 or 28 pixels.">
						<Choice
							label="Density"
							value={density}
							options={[
								{ value: "comfortable", words: "Comfortable" },
								{ value: "compact", words: "Compact" },
							]}
							onChange={(value) => prefer({ density: value })}
						/>
					</Setting>
					<Setting
						title="Times"
						words="Absolute times in this computer’s zone or in UTC."
					>
						<Choice
							label="Times"
							value={utc ? "utc" : "local"}
							options={[
								{ value: "local", words: "Local" },
								{ value: "utc", words: "UTC" },
							]}
							onChange={(value) => prefer({ utc: value === "utc" })}
						/>
					</Setting>
				</div>
				<About />
			</div>
		</>
	);
}

function Setting(props: {
	readonly title: string;
	readonly words: string;
	readonly children: ReactNode;
}): ReactElement {
	return (
		<section className={styles.setting}>
			<div>
				<h2>{props.title}</h2>
				<p>{props.words}</p>
			</div>
			{props.children}
		</section>
	);
}

function About(): ReactElement | null {
	const session = useCore((core) => core.session);
	if (session === null) return null;
	return (
		<section className={styles.card}>
			<h2>About</h2>
			<Facts
				rows={[
					["Foredeck", visible(session.version)],
					["Window", session.shell === "electron" ? "desktop app" : "browser"],
					["Fleet", visible(session.fleet)],
					["Core started", <Age key="start" at={session.startedAt} ago />],
				]}
			/>
		</section>
	);
}
