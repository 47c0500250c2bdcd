import { EventEmitter } from "node:events";
import type { Session, WebContents } from "electron";
import { describe, expect, test } from "vitest";
import { denyByDefault, denySession, windowOptions } from "./window.ts";

test("the window's options are the hardened ones", () => {
	expect(windowOptions("/app/preload.cjs", false)).toMatchInlineSnapshot(`
		{
		  "autoHideMenuBar": true,
		  "backgroundColor": "#14171c",
		  "height": 900,
		  "minHeight": 600,
		  "minWidth": 900,
		  "show": false,
		  "title": "Foredeck",
		  "webPreferences": {
		    "allowRunningInsecureContent": false,
		    "contextIsolation": true,
		    "devTools": false,
		    "experimentalFeatures": false,
		    "navigateOnDragDrop": false,
		    "nodeIntegration": false,
		    "nodeIntegrationInSubFrames": false,
		    "nodeIntegrationInWorker": false,
		    "preload": "/app/preload.cjs",
		    "safeDialogs": true,
		    "sandbox": true,
		    "spellcheck": false,
		    "webSecurity": true,
		    "webviewTag": false,
		  },
		  "width": 1440,
		}
	`);
});

test("developer tools exist outside of a packed app only", () => {
	expect(windowOptions("p", true).webPreferences?.devTools).toBe(true);
	expect(windowOptions("p", false).webPreferences?.devTools).toBe(false);
});

/** An event that remembers whether it was prevented. */
const happening = (url = "") => ({
	url,
	prevented: false,
	preventDefault() {
		this.prevented = true;
	},
});

function contentsDouble() {
	let opener: (() => unknown) | null = null;
	const contents = Object.assign(new EventEmitter(), {
		setWindowOpenHandler(handler: () => unknown) {
			opener = handler;
		},
	});
	return {
		contents,
		typed: contents as unknown as WebContents,
		open: () => opener?.(),
	};
}

describe("the page is denied", () => {
	test("every new window", () => {
		const { typed, open } = contentsDouble();
		const denied: string[] = [];
		denyByDefault(typed, (what) => denied.push(what));
		expect(open()).toEqual({ action: "deny" });
		expect(denied).toEqual(["window"]);
	});

	const ways = ["will-navigate", "will-frame-navigate", "will-redirect"];
	test.each(ways)("%s to a foreign page, and may stay at home", (way) => {
		const { contents, typed } = contentsDouble();
		const denied: string[] = [];
		denyByDefault(typed, (what) => denied.push(what));
		for (const url of [
			"https://evil.test/",
			"file:///etc/passwd",
			"app://console.evil/",
			"about:blank",
			"",
		]) {
			const event = happening(url);
			contents.emit(way, event);
			expect(event.prevented).toBe(true);
		}
		const home = happening("app://console/index.html#/jobs");
		contents.emit(way, home);
		expect(home.prevented).toBe(false);
		expect(denied).toHaveLength(5);
	});

	test("every web view", () => {
		const { contents, typed } = contentsDouble();
		denyByDefault(typed, () => {});
		const event = happening();
		contents.emit("will-attach-webview", event);
		expect(event.prevented).toBe(true);
	});
});

/** A session that keeps what it was given. */
function sessionDouble() {
	const given: Record<string, (...parts: never[]) => unknown> = {};
	const keep = (name: string) => (handler: (...parts: never[]) => unknown) => {
		given[name] = handler;
	};
	const session = Object.assign(new EventEmitter(), {
		setPermissionRequestHandler: keep("request"),
		setPermissionCheckHandler: keep("check"),
		setDevicePermissionHandler: keep("device"),
		setBluetoothPairingHandler: keep("pairing"),
		setDisplayMediaRequestHandler: keep("display"),
		webRequest: { onBeforeRequest: keep("before") },
	});
	const ask = (name: string, ...parts: unknown[]): unknown =>
		(given[name] as ((...parts: unknown[]) => unknown) | undefined)?.(...parts);
	return { session, typed: session as unknown as Session, ask };
}

describe("the page's session is denied", () => {
	/** Everything that was answered to callbacks. */
	const answers = (
		act: (answer: (value: unknown) => void) => void,
	): unknown[] => {
		const said: unknown[] = [];
		act((value) => said.push(value));
		return said;
	};

	test("every permission, asked or only checked", () => {
		const { typed, ask } = sessionDouble();
		denySession(typed, () => {});
		for (const permission of [
			"media",
			"geolocation",
			"notifications",
			"clipboard-read",
			"openExternal",
			"unknown",
		]) {
			expect(
				answers((answer) => ask("request", null, permission, answer)),
			).toEqual([false]);
			expect(ask("check", null, permission)).toBe(false);
		}
	});

	test("every device, pairing, screen capture and download", () => {
		const { session, typed, ask } = sessionDouble();
		denySession(typed, () => {});
		expect(ask("device", {})).toBe(false);
		expect(answers((answer) => ask("pairing", {}, answer))).toEqual([
			{ confirmed: false },
		]);
		expect(answers((answer) => ask("display", {}, answer))).toEqual([null]);
		const download = happening();
		session.emit("will-download", download);
		expect(download.prevented).toBe(true);
	});

	test.each([
		["app://console/index.html", false],
		["app://console/assets/a.js", false],
		["data:image/png;base64,AA==", false],
		["blob:app://console/5f0c", false],
		["devtools://devtools/bundled/inspector.html", false],
		["https://evil.test/collect?secret", true],
		["http://127.0.0.1:8080/", true],
		["ws://127.0.0.1:8080/", true],
		["file:///etc/passwd", true],
		["app://console.evil/", true],
		["blob:https://evil.test/5f0c", true],
	])("requests beyond the page: %s", (url, cancel) => {
		const { typed, ask } = sessionDouble();
		denySession(typed, () => {});
		expect(answers((answer) => ask("before", { url }, answer))).toEqual([
			{ cancel },
		]);
	});
});
