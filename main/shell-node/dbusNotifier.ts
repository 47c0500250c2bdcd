// Notifications of a Linux desktop for a console without Electron: talks to the session's notification service
// (specifications.freedesktop.org/notification-spec). Agents' text goes there as text, whatever it holds.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../shared/clock.ts";
import { hashOfNote } from "../../shared/inbox.ts";
import { visible } from "../../shared/visibleText.ts";
import type { Note } from "../core/notify/note.ts";
import type { NotifyPort, NotShown, TestedNote } from "../core/notify/notes.ts";
import type { Log } from "../core/ports.ts";
import type { Bus, DbusAnswer } from "./dbus.ts";
import { listenTo, openBus } from "./dbus.ts";
import type { DbusMessage, DbusValue } from "./dbusWire.ts";

export interface DbusNotifierParts {
	/** Of the session's bus. */
	readonly address: string;
	readonly clock: Clock;
	readonly log: Log;
	/** Shows a place of the window to the person who clicked. */
	open(hash: string): void;
}

export interface DbusNotifier {
	readonly port: Required<
		Pick<NotifyPort, "present" | "test" | "whenNotShown">
	>;
	/** Resolves when everything that was presented has been answered. */
	settled(): Promise<void>;
	/** Hangs up. What is on the screen stays there, or goes with us, as the desktop has it. */
	stop(): void;
}

const NAME = "org.freedesktop.Notifications";
const SERVICE = {
	destination: NAME,
	path: "/org/freedesktop/Notifications",
	interface: NAME,
};
const URGENCY = { normal: 1, critical: 2 } as const;
const DEFAULT_TIME = -1;
const SAID_MOST = 300;
/** Notes whose number is remembered, for changing and withdrawing them. */
const KEPT_MOST = 200;

/** The session's bus as the environment names it; null: there is none. */
export function sessionBus(
	env: Readonly<Record<string, string | undefined>>,
): string | null {
	if (env.DBUS_SESSION_BUS_ADDRESS) return env.DBUS_SESSION_BUS_ADDRESS;
	if (!env.XDG_RUNTIME_DIR) return null;
	const path = join(env.XDG_RUNTIME_DIR, "bus");
	return existsSync(path) ? `unix:path=${encodeURIComponent(path)}` : null;
}

/** Whether `serve` notifies when nobody said: where a person sits before a desktop with a bus. */
export const isOnDesktop = (
	env: Readonly<Record<string, string | undefined>>,
	platform: NodeJS.Platform,
): boolean =>
	platform === "linux" &&
	sessionBus(env) !== null &&
	Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);

/** What a program of the session says, as much of it as a sentence holds. */
const shortened = (said: string): string => visible(said).slice(0, SAID_MOST);

/** What a refusal means to a person. */
function meaning(answer: Extract<DbusAnswer, { ok: false }>): NotShown {
	if (/\.(ServiceUnknown|NameHasNoOwner)$/.test(answer.name))
		return {
			sentence: "No notification service runs in this desktop session.",
			nextStep:
				"Start your desktop's own, or install one, dunst for instance; or start Foredeck with --no-notify.",
		};
	if (answer.name === "timeout")
		return {
			sentence: "The notification service did not answer within 5 seconds.",
			nextStep: "See whether it hangs, and restart it.",
		};
	const said = [answer.name, answer.text].filter(Boolean).join(": ");
	return {
		sentence: `The notification service refused: ${shortened(said)}.`,
		nextStep:
			"See its settings and its log; Foredeck's inbox has every note meanwhile.",
	};
}

const unreachable = (why: string): NotShown => ({
	sentence: `The bus of the desktop session cannot be reached: ${shortened(why)}.`,
	nextStep:
		"Start Foredeck from a terminal of that session, or with --no-notify.",
});

const NO_NUMBER: NotShown = {
	sentence: "The notification service answered without a number.",
	nextStep: "Use another one; Foredeck's inbox has every note meanwhile.",
};

/** As the specification has it: above zero, in 32 bits. Anything else could not be sent back. */
const isNumberOfNote = (id: DbusValue | undefined): id is number =>
	typeof id === "number" && Number.isInteger(id) && id >= 1 && id < 2 ** 32;

/** The service of a bus that is open, with what it can do. */
interface Service {
	readonly bus: Bus;
	/** Its connection's own name: nobody else's signals count. */
	readonly sender: string;
	readonly takesMarkup: boolean;
}

export function openDbusNotifier(parts: DbusNotifierParts): DbusNotifier {
	const { address, clock, log, open } = parts;
	/** By key: the service's number, and where a click leads. */
	const kept = new Map<string, { readonly id: number; readonly to: string }>();
	let service: Service | null = null;
	let tell: (why: NotShown) => void = () => {};
	let isTold = false;
	let last: Promise<unknown> = Promise.resolve();
	let isOver = false;

	const heard = ({ member, sender, body }: DbusMessage): void => {
		const [id, what] = body;
		if (service === null || sender !== service.sender) return;
		const [key, note] = [...kept].find(([, one]) => one.id === id) ?? [];
		if (key === undefined || note === undefined) return;
		if (member === "ActionInvoked" && what === "default") open(note.to);
		if (member === "NotificationClosed") kept.delete(key);
	};
	const reach = async (): Promise<Service | NotShown> => {
		if (service?.bus.isOpen) return service;
		// Numbers of a service that is gone mean nothing to the next one.
		kept.clear();
		service = null;
		const bus = await openBus(
			address,
			clock,
			// A click may come in one piece with the answer that says which number was clicked: the answer is taken first.
			(signal) => unheard(async () => heard(signal)),
		);
		if (typeof bus === "string") return unreachable(bus);
		await listenTo(bus, NAME);
		const able = await bus.call({ ...SERVICE, member: "GetCapabilities" });
		if (!able.ok || isOver) {
			bus.close();
			return able.ok ? unreachable("Foredeck ends") : meaning(able);
		}
		const [words] = able.body;
		const takesMarkup = Array.isArray(words) && words.includes("body-markup");
		service = { bus, sender: able.sender, takesMarkup };
		return service;
	};
	const notShown = (why: NotShown): void => {
		log("warn", "a notification was not shown", { why: why.sentence });
		if (!isTold) tell(why);
		isTold = true;
	};
	const show = async (note: Note, isUpdate: boolean): Promise<void> => {
		// What a person put away does not come back because it changed.
		if (isUpdate && !kept.has(note.key)) return;
		const at = await reach();
		if (!("bus" in at)) return notShown(at);
		const replaced = kept.get(note.key)?.id ?? 0;
		const answer = await at.bus.call(
			callOf(note, replaced, at.takesMarkup, isUpdate),
		);
		if (!answer.ok) return notShown(meaning(answer));
		const [id] = answer.body;
		// Another service took over: the numbers of the former one mean nothing to it.
		if (answer.sender !== at.sender) {
			kept.clear();
			service = { ...at, sender: answer.sender };
		}
		kept.delete(note.key);
		if (!isNumberOfNote(id)) return notShown(NO_NUMBER);
		kept.set(note.key, { id, to: hashOfNote(note) });
		const [oldest] = kept.keys();
		if (kept.size > KEPT_MOST && oldest !== undefined) kept.delete(oldest);
	};
	const withdraw = async (key: string): Promise<void> => {
		const id = kept.get(key)?.id;
		kept.delete(key);
		if (id === undefined || !service?.bus.isOpen) return;
		await service.bus.call({
			...SERVICE,
			// One that took over since would close what another program showed under this number.
			destination: service.sender,
			member: "CloseNotification",
			signature: "u",
			body: [id],
		});
	};
	const test = async (): Promise<TestedNote> => {
		const at = await reach();
		if (!("bus" in at))
			return { outcome: "unavailable", sentence: inWords(at) };
		const shown = await at.bus.call(
			callOf(TEST_NOTE, 0, at.takesMarkup, false),
		);
		if (!shown.ok)
			return { outcome: "refused", sentence: inWords(meaning(shown)) };
		const asked = await at.bus.call({
			...SERVICE,
			member: "GetServerInformation",
		});
		const [name = "The service", , version = ""] = asked.ok ? asked.body : [];
		return {
			outcome: "shown",
			sentence: `${visible(`${name} ${version}`.trim()).slice(0, 200)} took it. If you did not see it, do-not-disturb keeps it back.`,
		};
	};
	/** One after the other: a change must know the number of what it changes. */
	const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
		const mine = last.then(run);
		last = mine.catch(() => {});
		return mine;
	};
	/** Nobody waits for it, and a notification that breaks ends no console. */
	const unheard = (run: () => Promise<void>): void =>
		void inTurn(run).catch((error: unknown) =>
			log("warn", "a notification was given up", { error }),
		);

	return {
		port: {
			present(effect) {
				if (effect.kind === "withdraw") unheard(() => withdraw(effect.key));
				else if (effect.manner !== "inbox")
					unheard(() => show(effect.note, effect.manner === "update"));
			},
			test: () => inTurn(test),
			whenNotShown(listener) {
				tell = listener;
			},
		},
		async settled() {
			await last;
		},
		stop() {
			isOver = true;
			service?.bus.close();
		},
	};
}

const inWords = ({ sentence, nextStep }: NotShown): string =>
	`${sentence} ${nextStep}`;

const TEST_NOTE: Note = {
	key: "test",
	kind: "ended",
	title: "Foredeck can reach you here",
	body: "First failures and summaries of jobs come like this one.",
	isFailure: false,
	target: { jobId: null, hostId: null },
	at: 0,
};

function callOf(
	note: Note,
	replaced: number,
	takesMarkup: boolean,
	isSilent: boolean,
) {
	const body = note.body.split("\n").map(visible).join("\n");
	const urgency = note.isFailure ? URGENCY.critical : URGENCY.normal;
	const hints: DbusValue[] = [
		["urgency", ["y", urgency]],
		["desktop-entry", ["s", "foredeck"]],
		...(isSilent ? [["suppress-sound", ["b", true]]] : []),
	];
	return {
		...SERVICE,
		member: "Notify",
		signature: "susssasa{sv}i",
		body: [
			"Foredeck",
			replaced,
			"",
			visible(note.title),
			takesMarkup ? escaped(body) : body,
			["default", "Open"],
			hints,
			DEFAULT_TIME,
		],
	};
}

/** As the specification's markup has it: a service that reads markup reads these three as characters. */
const escaped = (text: string): string =>
	text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
