// Runs in the small window that asks for a passphrase, sandboxed and isolated: one function, which takes the answer out.
import { contextBridge, ipcRenderer } from "electron";
import { PASSPHRASE_CHANNEL } from "../shared/channel.ts";

contextBridge.exposeInMainWorld("foredeck", {
	/** Null: the person does not want to. */
	answer(passphrase: unknown): void {
		ipcRenderer.send(
			PASSPHRASE_CHANNEL,
			typeof passphrase === "string" ? passphrase : null,
		);
	},
});
