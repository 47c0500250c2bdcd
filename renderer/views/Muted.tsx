// Until when nothing is told outside of the window; each place has a look of its own for it.
import type { ComponentType, ReactElement } from "react";
import { untilText } from "../../shared/until.ts";
import { useCore, useNow, useView } from "./window.ts";

/** `until`: `07:00`, `tomorrow 07:00`. */
type Look = ComponentType<{ readonly until: string }>;

/** Nothing while it is not muted. */
export function Muted(props: { readonly look: Look }): ReactElement | null {
	const until = useCore((core) => core.settings?.notifications.mutedUntil ?? 0);
	return until === 0 ? null : <WhileMuted until={until} look={props.look} />;
}

/** By itself, so that only it follows the clock. */
function WhileMuted(props: {
	readonly until: number;
	readonly look: Look;
}): ReactElement | null {
	const now = useNow();
	const utc = useView((view) => view.preferences.utc);
	const { look: Shown, until } = props;
	return until <= now ? null : <Shown until={untilText(until, now, utc)} />;
}
