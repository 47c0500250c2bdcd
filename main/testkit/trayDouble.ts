// Electron's Tray as a plain object: remembers what it was given, and lets a test choose from its menu.
import { EventEmitter } from "node:events";

/** What is in the tray. */
export interface TrayDouble {
	/** Path of the picture. */
	readonly picture: string;
	readonly tooltip: string;
	/** Labels of the menu, lines left out. */
	readonly labels: readonly string[];
	/** Clicks the item of the menu, or of a menu in it, that begins like this. */
	choose(label: string): void;
	readonly isDestroyed: boolean;
}

interface MenuItemDouble {
	readonly type?: string;
	readonly label?: string;
	readonly enabled?: boolean;
	readonly submenu?: readonly MenuItemDouble[];
	click?(): void;
}
interface PictureDouble {
	readonly path: string;
	isEmpty(): boolean;
}

const flat = (items: readonly MenuItemDouble[]): MenuItemDouble[] =>
	items.flatMap((one) => [one, ...flat(one.submenu ?? [])]);

/** Electron's Tray, whose menu is the template itself. */
export function trayClass(made: (tray: TrayDouble) => void) {
	return class Tray extends EventEmitter {
		picture = "";
		tooltip = "";
		items: readonly MenuItemDouble[] = [];
		isGone = false;
		constructor(image: PictureDouble) {
			super();
			this.setImage(image);
			const self = this;
			made({
				get picture() {
					return self.picture;
				},
				get tooltip() {
					return self.tooltip;
				},
				get labels() {
					return self.items.flatMap(({ label }) => label ?? []);
				},
				get isDestroyed() {
					return self.isGone;
				},
				choose(label) {
					const found = flat(self.items).find((one) =>
						one.label?.startsWith(label),
					);
					if (found?.click === undefined || found.enabled === false)
						throw new Error(`the tray's menu has no ${label} to choose`);
					found.click();
				},
			});
		}
		setImage(image: PictureDouble): void {
			if (image.isEmpty()) throw new Error(`${image.path} is no picture`);
			this.picture = image.path;
		}
		setToolTip(text: string): void {
			this.tooltip = text;
		}
		setContextMenu(items: readonly MenuItemDouble[]): void {
			this.items = items;
		}
		popUpContextMenu(items: readonly MenuItemDouble[]): void {
			this.items = items;
		}
		isDestroyed = () => this.isGone;
		destroy(): void {
			this.isGone = true;
		}
	};
}
