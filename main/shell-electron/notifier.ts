// Notifications of the system, through Electron: shows, changes and withdraws what the rules say, leads a click to its place,
// also when Foredeck was started by it, and says once when the system shows nothing. Takes Electron's objects as arguments.
import { createHash } from "node:crypto";
import type {
	App,
	Notification,
	NotificationConstructorOptions,
} from "electron";
import type { Clock } from "../../shared/clock.ts";
import { hashOfNote } from "../../shared/inbox.ts";
import { APP_ID, TOAST_ACTIVATOR_CLSID } from "../../shared/product.ts";
import { visible } from "../../shared/visibleText.ts";
import type { Console } from "../core/console.ts";
import type { Note } from "../core/notify/note.ts";
import type { NotifyPort, NotShown, TestedNote } from "../core/notify/notes.ts";
import type { Log } from "../core/ports.ts";

export interface NotifierParts {
	readonly Notification: typeof Notification;
	readonly platform: NodeJS.Platform;
	readonly clock: Clock;
	readonly log: Log;
	/** Raises the window and goes there; remembers it while there is no window yet. */
	go(hash: string): void;
}

export interface ElectronNotifier {
	readonly port: Required<
		Pick<NotifyPort, "present" | "test" | "whenNotShown">
	>;
	/** From now on notifications are grouped by profile, and those of former runs lead to their places too. */
	follow(console: Pick<Console, "fleetName" | "placeOfNote">): void;
}

/** What macOS takes of a body; a longer one is not shown at all. */
const MAC_BODY_BYTES = 256;
/** A system that says neither that it showed it nor that it could not. */
const TEST_PATIENCE_MS = 5_000;
/** Objects that are kept so that their clicks are heard. */
const KEPT_MOST = 200;
/** Characters of what the system says that are told on. */
const SAID_MOST = 300;
/** Where a click leads whose note is forgotten. */
const INBOX = "#/inbox";

const ADVICE: Readonly<Record<string, string>> = {
	darwin:
		"macOS shows notifications only of a signed app that may show them: see System Settings, Notifications, Foredeck; a build of your own must be signed first.",
	win32:
		"Windows shows notifications only of an installed app: start Foredeck from its entry in the Start menu, and see Settings, System, Notifications.",
};
const ADVICE_ELSEWHERE =
	"See that a notification service runs in this desktop session.";

/** To be called before the app is ready: what Windows knows a notification's sender by. */
export function registerNotifications(
	app: Pick<App, "setAppUserModelId" | "setToastActivatorCLSID">,
	platform: NodeJS.Platform,
): void {
	app.setAppUserModelId(APP_ID);
	if (platform === "win32") app.setToastActivatorCLSID(TOAST_ACTIVATOR_CLSID);
}

/**
 * Names a notification to the system. Windows takes at most 64 characters, and hands them back in a query string; keys are
 * longer and hold anything.
 */
export const systemIdOf = (key: string): string =>
	createHash("sha256").update(key).digest("hex").slice(0, 32);

export function openNotifier(parts: NotifierParts): ElectronNotifier {
	const { Notification: Shown, platform, log, go } = parts;
	const advice = ADVICE[platform] ?? ADVICE_ELSEWHERE;
	/** By key: what may be on the screen. Collected objects would not tell their clicks. */
	const kept = new Map<string, Notification>();
	/** macOS takes what is on the screen away with a collected object, also when another one took its place under the same id. */
	const superseded = new Map<string, Notification[]>();
	let followed: Pick<Console, "fleetName"> | null = null;
	let tell: (why: NotShown) => void = () => {};
	let isTold = false;

	const notShown = (why: string): void => {
		log("warn", "the system did not show a notification", { why });
		if (isTold) return;
		isTold = true;
		const said = visible(why).slice(0, SAID_MOST);
		tell({ sentence: `The system said: ${said}.`, nextStep: advice });
	};
	const forget = (key: string): void => {
		kept.delete(key);
		superseded.delete(key);
	};
	const keep = (key: string, it: Notification): void => {
		const before = kept.get(key);
		if (platform === "darwin" && before !== undefined)
			superseded.set(key, [...(superseded.get(key) ?? []), before]);
		kept.delete(key);
		kept.set(key, it);
		const [oldest] = kept.keys();
		if (kept.size > KEPT_MOST && oldest !== undefined) forget(oldest);
	};
	const show = (note: Note, isSilent: boolean): void => {
		if (!Shown.isSupported()) return notShown("there is no such service");
		// Elsewhere the same id takes the place of what is there.
		if (platform === "linux") kept.get(note.key)?.close();
		const it = new Shown(
			optionsOf(note, followed?.fleetName ?? "", platform, isSilent),
		);
		keep(note.key, it);
		// On Windows every click comes through `handleActivation`, this one too.
		if (platform !== "win32") it.on("click", () => go(hashOfNote(note)));
		it.on("close", ({ reason }) => {
			// What timed out lies in the action center, and can be changed and clicked there.
			if (reason !== "timedOut" && kept.get(note.key) === it) forget(note.key);
		});
		it.on("failed", (_event, error) => notShown(error));
		it.show();
	};
	const withdraw = (key: string): void => {
		kept.get(key)?.close();
		forget(key);
		// Also one that a former run showed.
		if (platform === "darwin") Shown.remove(systemIdOf(key));
	};

	return {
		port: {
			present(effect) {
				try {
					if (effect.kind === "withdraw") withdraw(effect.key);
					else if (effect.manner === "aloud") show(effect.note, false);
					// What a person put away does not come back because it changed.
					else if (effect.manner === "update" && kept.has(effect.note.key))
						show(effect.note, true);
				} catch (error) {
					notShown(String(error));
				}
			},
			test: () => tryOut(parts, advice),
			whenNotShown(listener) {
				tell = listener;
			},
		},
		follow(console) {
			followed = console;
			const placeOf = (id: string | null): string =>
				console.placeOfNote((key) => systemIdOf(key) === id) ?? INBOX;
			if (platform === "win32")
				Shown.handleActivation(({ arguments: text }) =>
					go(placeOf(new URLSearchParams(text).get("tag"))),
				);
			if (platform !== "darwin") return;
			Shown.getHistory()
				.then((former) => {
					for (const it of former) {
						keep(`former/${it.id}`, it);
						it.on("click", () => go(placeOf(it.id)));
					}
				})
				.catch((error: unknown) =>
					log("info", "former notifications could not be read", { error }),
				);
		},
	};
}

/** Shows one and waits for what the system says to it. */
function tryOut(
	{ Notification: Shown, platform, clock }: NotifierParts,
	advice: string,
): Promise<TestedNote> {
	const { promise, resolve } = Promise.withResolvers<TestedNote>();
	const outcome = (kind: TestedNote["outcome"], sentence: string): void =>
		resolve({ outcome: kind, sentence });
	if (!Shown.isSupported()) {
		outcome(
			"unavailable",
			`This system has no notification service. ${advice}`,
		);
		return promise;
	}
	const it = new Shown({
		...(platform === "linux" ? {} : { id: systemIdOf("test") }),
		title: "Foredeck can reach you here",
		body: "First failures and summaries of jobs come like this one.",
	});
	const cancel = clock.at(clock.monotonicMs() + TEST_PATIENCE_MS, () =>
		outcome("unavailable", `The system did not answer. ${advice}`),
	);
	it.on("show", () =>
		outcome(
			"shown",
			"The system took it. If you did not see it, a do-not-disturb or focus mode keeps it back.",
		),
	);
	it.on("failed", (_event, error) =>
		outcome(
			"refused",
			`The system said: ${visible(error).slice(0, SAID_MOST)}. ${advice}`,
		),
	);
	it.show();
	// The closure keeps the object until it has answered.
	return promise.finally(() => {
		cancel();
		it.removeAllListeners();
	});
}

function optionsOf(
	note: Note,
	profile: string,
	platform: NodeJS.Platform,
	silent: boolean,
): NotificationConstructorOptions {
	const body = note.body.split("\n").map(visible).join("\n");
	const common = {
		title:
			platform === "linux"
				? unmarked(visible(note.title))
				: visible(note.title),
		silent,
		urgency: note.isFailure ? ("critical" as const) : ("normal" as const),
	};
	if (platform === "linux") return { ...common, body: unmarked(body) };
	const grouped = {
		...common,
		id: systemIdOf(note.key),
		...(profile === "" ? {} : { groupId: systemIdOf(profile) }),
	};
	if (platform === "darwin")
		return { ...grouped, body: cutToBytes(body, MAC_BODY_BYTES) };
	return {
		...grouped,
		body,
		...(profile === "" ? {} : { groupTitle: visible(profile) }),
		// Urgency alone only sorts it higher.
		timeoutType: note.isFailure ? "never" : "default",
	};
}

/**
 * Electron hands a text to Linux' services as it is, and many of them read markup in it. Whether this one does is not said,
 * so the three characters that begin markup are replaced by ones that look alike.
 */
const LOOKALIKES: Readonly<Record<string, string>> = {
	"<": "‹",
	">": "›",
	"&": "＆",
};
const unmarked = (text: string): string =>
	text.replace(/[<>&]/g, (character) => LOOKALIKES[character] ?? character);

/** The text in at most so many bytes of UTF-8; what was cut off between two characters is shown by an ellipsis. */
export function cutToBytes(text: string, most: number): string {
	if (Buffer.byteLength(text) <= most) return text;
	const ellipsis = "…";
	let left = most - Buffer.byteLength(ellipsis);
	let kept = "";
	// What a person takes for one character is not cut apart either.
	for (const { segment } of new Intl.Segmenter().segment(text)) {
		left -= Buffer.byteLength(segment);
		if (left < 0) break;
		kept += segment;
	}
	return kept + ellipsis;
}
