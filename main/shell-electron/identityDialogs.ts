// The system's file dialog for an import, run in the main process: the window learns neither the path nor what is in the file.
import type { Dialog } from "electron";
import type { IdentityDialogs } from "../core/identity/desk.ts";

/** A passphrase cannot be typed outside of the window here, so that the person is sent to the command line. */
export const identityDialogs = (
	dialog: Pick<Dialog, "showOpenDialog">,
): IdentityDialogs => ({
	async chooseFile(title) {
		const { canceled, filePaths } = await dialog.showOpenDialog({
			title,
			// macOS shows no title.
			message: title,
			properties: ["openFile", "dontAddToRecent"],
			filters: [
				{
					name: "Certificates and keys",
					extensions: ["p12", "pfx", "pem", "crt", "cer", "der", "key"],
				},
				{ name: "All files", extensions: ["*"] },
			],
		});
		return canceled ? null : (filePaths[0] ?? null);
	},
	askSecret: async () => null,
});
