// Which desktop shell `demo` finds, on a checkout made for the test.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findDesktop } from "./desktop.ts";

let root: string;
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), "foredeck-desktop-"));
});
afterAll(() => rm(root, { recursive: true }));

const put = async (folder: string, name: string, text = ""): Promise<void> => {
	await mkdir(join(root, folder), { recursive: true });
	await writeFile(join(root, folder, name), text);
};

test("electron.missing: a checkout without the program, or without the built app", async () => {
	const missing = { ok: false, fault: { code: "electron.missing" } };
	expect(findDesktop({ DISPLAY: ":0" }, root)).toMatchObject(missing);
	await put("node_modules/electron", "path.txt", "electron\n");
	await put("node_modules/electron/dist", "electron");
	expect(findDesktop({ DISPLAY: ":0" }, root)).toMatchObject(missing);
});

test.runIf(process.platform === "linux")(
	"display.missing: a computer without a display, X or Wayland",
	async () => {
		await put("dist/electron", "main.mjs");
		expect(findDesktop({}, root)).toMatchObject({
			ok: false,
			fault: { code: "display.missing" },
		});
		for (const env of [{ DISPLAY: ":0" }, { WAYLAND_DISPLAY: "wayland-0" }])
			expect(findDesktop(env, root)).toEqual({
				ok: true,
				value: {
					command: join(root, "node_modules/electron/dist/electron"),
					args: [root],
				},
			});
	},
);
