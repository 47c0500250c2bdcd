// The badge as each system has it.
import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { openBadge } from "./badge.ts";

function openStage(platform: NodeJS.Platform) {
	const deeds: unknown[] = [];
	const badge = openBadge({
		platform,
		app: {
			setBadgeCount: (count) => deeds.push(count) > 0,
			dock: { setBadge: (text: string) => deeds.push(text) } as never,
		},
		picture: (pixels, side) => ({ pixels, side }) as never,
	});
	return { deeds, badge };
}

test("macOS: up to 99+, and an exclamation mark when the certificate has expired", () => {
	const { deeds, badge } = openStage("darwin");
	badge.show(0, false);
	badge.show(7, false);
	badge.show(100, false);
	badge.show(100, true);
	expect(deeds).toEqual(["", "7", "99+", "!"]);
});

test("Linux: a number, which is one at least when the certificate has expired", () => {
	const { deeds, badge } = openStage("linux");
	badge.show(3, false);
	badge.show(0, true);
	badge.show(0, false);
	expect(deeds).toEqual([3, 1, 0]);
});

test("Windows: a picture on the window's button that says in words what it means", () => {
	const { deeds, badge } = openStage("win32");
	badge.show(1, false);
	expect(deeds).toEqual([]);
	const pictures: { pixels: Buffer; side: number }[] = [];
	let isGone = false;
	const window = Object.assign(new EventEmitter(), {
		isDestroyed: () => isGone,
		setOverlayIcon(picture: unknown, words: string) {
			if (picture !== null) pictures.push(picture as never);
			deeds.push(words);
		},
	});
	badge.windowOpened(window as never);
	badge.show(120, true);
	badge.show(0, false);
	expect(deeds).toEqual([
		"1 unread failure",
		"the client certificate has expired, 99+ unread failures",
		"",
	]);
	// The button is another one after the window was hidden.
	badge.show(2, false);
	deeds.length = 0;
	window.emit("show");
	window.emit("restore");
	expect(deeds).toEqual(["2 unread failures", "2 unread failures"]);
	isGone = true;
	badge.show(3, false);
	expect(deeds).toHaveLength(2);
	const [count, expired] = pictures;
	expect(count?.pixels).toHaveLength(32 * 32 * 4);
	// Its corner is clear, and the two differ by more than a colour.
	expect(count?.pixels[3]).toBe(0);
	expect(expired?.pixels.equals(count?.pixels ?? Buffer.alloc(0))).toBe(false);
});
