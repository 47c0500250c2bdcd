// One connection to the session's D-Bus daemon: says who we are, calls, and hears signals. A connection of our own, and not a
// program for each call, because some desktops take a notification away when its sender has left, and only who stays hears
// its click.
import type { Socket } from "node:net";
import { connect } from "node:net";
import type { Clock } from "../../shared/clock.ts";
import type { DbusMessage, DbusValue } from "./dbusWire.ts";
import { decodeMessage, encodeMessage, MESSAGE } from "./dbusWire.ts";

export interface DbusCall {
	readonly destination: string;
	readonly path: string;
	readonly interface: string;
	readonly member: string;
	readonly signature?: string;
	readonly body?: readonly DbusValue[];
}

/** An answer, with who gave it; or why there is none: a D-Bus error's name, or `timeout`, `closed`. */
export type DbusAnswer =
	| {
			readonly ok: true;
			readonly body: readonly DbusValue[];
			readonly sender: string;
	  }
	| { readonly ok: false; readonly name: string; readonly text: string };

export interface Bus {
	readonly isOpen: boolean;
	/** Never rejects; an answer comes within five seconds. */
	call(call: DbusCall): Promise<DbusAnswer>;
	close(): void;
}

const PATIENCE_MS = 5_000;
const CLOSED: DbusAnswer = {
	ok: false,
	name: "closed",
	text: "the connection to the session bus was closed",
};
const SILENT: DbusAnswer = {
	ok: false,
	name: "timeout",
	text: "there was no answer",
};
const DAEMON = {
	destination: "org.freedesktop.DBus",
	path: "/org/freedesktop/DBus",
	interface: "org.freedesktop.DBus",
};

/** The sockets of a bus address, in its order; what is no socket on this computer is left out. */
export function socketsOf(address: string): string[] {
	return address.split(";").flatMap((entry) => {
		if (!entry.startsWith("unix:")) return [];
		const given = new Map(
			entry
				.slice("unix:".length)
				.split(",")
				.map((pair): [string, string] => {
					const [key = "", ...value] = pair.split("=");
					return [key, unescaped(value.join("="))];
				}),
		);
		const path = given.get("path");
		const abstract = given.get("abstract");
		return path ? [path] : abstract ? [`\0${abstract}`] : [];
	});
}

function unescaped(value: string): string {
	try {
		return decodeURIComponent(value);
	} catch {
		return value;
	}
}

/** @returns the bus, or in words why it cannot be reached. `onSignal` is told every signal that comes, whoever sent it. */
export async function openBus(
	address: string,
	clock: Clock,
	onSignal: (signal: DbusMessage) => void,
): Promise<Bus | string> {
	const sockets = socketsOf(address);
	let why = "its address names no socket on this computer";
	for (const path of sockets) {
		const opened = await introduced(path, clock);
		if (typeof opened !== "string") return talk(opened, clock, onSignal);
		why = opened;
	}
	return why;
}

/** A socket on which the daemon has accepted us, or why there is none. */
function introduced(path: string, clock: Clock): Promise<Socket | string> {
	return new Promise((resolve) => {
		const socket = connect(path);
		let said = "";
		const settle = (outcome: Socket | string): void => {
			cancel();
			socket.removeAllListeners();
			// A connection that breaks later is told by its close.
			socket.on("error", () => {});
			if (typeof outcome === "string") socket.destroy();
			resolve(outcome);
		};
		const cancel = clock.at(clock.monotonicMs() + PATIENCE_MS, () =>
			settle("it does not answer"),
		);
		socket.on("error", (error: NodeJS.ErrnoException) =>
			settle(error.code ?? error.message),
		);
		socket.on("close", () => settle("it hung up"));
		socket.on("connect", () => {
			const user = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
			socket.write(`\0AUTH EXTERNAL ${user}\r\n`);
		});
		socket.on("data", (chunk) => {
			said += chunk.toString("latin1");
			if (!said.includes("\r\n") && said.length < 1_000) return;
			if (!said.startsWith("OK ")) return settle("it does not let us in");
			socket.write("BEGIN\r\n");
			settle(socket);
		});
	});
}

async function talk(
	socket: Socket,
	clock: Clock,
	onSignal: (signal: DbusMessage) => void,
): Promise<Bus | string> {
	const waiting = new Map<number, (answer: DbusAnswer) => void>();
	let serial = 0;
	let isOpen = true;
	let received = Buffer.alloc(0);

	const over = (): void => {
		isOpen = false;
		socket.destroy();
		for (const answer of waiting.values()) answer(CLOSED);
		waiting.clear();
	};
	const take = (message: DbusMessage): void => {
		if (message.type === MESSAGE.signal) return onSignal(message);
		const { replySerial = 0, sender = "", body } = message;
		const answer = waiting.get(replySerial);
		waiting.delete(replySerial);
		if (message.type === MESSAGE.reply) answer?.({ ok: true, body, sender });
		if (message.type === MESSAGE.error)
			answer?.({
				ok: false,
				name: message.errorName ?? "",
				text: typeof body[0] === "string" ? body[0] : "",
			});
	};
	socket.on("close", over);
	socket.on("data", (chunk) => {
		received = Buffer.concat([received, chunk]);
		try {
			for (;;) {
				const next = decodeMessage(received);
				if (next === null) return;
				received = received.subarray(next.length);
				take(next.message);
			}
		} catch (error) {
			// What follows something unreadable cannot be told apart from it.
			if (!(error instanceof RangeError)) throw error;
			over();
		}
	});
	const call = (given: DbusCall): Promise<DbusAnswer> => {
		if (!isOpen) return Promise.resolve(CLOSED);
		serial += 1;
		const mine = serial;
		const { promise, resolve } = Promise.withResolvers<DbusAnswer>();
		const cancel = clock.at(clock.monotonicMs() + PATIENCE_MS, () => {
			waiting.delete(mine);
			resolve(SILENT);
		});
		waiting.set(mine, (answer) => {
			cancel();
			resolve(answer);
		});
		socket.write(
			encodeMessage({
				body: [],
				...given,
				type: MESSAGE.call,
				serial: mine,
			}),
		);
		return promise;
	};
	const hello = await call({ ...DAEMON, member: "Hello" });
	if (!hello.ok) {
		over();
		return hello.text;
	}
	// Does not keep the process alive: nothing but people's clicks comes here.
	socket.unref();
	return {
		get isOpen() {
			return isOpen;
		},
		call,
		close: over,
	};
}

/** Asks the daemon for the signals of one interface. */
export const listenTo = (bus: Bus, name: string): Promise<DbusAnswer> =>
	bus.call({
		...DAEMON,
		member: "AddMatch",
		signature: "s",
		body: [`type='signal',sender='${name}',interface='${name}'`],
	});
