// Turns Electron's one channel into pipes for the core: each document of the window that begins to listen gets a pipe of
// its own, and a document that leaves takes its pipe along. Gathers the sender's facts for every message and asks the
// policy of core; decides nothing itself and reads no message.
import type { WebContents } from "electron";
import type { Pipe } from "../../shared/bridge.ts";
import { CHANNEL, PIPE_CLOSED, PIPE_OPENED } from "../../shared/channel.ts";
import type { Fault } from "../../shared/fault.ts";
import { fault } from "../../shared/fault.ts";
import type { FrameFacts } from "../core/senderPolicy.ts";
import { maySpeak } from "../core/senderPolicy.ts";

/** As much of Electron's WebFrameMain as is needed. Its members throw once the frame is disposed. */
export interface Frame {
	readonly url: string;
	readonly parent: unknown;
}

/** As much of an IPC event as is needed. */
export interface ChannelEvent {
	readonly sender: { readonly id: number };
	readonly senderFrame: Frame | null;
}

/** As much of Electron's `ipcMain` as is needed. */
export interface Channel {
	on(
		name: string,
		listener: (event: ChannelEvent, ...parts: unknown[]) => void,
	): unknown;
}

/** As much of the window's WebContents as is needed. */
export interface Contents {
	readonly id: number;
	send(name: string, message: string): void;
	isDestroyed(): boolean;
	/** Calls when the document in the window is replaced, its process dies, or the window closes. */
	onGone(listener: () => void): void;
}

export interface RendererPipeParts {
	readonly channel: Channel;
	readonly contents: Contents;
	/** Serves the contract on a pipe. */
	attach(pipe: Pipe): void;
	/** Told for every message that was refused. */
	onRefused(why: Fault): void;
}

/** What is known of a message's sender. Whatever cannot be asked is told as gone, which the policy refuses. */
export function senderFacts(
	event: ChannelEvent,
	contents: { readonly id: number },
): FrameFacts {
	const isOurWindow = event.sender.id === contents.id;
	try {
		const { senderFrame: frame } = event;
		return {
			isOurWindow,
			frame:
				frame === null
					? null
					: { url: frame.url, isTop: frame.parent === null },
		};
	} catch {
		// The frame was disposed between sending and now.
		return { isOurWindow, frame: null };
	}
}

/** Listens on the channel for as long as the app lives. At most one pipe is open at a time. */
export function serveRenderer({
	channel,
	contents,
	attach,
	onRefused,
}: RendererPipeParts): void {
	let current: OpenPipe | null = null;
	const over = (): void => {
		const ended = current;
		current = null;
		ended?.end();
	};
	channel.on(CHANNEL, (event, ...parts) => {
		const allowed = maySpeak(senderFacts(event, contents));
		if (!allowed.ok) return onRefused(allowed.fault);
		const [message] = parts;
		if (parts.length !== 1 || typeof message !== "string")
			return onRefused(
				fault("contract.mismatch", { sentence: "a message is not one text" }),
			);
		if (message !== PIPE_OPENED) return current?.receive(message);
		over();
		current = openPipe(contents, over);
		attach(current.pipe);
	});
	contents.onGone(over);
}

/** One pipe with the ends that this file holds. */
interface OpenPipe {
	readonly pipe: Pipe;
	receive(message: string): void;
	/** The pipe is over; tells both sides. Calling it twice does nothing. */
	end(): void;
}

function openPipe(contents: Contents, closedByCore: () => void): OpenPipe {
	let open = true;
	let onMessage: (message: string) => void = () => {};
	let onClose: () => void = () => {};
	const send = (message: string): void => {
		if (!contents.isDestroyed()) contents.send(CHANNEL, message);
	};
	return {
		receive: (message) => onMessage(message),
		end() {
			if (!open) return;
			open = false;
			send(PIPE_CLOSED);
			onClose();
		},
		pipe: {
			send: (message) => {
				if (open) send(message);
			},
			onMessage: (listener) => {
				onMessage = listener;
			},
			onClose: (listener) => {
				onClose = listener;
			},
			close: () => {
				if (open) closedByCore();
			},
		},
	};
}

/** The window's WebContents as `serveRenderer` needs them. */
export function windowContents(contents: WebContents): Contents {
	return {
		id: contents.id,
		send: (name, message) => contents.send(name, message),
		isDestroyed: () => contents.isDestroyed(),
		onGone(listener) {
			contents.on("did-navigate", () => listener());
			contents.on("render-process-gone", () => listener());
			contents.once("destroyed", () => listener());
		},
	};
}
