// Electron's entry, and the only file that takes electron as a value: hands its objects to the siblings and composes the
// window with the core. Holds no decision of its own. Nothing is awaited at the top: Electron is ready only once this
// file has been read.
import { join } from "node:path";
import {
	app,
	BrowserWindow,
	crashReporter,
	dialog,
	ipcMain,
	Menu,
	powerMonitor,
	protocol,
	screen,
	session,
} from "electron";
import { systemClock } from "../../shared/clock.ts";
import { APP_ID } from "../../shared/product.ts";
import { openLog } from "../core/log.ts";
import { foredeckPaths } from "../core/paths.ts";
import type { Updates } from "../core/update/runner.ts";
import { openVault } from "../vault/open.ts";
import { APP_SCHEME, answerFrom } from "./appScheme.ts";
import { refusedSwitch } from "./chromiumSwitches.ts";
import { openCore } from "./core.ts";
import { endOnSurprise } from "./crash.ts";
import { openDeepLinks, registerLinks, splitStart } from "./deepLink.ts";
import { openDesktop } from "./desktop.ts";
import { identityDialogs } from "./identityDialogs.ts";
import { quitInOrder } from "./quit.ts";
import { readStartOptions } from "./startOptions.ts";
import { openUpdates } from "./updates.ts";
import { denyByDefault, denySession } from "./window.ts";

/** This file lies in dist/electron, beside the two other parts that Electron loads. */
const DIST = join(import.meta.dirname, "..");

/** The window is shown soon; what a keychain says later is taken over then. */
const VAULT_PATIENCE_MS = 5_000;

const started = splitStart(process.argv.slice(1));
const options = readStartOptions(started.args, process.env);
const clock = systemClock();
const log = openLog(options.logLevel, clock, (line) =>
	process.stderr.write(`${line}\n`),
);
const denied = (what: string): void =>
	log("warn", "the window asked for something it is denied", { what });

const links = openDeepLinks((code) =>
	log("warn", "a link from outside was refused", { code }),
);

endOnSurprise(process, log, dialog, (code) => app.exit(code));
// Before the app is ready, or they have no effect.
app.enableSandbox();
app.setAppUserModelId(APP_ID);
protocol.registerSchemesAsPrivileged([APP_SCHEME]);
if (options.data !== undefined)
	app.setPath("userData", join(options.data, "electron"));
// Reports of crashes hold memory, and with it secrets perhaps: they stay on this computer.
crashReporter.start({ uploadToServer: false });
registerLinks(app, process.execPath, links);
if (started.link !== null) links.arrived(started.link);

async function run(): Promise<void> {
	app.on("web-contents-created", (_event, contents) =>
		denyByDefault(contents, denied),
	);
	await app.whenReady();
	denySession(session.defaultSession, denied);
	protocol.handle(APP_SCHEME.scheme, answerFrom(join(DIST, "renderer")));
	let updates: Updates | null = null;
	const core = await openCore(options, {
		updates: () => updates,
		clock,
		log,
		random: Math.random,
		version: app.getVersion(),
		env: process.env,
		dialogs: identityDialogs(dialog),
		openVault: () =>
			openVault({ clock, patienceMs: VAULT_PATIENCE_MS, env: process.env }),
	});
	quitInOrder(app, clock, async () => {
		updates?.stop();
		await core.stop();
	});
	const paths = foredeckPaths(options.data);
	openDesktop({
		app,
		dialog,
		ipcMain,
		menu: Menu,
		powerMonitor,
		screen,
		newWindow: (chosen) => new BrowserWindow(chosen),
		console: core.console,
		clock,
		log,
		links,
		preload: join(DIST, "preload", "preload.cjs"),
		statePath: paths.windowState,
		dataFolder: paths.data,
	});
	const updateSession = session.fromPartition("foredeck-updates", {
		cache: false,
	});
	updates = await openUpdates({
		isPackaged: app.isPackaged,
		version: app.getVersion(),
		resources: process.resourcesPath,
		env: process.env,
		platform: process.platform,
		arch: process.arch,
		memoryPath: paths.updateMemory,
		console: core.console,
		clock,
		log,
		random: Math.random,
		// The default session's filter cancels everything that is not our own page.
		fetch: (url, asked) => updateSession.fetch(url, asked),
		// Its getter makes the updater of this system; as a named import it would not be found in a CommonJS module.
		loadLibrary: async () =>
			(await import("electron-updater")).default.autoUpdater,
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
