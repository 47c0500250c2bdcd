// Electron's security checklist, one test for each of its 20 points, named by its number. The app is built and booted as it
// ships, against a double of Electron; then a page that was taken over tries what it could try. Deeper tests of each stand
// beside the file that it is about.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import type { BootReport } from "../testkit/bootElectronBundle.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const text = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const OURS = "app://console/index.html";

let report: BootReport;
let probes: BootReport["probes"];
/** Of the one window that was made. */
let web: Readonly<Record<string, unknown>>;

const run = (...args: readonly string[]) =>
	spawnSync(process.execPath, args, {
		cwd: ROOT,
		encoding: "utf8",
		timeout: 60_000,
	});

beforeAll(() => {
	const built = run(
		"build.ts",
		"electron",
		"preload",
		"passphrase",
		"renderer",
	);
	expect(built.status).toBe(0);
	const booted = run(
		"main/testkit/bootElectronBundle.ts",
		...["--demo", "--hosts=1"],
	);
	expect(booted.status).toBe(0);
	report = JSON.parse(
		booted.stdout.trim().split("\n").at(-1) ?? "",
	) as BootReport;
	probes = report.probes;
	expect(report.windowOptions).toHaveLength(1);
	web = report.windowOptions[0]?.webPreferences as typeof web;
}, 120_000);

/** Whether the app did the first before it did the second. */
function isBefore(first: string, second: string): boolean {
	const at = report.deeds.indexOf(first);
	return at !== -1 && at < report.deeds.indexOf(second);
}

/** What the built app takes of Electron: nothing else is there for it. */
function takenOfElectron(): string[] {
	const [, names = ""] =
		/^import \{([^}]*)\} from "electron";$/m.exec(
			text("dist/electron/main.mjs"),
		) ?? [];
	return names.split(",").map((name) => name.trim());
}

test("1: only our own page is loaded, and no request goes anywhere else", () => {
	const loads = report.deeds.filter((deed) => deed.startsWith("load "));
	expect(loads[0]).toBe(`load ${OURS} 200`);
	expect(loads.filter((deed) => !deed.startsWith(`load ${OURS}`))).toEqual([]);
	expect(probes.letThrough).toEqual([OURS]);
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
	expect(isBefore("enableSandbox", "ready")).toBe(true);
});

test("5: every permission, device and recording is denied, before a page can ask", () => {
	expect(probes.permissions).toEqual({
		media: false,
		clipboard: false,
		usb: false,
		bluetooth: { confirmed: false },
		screen: null,
	});
	for (const name of [
		"setPermissionRequestHandler",
		"setPermissionCheckHandler",
		"setDevicePermissionHandler",
		"setBluetoothPairingHandler",
		"setDisplayMediaRequestHandler",
	])
		expect(isBefore(name, `load ${OURS} 200`)).toBe(true);
	expect(probes.isDownloadRefused).toBe(true);
});

test("6: web security stays on", () => expect(web.webSecurity).toBe(true));

test("7: the page comes with the strict content security policy", () => {
	expect(probes.headers["content-security-policy"]).toBe(
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'",
	);
	expect(probes.headers["x-content-type-options"]).toBe("nosniff");
});

test("8: no insecure content", () =>
	expect(web.allowRunningInsecureContent).toBe(false));

test("9: no experimental features", () =>
	expect(web.experimentalFeatures).toBe(false));

test("10: no Blink features are switched on, by the window or by a switch", () => {
	expect(web).not.toHaveProperty("enableBlinkFeatures");
	expect(web).not.toHaveProperty("disableBlinkFeatures");
	expect(
		report.deeds.filter((deed) => /^append(Switch|Argument) /.test(deed)),
	).toEqual([]);
});

test("11: no web views, so none that opens windows", () =>
	expect(web.webviewTag).toBe(false));

test("12: a web view is refused whatever its options", () =>
	expect(probes.isWebViewRefused).toBe(true));

test("13: the page is not led away, by itself, by a frame or by a redirect", () =>
	expect(probes.ledAway).toEqual(
		["will-navigate", "will-frame-navigate", "will-redirect"].map(
			(name) => `${name} ${OURS}`,
		),
	));

test("14: the page opens no window", () =>
	expect(probes.windowOpen).toEqual({ action: "deny" }));

test("15: nothing is opened outside: the app does not have what opens it", () => {
	const taken = takenOfElectron();
	expect(taken).toContain("BrowserWindow");
	expect(taken).not.toContain("shell");
	expect(taken).not.toContain("webFrame");
	// No second way to Electron's module, of which not everything would be seen here.
	expect(text("dist/electron/main.mjs")).not.toMatch(
		/require\("electron"\)|import\("electron"\)|from "electron\//,
	);
});

test("16: Electron's version is an exact one, and the one that is installed", () => {
	const { devDependencies } = JSON.parse(text("package.json"));
	const installed = JSON.parse(text("node_modules/electron/package.json"));
	expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/);
	expect(devDependencies.electron).toBe(installed.version);
});

test("17: the core answers the top frame of our page alone", () =>
	expect(probes.answered).toEqual(["our page"]));

test("18: the page comes by a scheme of its own, registered before the app is ready, that gives out nothing else", () => {
	expect(probes.schemes).toEqual([
		{
			scheme: "app",
			privileges: { standard: true, secure: true, supportFetchAPI: true },
		},
	]);
	expect(isBefore("registerSchemes app", "ready")).toBe(true);
	expect(isBefore("handle app", `load ${OURS} 200`)).toBe(true);
	expect(report.refusedAddressStatus).toBe(400);
	expect(probes.letThrough.join()).not.toContain("file:");
});

// What was flipped is read back from packed apps in main/e2e/packaged.test.ts.
test("19: the fuses are set", () =>
	expect(parse(text("electron-builder.yml")).electronFuses).toMatchObject({
		runAsNode: false,
		enableCookieEncryption: true,
		enableNodeOptionsEnvironmentVariable: false,
		enableNodeCliInspectArguments: false,
		enableEmbeddedAsarIntegrityValidation: true,
		onlyLoadAppFromAsar: true,
		loadBrowserProcessSpecificV8Snapshot: false,
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

test("the passphrase window's preload exposes one function as well (20) that carries a text out, and hears nothing", () => {
	const exposed: [string, Record<string, (text: unknown) => void>][] = [];
	const sent: unknown[][] = [];
	new Function(
		"require",
		"module",
		"exports",
		text("dist/passphrase/passphrase.cjs"),
	)(
		() => ({
			contextBridge: {
				exposeInMainWorld: (name: string, one: never) =>
					exposed.push([name, one]),
			},
			// Without `on`: to listen would throw.
			ipcRenderer: { send: (...parts: unknown[]) => sent.push(parts) },
		}),
		{ exports: {} },
		{},
	);
	expect(exposed.map(([name, one]) => [name, Object.keys(one)])).toEqual([
		["foredeck", ["answer"]],
	]);
	for (const answer of ["sesame", { port: 1 }, null])
		exposed[0]?.[1].answer?.(answer);
	expect(sent).toEqual([
		["foredeck.passphrase", "sesame"],
		["foredeck.passphrase", null],
		["foredeck.passphrase", null],
	]);
});
