// What a window may do with the settings, how it follows them, and how the rules of notifications read them.
import type { Handlers } from "../../../shared/bridge.ts";
import type { Cancel, Clock } from "../../../shared/clock.ts";
import { every } from "../../../shared/clock.ts";
import { ok } from "../../../shared/fault.ts";
import type { Settings } from "../../../shared/settings.ts";
import { quietHoursOf } from "../../../shared/settings.ts";
import type { NotifyPort } from "../notify/notes.ts";
import type { SettingsDesk } from "./desk.ts";

export type SettingsHandlers = Pick<
	Handlers,
	"settings.read" | "settings.change"
>;

export const settingsHandlers = (desk: SettingsDesk): SettingsHandlers => ({
	"settings.read": () => {
		desk.look();
		return ok(desk.current);
	},
	"settings.change": ({ patch }) => desk.change(patch),
});

/** What another Foredeck wrote is in use here within this. */
const LOOK_EVERY_MS = 5_000;

/** Tells each change until cancelled, also those that another Foredeck wrote into the file. */
export function followSettings(
	desk: SettingsDesk,
	clock: Clock,
	tell: (now: Settings) => void,
): Cancel {
	const unlisten = desk.listen(tell);
	const stopLooking = every(clock, LOOK_EVERY_MS, desk.look);
	return () => {
		unlisten();
		stopLooking();
	};
}

/** What the rules need of the settings. */
export const notifySettings = ({
	notifications: { quietHours, failuresBreakQuiet, mutedUntil, desktop },
}: Settings): ReturnType<NonNullable<NotifyPort["settings"]>> => ({
	quietHours: quietHours.map(quietHoursOf),
	failuresBreakQuiet,
	mutedUntil,
	desktop,
});
