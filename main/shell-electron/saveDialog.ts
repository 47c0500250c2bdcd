// The system's dialog for where to save an export, run in the main process: the window learns no path.
import type { Dialog } from "electron";
import type { ChooseSavePath } from "../core/exporting/exportDesk.ts";

const WORDS: Readonly<Record<Parameters<ChooseSavePath>[1], string>> = {
	csv: "Comma separated values",
	json: "JSON",
	jsonl: "JSON Lines",
	xml: "JUnit XML",
};

export const saveDialog =
	(dialog: Pick<Dialog, "showSaveDialog">): ChooseSavePath =>
	async (name, kind) => {
		const { canceled, filePath } = await dialog.showSaveDialog({
			title: "Save what is on the screen",
			defaultPath: name,
			filters: [
				{ name: WORDS[kind], extensions: [kind] },
				{ name: "All files", extensions: ["*"] },
			],
			properties: [
				"createDirectory",
				"showOverwriteConfirmation",
				"dontAddToRecent",
			],
		});
		return canceled || filePath === "" ? null : filePath;
	};
