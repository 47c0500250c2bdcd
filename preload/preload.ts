// Runs in the window's process before the page, sandboxed and isolated. Exposes one object, a pipe of texts, and nothing
// of Electron: no ipcRenderer, no event objects, no way to name a channel. Knows nothing of what the texts say.
import { contextBridge, ipcRenderer } from "electron";
import { CHANNEL, PIPE_CLOSED, PIPE_OPENED } from "../shared/channel.ts";

let onMessage: (message: string) => void = () => {};
let onClose: () => void = () => {};

ipcRenderer.on(CHANNEL, (_event, message: unknown) => {
	if (message === PIPE_CLOSED) onClose();
	else if (typeof message === "string") onMessage(message);
});

contextBridge.exposeInMainWorld("foredeck", {
	send(message: unknown): void {
		// Only a text may cross; a page that was taken over cannot smuggle ports or buffers through here.
		if (typeof message === "string") ipcRenderer.send(CHANNEL, message);
	},
	/** Replaces the former listener and opens a new pipe, so that nothing is sent before somebody listens. */
	onMessage(listener: (message: string) => void): void {
		onMessage = listener;
		ipcRenderer.send(CHANNEL, PIPE_OPENED);
	},
	onClose(listener: () => void): void {
		onClose = listener;
	},
});
