import type { MenuItemConstructorOptions } from "electron";
import { describe, expect, test } from "vitest";
import { aboutBox, menuTemplate } from "./menu.ts";

const menu = (platform: NodeJS.Platform, isPackaged: boolean) =>
	menuTemplate({ platform, isPackaged, about: () => {} });

const itemsOf = (
	items: readonly MenuItemConstructorOptions[],
): MenuItemConstructorOptions[] =>
	items.flatMap((item) => [
		item,
		...itemsOf(Array.isArray(item.submenu) ? item.submenu : []),
	]);
const rolesOf = (platform: NodeJS.Platform, isPackaged = true) =>
	itemsOf(menu(platform, isPackaged)).flatMap(({ role }) => role ?? []);

describe.each(["win32", "linux", "darwin"] as const)("on %s", (platform) => {
	test("the menu has what a person expects of the keys", () => {
		expect(rolesOf(platform)).toEqual(
			expect.arrayContaining([
				"copy",
				"paste",
				"selectAll",
				"reload",
				"resetZoom",
				"zoomIn",
				"zoomOut",
				"togglefullscreen",
				"quit",
			]),
		);
	});

	test("developer tools are in the menu outside of a packed app only", () => {
		expect(rolesOf(platform, true)).not.toContain("toggleDevTools");
		expect(rolesOf(platform, false)).toContain("toggleDevTools");
	});

	test("the about box is called by its item", () => {
		let called = 0;
		const template = menuTemplate({
			platform,
			isPackaged: true,
			about: () => {
				called += 1;
			},
		});
		const item = itemsOf(template).find(
			({ label }) => label === "About Foredeck",
		);
		(item as { click(): void }).click();
		expect(called).toBe(1);
	});
});

test("macOS has the menus of its own", () => {
	expect(rolesOf("darwin")).toEqual(
		expect.arrayContaining(["hide", "hideOthers", "services", "windowMenu"]),
	);
	expect(rolesOf("linux")).not.toContain("services");
});

test("the about box says versions, licence and where things are kept", () => {
	const box = aboutBox({
		version: "1.2.3",
		electron: "45.4.1",
		chrome: "150",
		node: "24.1.0",
		data: "/home/ann/.local/share/foredeck",
	});
	expect(`${box.message}\n${box.detail}`).toBe(
		[
			"Foredeck 1.2.3",
			"Electron 45.4.1, Chromium 150, Node 24.1.0",
			"Licence: Apache-2.0",
			"Data: /home/ann/.local/share/foredeck",
		].join("\n"),
	);
});
