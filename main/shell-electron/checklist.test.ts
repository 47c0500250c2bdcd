// Electron's security checklist, one test for each of its 20 points, named by its number. Deeper tests of each stand beside
// the file that it is about.

import { spawnSync } from "node:child_process";
import { EventEmitter } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { maySpeak } from "../core/senderPolicy.ts";
import { APP_SCHEME, CONTENT_SECURITY_POLICY } from "./appScheme.ts";
import {
	denyByDefault,
	denySession,
	START_ADDRESS,
	windowOptions,
} from "./window.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const text = (path: string): string => readFileSync(join(ROOT, path), "utf8");
/** The shell as it ships, without its tests. */
const shell = readdirSync(import.meta.dirname)
	.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
	.map((name) => text(`main/shell-electron/${name}`))
	.join("\n");
const web = windowOptions("preload.cjs", false).webPreferences ?? {};

beforeAll(() => {
	const built = spawnSync(process.execPath, ["build.ts", "preload"], {
		cwd: ROOT,
	});
	expect(built.status).toBe(0);
}, 60_000);

/** What the session was given, by the name of its setter. */
function deniedSession() {
	const given = new Map<string, (...parts: unknown[]) => unknown>();
	const session = new Proxy(new EventEmitter(), {
		get: (target, name: string) =>
			name === "webRequest"
				? {
						onBeforeRequest: (handler: never) => given.set("before", handler),
					}
				: name.startsWith("set")
					? (handler: never) => given.set(name, handler)
					: Reflect.get(target, name).bind(target),
	});
	denySession(session as never, () => {});
	return given;
}

/** What becomes of an event of the page: whether it was prevented. */
function isPrevented(name: string, url = ""): boolean {
	const contents = Object.assign(new EventEmitter(), {
		setWindowOpenHandler: () => {},
	});
	denyByDefault(contents as never, () => {});
	let prevented = false;
	contents.emit(name, {
		url,
		preventDefault: () => {
			prevented = true;
		},
	});
	return prevented;
}

test("1: only our own page is loaded, nothing remote", () => {
	expect(START_ADDRESS).toBe("app://console/index.html");
	const answers: unknown[] = [];
	for (const url of ["https://evil.test/a.js", "http://127.0.0.1/", "ws://x/"])
		deniedSession().get("before")?.({ url }, (said: unknown) =>
			answers.push(said),
		);
	expect(answers).toEqual(Array(3).fill({ cancel: true }));
});

test("2: no Node in the page, its workers or its frames", () => {
	expect(web).toMatchObject({
		nodeIntegration: false,
		nodeIntegrationInWorker: false,
		nodeIntegrationInSubFrames: false,
	});
});

test("3: the preload's context is isolated", () =>
	expect(web.contextIsolation).toBe(true));

test("4: every process is sandboxed, before the app is ready", () => {
	expect(web.sandbox).toBe(true);
	const main = text("main/shell-electron/main.ts");
	expect(main).toMatch(/^app\.enableSandbox\(\);$/m);
});

test("5: every permission, device and recording is denied", () => {
	const given = deniedSession();
	const answers: unknown[] = [];
	const say = (said: unknown) => answers.push(said);
	given.get("setPermissionRequestHandler")?.({}, "media", say);
	given.get("setDisplayMediaRequestHandler")?.({}, say);
	given.get("setBluetoothPairingHandler")?.({}, say);
	expect(answers).toEqual([false, null, { confirmed: false }]);
	expect(given.get("setPermissionCheckHandler")?.()).toBe(false);
	expect(given.get("setDevicePermissionHandler")?.()).toBe(false);
});

test("6: web security stays on", () => expect(web.webSecurity).toBe(true));

test("7: the content security policy is the strict one", () =>
	expect(CONTENT_SECURITY_POLICY).toBe(
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'",
	));

test("8: no insecure content", () =>
	expect(web.allowRunningInsecureContent).toBe(false));

test("9: no experimental features", () =>
	expect(web.experimentalFeatures).toBe(false));

test("10: no Blink features are switched on", () => {
	expect(web).not.toHaveProperty("enableBlinkFeatures");
	expect(shell).not.toMatch(/enable-?blink-?features|appendSwitch/i);
});

test("11: no web views, so none that opens windows", () => {
	expect(web.webviewTag).toBe(false);
	expect(shell).not.toMatch(/allowpopups/i);
});

test("12: a web view is refused whatever its options", () =>
	expect(isPrevented("will-attach-webview")).toBe(true));

test.each(["will-navigate", "will-frame-navigate", "will-redirect"])(
	"13: the page is not led away by %s",
	(name) => {
		expect(isPrevented(name, "https://evil.test/")).toBe(true);
		expect(isPrevented(name, "app://console.evil/")).toBe(true);
		expect(isPrevented(name, START_ADDRESS)).toBe(false);
	},
);

test("14: the page opens no window", () => {
	const open: (() => unknown)[] = [];
	const contents = Object.assign(new EventEmitter(), {
		setWindowOpenHandler: (handler: () => unknown) => open.push(handler),
	});
	denyByDefault(contents as never, () => {});
	expect(open.map((handler) => handler())).toEqual([{ action: "deny" }]);
});

test("15: nothing is opened outside", () =>
	expect(shell).not.toMatch(/shell\.open|openExternal|openPath/));

test("16: Electron's version is an exact one", () =>
	expect(text("package.json")).toMatch(/^\t+"electron": "\d+\.\d+\.\d+",?$/m));

test("17: only the top frame of our page may speak", () => {
	const facts = (url: string, isTop = true, isOurWindow = true) =>
		maySpeak({ isOurWindow, frame: { url, isTop } }).ok;
	expect(facts(START_ADDRESS)).toBe(true);
	expect(facts(START_ADDRESS, false)).toBe(false);
	expect(facts(START_ADDRESS, true, false)).toBe(false);
	expect(facts("app://console.evil/")).toBe(false);
	expect(maySpeak({ isOurWindow: true, frame: null }).ok).toBe(false);
});

test("18: the page comes by a scheme of its own and no file address is loaded", () => {
	expect(APP_SCHEME).toEqual({
		scheme: "app",
		privileges: { standard: true, secure: true, supportFetchAPI: true },
	});
	expect(shell).not.toMatch(/loadFile|"file:/);
});

test("19: the fuses are set", () =>
	expect(parse(text("electron-builder.yml")).electronFuses).toMatchObject({
		runAsNode: false,
		enableNodeOptionsEnvironmentVariable: false,
		enableNodeCliInspectArguments: false,
		enableEmbeddedAsarIntegrityValidation: true,
		onlyLoadAppFromAsar: true,
		grantFileProtocolExtraPrivileges: false,
	}));

test("20: the preload exposes one object with three functions, and passes no event on", () => {
	const exposed: [string, object][] = [];
	const listeners: ((event: unknown, message: unknown) => void)[] = [];
	const source = text("dist/preload/preload.cjs");
	new Function("require", "module", "exports", source)(
		() => ({
			contextBridge: {
				exposeInMainWorld: (name: string, one: object) =>
					exposed.push([name, one]),
			},
			ipcRenderer: {
				on: (_name: string, listener: never) => listeners.push(listener),
				send: () => {},
			},
		}),
		{ exports: {} },
		{},
	);
	expect(exposed.map(([name, one]) => [name, Object.keys(one)])).toEqual([
		["foredeck", ["send", "onMessage", "onClose"]],
	]);
	const heard: unknown[][] = [];
	const pipe = exposed[0]?.[1] as {
		onMessage(listener: (...parts: unknown[]) => void): void;
	};
	pipe.onMessage((...parts) => heard.push(parts));
	for (const listener of listeners) listener({ sender: "event" }, "hello");
	expect(heard).toEqual([["hello"]]);
});
