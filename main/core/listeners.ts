// Who is told of every change as it happens: `watch`, the notifier, a test.
import type { Cancel } from "../../shared/clock.ts";
import type { Activity, HostId, LinkStatus } from "../../shared/model.ts";
import type { ActivityLog } from "./activityLog.ts";
import type { ExpiryNews } from "./identity/expiry.ts";

/** Told of every change as it happens. Must not throw. */
export interface ConsoleListener {
	link?(host: HostId, status: LinkStatus): void;
	activity?(event: Activity): void;
	/** The identity in use is about to expire, or has: once per certificate and mark (identity/expiry.ts) and run. */
	expiry?(news: ExpiryNews): void;
}

export interface Listeners {
	listen(listener: ConsoleListener): Cancel;
	link(host: HostId, status: LinkStatus): void;
	expiry(news: ExpiryNews): void;
	/** No link and no expiry is told any more. */
	clear(): void;
}

/** Activity lines are told by their log itself. */
export function openListeners(lines: ActivityLog): Listeners {
	const listeners = new Set<ConsoleListener>();
	return {
		listen(listener) {
			listeners.add(listener);
			const { activity } = listener;
			const stopLines =
				activity === undefined ? undefined : lines.listen(activity);
			return () => {
				listeners.delete(listener);
				stopLines?.();
			};
		},
		link(host, status) {
			for (const listener of listeners) listener.link?.(host, status);
		},
		expiry(news) {
			for (const listener of listeners) listener.expiry?.(news);
		},
		clear: () => listeners.clear(),
	};
}
