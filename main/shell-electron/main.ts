// Electron's entry, and the only file that takes electron as a value: hands its objects to the siblings and composes the
// window with the core. Holds no decision of its own. Nothing is awaited at the top: Electron is ready only once this
// file has been read.
import { join } from "node:path";
import {
	app,
	BrowserWindow,
	dialog,
	ipcMain,
	Menu,
	powerMonitor,
	protocol,
	session,
} from "electron";
import { systemClock } from "../../shared/clock.ts";
import { APP_ID } from "../../shared/product.ts";
import { openLog } from "../core/log.ts";
import { openVault } from "../vault/open.ts";
import { APP_SCHEME, answerFrom } from "./appScheme.ts";
import { refusedSwitch } from "./chromiumSwitches.ts";
import type { RunningCore } from "./core.ts";
import { openCore } from "./core.ts";
import { identityDialogs } from "./identityDialogs.ts";
import { quitInOrder } from "./quit.ts";
import { serveRenderer, windowContents } from "./rendererPipe.ts";
import { readStartOptions } from "./startOptions.ts";
import {
	denyByDefault,
	denySession,
	reviveAfterCrash,
	START_ADDRESS,
	windowOptions,
} from "./window.ts";

/** This file lies in dist/electron, beside the two other parts that Electron loads. */
const DIST = join(import.meta.dirname, "..");

/** The window is shown soon; what a keychain says later is taken over then. */
const VAULT_PATIENCE_MS = 5_000;

const options = readStartOptions(process.argv.slice(1), process.env);
const clock = systemClock();
const log = openLog(options.logLevel, clock, (line) =>
	process.stderr.write(`${line}\n`),
);
const denied = (what: string): void =>
	log("warn", "the window asked for something it is denied", { what });

// Before the app is ready, or they have no effect.
app.enableSandbox();
app.setAppUserModelId(APP_ID);
protocol.registerSchemesAsPrivileged([APP_SCHEME]);
if (options.data !== undefined)
	app.setPath("userData", join(options.data, "electron"));

function openWindow(core: RunningCore): BrowserWindow {
	const window = new BrowserWindow(
		windowOptions(join(DIST, "preload", "preload.cjs"), !app.isPackaged),
	);
	const contents = window.webContents;
	reviveAfterCrash(contents, (reason) =>
		log("error", "the window's process ended", { reason }),
	);
	serveRenderer({
		channel: ipcMain,
		contents: windowContents(contents),
		attach: core.console.attach,
		onRefused: (why) =>
			log("warn", "a message was refused", {
				code: why.code,
				why: why.evidence?.notes,
			}),
	});
	window.once("ready-to-show", () => window.show());
	void window.loadURL(START_ADDRESS);
	return window;
}

async function run(): Promise<void> {
	app.on("web-contents-created", (_event, contents) =>
		denyByDefault(contents, denied),
	);
	await app.whenReady();
	denySession(session.defaultSession, denied);
	protocol.handle(APP_SCHEME.scheme, answerFrom(join(DIST, "renderer")));
	// The default menu can reload and open developer tools; on macOS it also carries copy and paste.
	if (process.platform !== "darwin") Menu.setApplicationMenu(null);
	const core = await openCore(options, {
		clock,
		log,
		random: Math.random,
		version: app.getVersion(),
		env: process.env,
		dialogs: identityDialogs(dialog),
		openVault: () =>
			openVault({ clock, patienceMs: VAULT_PATIENCE_MS, env: process.env }),
	});
	quitInOrder(app, clock, core.stop);
	powerMonitor.on("resume", () => core.console.woke());
	const window = openWindow(core);
	app.on("second-instance", () => {
		if (window.isMinimized()) window.restore();
		window.show();
		window.focus();
	});
}

const refused = refusedSwitch(app);
if (refused !== null) {
	dialog.showErrorBox("Foredeck", refused);
	app.exit(1);
}
// A second start shows the first one's window instead; two cores would fight over the agents' sessions.
else if (app.requestSingleInstanceLock())
	run().catch((error: unknown) => {
		log("error", "Foredeck could not start", { error });
		app.exit(1);
	});
else app.exit(0);
