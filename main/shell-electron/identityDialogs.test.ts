import { expect, test } from "vitest";
import { identityDialogs } from "./identityDialogs.ts";

const answering = (canceled: boolean, filePaths: string[]) => {
	const asked: { title?: string; properties?: readonly string[] }[] = [];
	const dialogs = identityDialogs(
		{
			showOpenDialog: (async (options: (typeof asked)[number]) => {
				asked.push(options);
				return { canceled, filePaths };
			}) as never,
		},
		async () => "sesame",
	);
	return { asked, dialogs };
};

test("one file is chosen in the system's dialog, which is not kept among recent files", async () => {
	const { asked, dialogs } = answering(false, ["/somewhere/me.p12"]);
	expect(await dialogs.chooseFile("Choose")).toBe("/somewhere/me.p12");
	expect(asked).toMatchObject([
		{ title: "Choose", properties: ["openFile", "dontAddToRecent"] },
	]);
});

test("a dialog that is closed chose nothing", async () => {
	const { dialogs } = answering(true, ["/somewhere/me.p12"]);
	expect(await dialogs.chooseFile("Choose")).toBeNull();
	expect(await answering(false, []).dialogs.chooseFile("Choose")).toBeNull();
});

test("an inventory may have any name; certificates come first where an identity is chosen", async () => {
	const { asked, dialogs } = answering(true, []);
	await dialogs.chooseFile("Inventory", "inventory");
	await dialogs.chooseFile("Identity");
	expect(asked).toMatchObject([
		{ filters: [{ extensions: ["*"] }, { name: "Inventories" }] },
		{ filters: [{ name: "Certificates and keys" }, { extensions: ["*"] }] },
	]);
});
