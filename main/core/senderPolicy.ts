// May this sender speak to the core? Decides from facts that a shell gathered, on every message, and fails closed: what
// is not known to be ours is refused. Knows no Electron and no HTTP; it only compares.
import type { Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";

/** Where our own page lives in Electron. */
export const APP_ORIGIN = "app://console";

/** What is known of the frame that sent a message over Electron's channel. */
export interface FrameFacts {
	/** Null when the frame was gone, or could not be asked, when the message arrived. */
	readonly frame: {
		/** Address of the document in the frame, as Electron tells it. */
		readonly url: string;
		/** Whether the frame has no parent. */
		readonly isTop: boolean;
	} | null;
	/** Whether the message came from the one window that we opened. */
	readonly isOurWindow: boolean;
}

/** `sender.refused` unless the frame is the top frame of our window and shows our own page. */
export function maySpeak(facts: FrameFacts): Result<void> {
	const { frame } = facts;
	// A frame that navigated away or was torn down is null: whoever sent this can no longer be asked.
	if (frame === null) return refused("its frame is gone");
	// Another window or web view of the same process has a bridge of its own only if somebody injected it.
	if (!facts.isOurWindow) return refused("it is not our window");
	// A frame within our page is somebody else's page.
	if (!frame.isTop) return refused("it is a frame within the page");
	if (!isOurPage(frame.url)) return refused("its page is not ours");
	return ok(undefined);
}

/** Whether an address is of our own page: origin exactly `app://console`. `about:blank` and an empty address are not. */
export function isOurPage(address: string): boolean {
	// The parser trims and forgives (leading blanks, tabs inside); the text itself has to begin as ours does.
	if (!address.startsWith(`${APP_ORIGIN}/`)) return false;
	if (!URL.canParse(address)) return false;
	const { protocol, host, username, password } = new URL(address);
	return (
		protocol === "app:" &&
		host === "console" &&
		username === "" &&
		password === ""
	);
}

const refused = (why: string): Result<never> =>
	failed(fault("sender.refused", { evidence: { notes: [why] } }));
