// The system's file dialog for an import, run in the main process: the window learns neither the path nor what is in the file.
import type { Dialog } from "electron";
import type { IdentityDialogs } from "../core/identity/desk.ts";
import type { AskSecret } from "../core/identity/openIdentityFiles.ts";

const ALL_FILES = { name: "All files", extensions: ["*"] };
const INVENTORIES = {
	name: "Inventories",
	extensions: ["csv", "tsv", "json", "yml", "yaml", "ini"],
};
const CERTIFICATES = {
	name: "Certificates and keys",
	extensions: ["p12", "pfx", "pem", "crt", "cer", "der", "key"],
};

export const identityDialogs = (
	dialog: Pick<Dialog, "showOpenDialog">,
	askSecret: AskSecret,
): IdentityDialogs => ({
	async chooseFile(title, what = "identity") {
		const { canceled, filePaths } = await dialog.showOpenDialog({
			title,
			// macOS shows no title.
			message: title,
			properties: ["openFile", "dontAddToRecent"],
			// An inventory is often called `hosts` or `config`, without an ending.
			filters:
				what === "inventory"
					? [ALL_FILES, INVENTORIES]
					: [CERTIFICATES, ALL_FILES],
		});
		return canceled ? null : (filePaths[0] ?? null);
	},
	askSecret,
});
