// How the window looks. Kept in this browser or app, not in the core.
import type { ReactElement } from "react";
import { THEME_WORDS, THEMES } from "../../store/view.ts";
import { Choice } from "../../ui/Choice.tsx";
import { useView } from "../window.ts";
import { Setting, SettingsCard } from "./Setting.tsx";

export function AppearanceSettings(): ReactElement {
	const { theme, density, utc } = useView((view) => view.preferences);
	const prefer = useView((view) => view.prefer);
	return (
		<SettingsCard title="Appearance">
			<Setting
				title="Theme"
				words="Follow the system, or keep one. High contrast is dark or light as the system is."
			>
				<Choice
					label="Theme"
					value={theme}
					options={THEMES.map((value) => ({
						value,
						words: THEME_WORDS[value],
					}))}
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
		</SettingsCard>
	);
}
