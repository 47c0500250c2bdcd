import { expect, test } from "vitest";
import { saveDialog } from "./saveDialog.ts";

const answering = (canceled: boolean, filePath: string) => {
	const asked: unknown[] = [];
	const choose = saveDialog({
		showSaveDialog: (async (options: unknown) => {
			asked.push(options);
			return { canceled, filePath };
		}) as never,
	});
	return { asked, choose };
};

test("the system asks where to save, with the name as a proposal, and asks before it replaces a file", async () => {
	const { asked, choose } = answering(false, "/somewhere/mine.csv");
	expect(await choose("foredeck-hosts.csv", "csv")).toBe("/somewhere/mine.csv");
	expect(asked).toMatchObject([
		{
			defaultPath: "foredeck-hosts.csv",
			filters: [{ extensions: ["csv"] }, { extensions: ["*"] }],
			properties: [
				"createDirectory",
				"showOverwriteConfirmation",
				"dontAddToRecent",
			],
		},
	]);
});

test("a dialog that is closed chose nothing", async () => {
	expect(await answering(true, "/x").choose("a.json", "json")).toBeNull();
	expect(await answering(false, "").choose("a.json", "json")).toBeNull();
});
