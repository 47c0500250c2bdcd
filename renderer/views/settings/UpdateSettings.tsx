// Which releases this installation follows, where Foredeck updates itself. Where somebody else does, About says who.
import type { ReactElement } from "react";
import type { Settings } from "../../../shared/settings.ts";
import { Choice } from "../../ui/Choice.tsx";
import { useCore } from "../window.ts";
import { Setting, SettingsCard } from "./Setting.tsx";
import type { Change } from "./useSettings.ts";

const CHANNELS = {
	/** What the file has as null. */
	version: null,
	latest: "latest",
	beta: "beta",
} as const;

export function UpdateSettings(props: {
	readonly now: Settings["updates"];
	readonly change: Change;
}): ReactElement | null {
	const kind = useCore((core) => core.update?.kind ?? "managed");
	if (kind === "managed") return null;
	return (
		<SettingsCard title="Updates">
			<Setting
				title="Channel"
				words="By version: beta for a beta version, else stable. FOREDECK_UPDATE_CHANNEL in the environment goes before it."
			>
				<Choice
					label="Channel"
					value={props.now.channel ?? "version"}
					options={[
						{ value: "version", words: "By version" },
						{ value: "latest", words: "Stable" },
						{ value: "beta", words: "Beta" },
					]}
					onChange={(value) =>
						props.change({ updates: { channel: CHANNELS[value] } })
					}
				/>
			</Setting>
		</SettingsCard>
	);
}
