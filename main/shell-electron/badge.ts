// The number on the app's icon, as each system has it: failures that nobody has read, and a mark when the client
// certificate has expired. Takes Electron's objects as arguments.
import type { App, BrowserWindow, NativeImage } from "electron";
import { badgeText } from "../../shared/inbox.ts";

export interface BadgeParts {
	readonly app: Pick<App, "setBadgeCount" | "dock">;
	readonly platform: NodeJS.Platform;
	/** A picture from its pixels: blue, green, red, alpha. */
	picture(pixels: Buffer, side: number): NativeImage;
}

export type BadgeWindow = Pick<
	BrowserWindow,
	"isDestroyed" | "on" | "setOverlayIcon"
>;

export interface AppBadge {
	show(unread: number, isExpired: boolean): void;
	/** Windows has its badge on the window's button. */
	windowOpened(window: BadgeWindow): void;
}

/** Pixels of a side: the 16 of the taskbar, for a screen of twice the density. */
const SIDE = 32;
const RED = [0x45, 0x45, 0xd6, 0xff] as const;
const WHITE = [0xff, 0xff, 0xff, 0xff] as const;

export function openBadge({ app, platform, picture }: BadgeParts): AppBadge {
	let now = { unread: 0, isExpired: false };
	let window: BadgeWindow | null = null;
	const paint = (): void => {
		const { unread, isExpired } = now;
		if (window?.isDestroyed()) window = null;
		if (platform === "darwin")
			app.dock?.setBadge(isExpired ? "!" : badgeText(unread));
		else if (platform !== "win32")
			// A number is all that Linux' launchers show.
			app.setBadgeCount(isExpired ? Math.max(1, unread) : unread);
		else if (unread === 0 && !isExpired) window?.setOverlayIcon(null, "");
		else
			window?.setOverlayIcon(
				picture(overlay(isExpired), SIDE),
				inWords(unread, isExpired),
			);
	};
	return {
		show(unread, isExpired) {
			now = { unread, isExpired };
			paint();
		},
		windowOpened(opened) {
			window = opened;
			if (platform !== "win32") return;
			paint();
			// A window that is hidden has no button, and its next one begins without a picture.
			opened.on("show", paint);
			opened.on("restore", paint);
		},
	};
}

/** For who hears the screen: the picture alone says nothing to them. */
export function inWords(unread: number, isExpired: boolean): string {
	const parts = [
		...(isExpired ? ["the client certificate has expired"] : []),
		...(unread === 0
			? []
			: [`${badgeText(unread)} unread failure${unread === 1 ? "" : "s"}`]),
	];
	return parts.join(", ");
}

/** A red disc with a white dot; with a white exclamation mark when something has expired, so that not colour alone differs. */
function overlay(isExpired: boolean): Buffer {
	const pixels = Buffer.alloc(SIDE * SIDE * 4);
	const middle = (SIDE - 1) / 2;
	for (let y = 0; y < SIDE; y++)
		for (let x = 0; x < SIDE; x++) {
			const away = Math.hypot(x - middle, y - middle);
			if (away > SIDE / 2) continue;
			const isBar = Math.abs(x - middle) < 2.5 && y >= 7 && y < 19;
			const isPoint = Math.abs(x - middle) < 2.5 && y >= 21 && y < 26;
			const isSign = isExpired ? isBar || isPoint : away < 5;
			pixels.set(isSign ? WHITE : RED, (y * SIDE + x) * 4);
		}
	return pixels;
}
