// The application menu as a value: what a person expects of the system's keys, and nothing that could weaken the window.
// Developer tools appear only outside of a packed app.
import type { MenuItemConstructorOptions } from "electron";

export interface MenuFacts {
	readonly platform: NodeJS.Platform;
	readonly isPackaged: boolean;
	/** Shows who this is. */
	about(): void;
}

const LINE: MenuItemConstructorOptions = { type: "separator" };

export function menuTemplate({
	platform,
	isPackaged,
	about,
}: MenuFacts): MenuItemConstructorOptions[] {
	const isMac = platform === "darwin";
	const aboutItem: MenuItemConstructorOptions = {
		label: "About Foredeck",
		click: about,
	};
	const view: MenuItemConstructorOptions = {
		label: "&View",
		submenu: [
			{ role: "reload" },
			...(isPackaged ? [] : [{ role: "toggleDevTools" } as const]),
			LINE,
			{ role: "resetZoom" },
			{ role: "zoomIn" },
			{ role: "zoomOut" },
			LINE,
			{ role: "togglefullscreen" },
		],
	};
	const edit: MenuItemConstructorOptions = {
		label: "&Edit",
		submenu: [
			...(isMac ? ([{ role: "undo" }, { role: "redo" }, LINE] as const) : []),
			{ role: "cut" },
			{ role: "copy" },
			{ role: "paste" },
			{ role: "selectAll" },
		],
	};
	if (!isMac)
		return [
			{ label: "&File", submenu: [{ role: "quit" }] },
			edit,
			view,
			{ label: "&Help", submenu: [aboutItem] },
		];
	return [
		{
			label: "Foredeck",
			submenu: [
				aboutItem,
				LINE,
				{ role: "services" },
				LINE,
				{ role: "hide" },
				{ role: "hideOthers" },
				{ role: "unhide" },
				LINE,
				{ role: "quit" },
			],
		},
		edit,
		view,
		{ role: "windowMenu" },
	];
}

/** What the about box says besides the name. */
export interface AboutFacts {
	readonly version: string;
	readonly electron: string;
	readonly node: string;
	readonly chrome: string;
	/** Folder in which everything is kept. */
	readonly data: string;
}

/** The about box as a message box: the same on every system, and all of its text can be copied. */
export const aboutBox = (facts: AboutFacts) => ({
	type: "info" as const,
	title: "About Foredeck",
	message: `Foredeck ${facts.version}`,
	detail: [
		`Electron ${facts.electron}, Chromium ${facts.chrome}, Node ${facts.node}`,
		"Licence: Apache-2.0",
		`Data: ${facts.data}`,
	].join("\n"),
	buttons: ["OK"],
});
