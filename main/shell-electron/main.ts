// Electron's entry, and the only file that takes electron as a value: hands its objects to the siblings and composes the
// window with the core. Holds no decision of its own. Nothing is awaited at the top: Electron is ready only once this
// file has been read.
import { join } from "node:path";
import {
	app,
	autoUpdater,
	BrowserWindow,
	crashReporter,
	dialog,
	ipcMain,
	Menu,
	Notification,
	nativeImage,
	nativeTheme,
	powerMonitor,
	protocol,
	screen,
	session,
	Tray,
} from "electron";
import { systemClock } from "../../shared/clock.ts";
import { takeEnvironment } from "../core/identity/takeEnvironment.ts";
import { openLog } from "../core/log.ts";
import { foredeckPaths } from "../core/paths.ts";
import type { UpdateDuty } from "../core/update/updateCommands.ts";
import { openVault } from "../vault/open.ts";
import { APP_SCHEME, answerFrom } from "./appScheme.ts";
import { openBadge } from "./badge.ts";
import { refusedSwitch } from "./chromiumSwitches.ts";
import { openCore } from "./core.ts";
import { endOnSurprise } from "./crash.ts";
import { openDeepLinks, registerLinks, splitStart } from "./deepLink.ts";
import { openDesktop } from "./desktop.ts";
import { identityDialogs } from "./identityDialogs.ts";
import { openNotifier, registerNotifications } from "./notifier.ts";
import { askInWindow } from "./passphrase.ts";
import { quitInOrder } from "./quit.ts";
import { saveDialog } from "./saveDialog.ts";
import { readStartOptions } from "./startOptions.ts";
import { openUpdates } from "./updates.ts";
import { denyByDefault, denySession } from "./window.ts";

/** This file lies in dist/electron, beside the two other parts that Electron loads. */
const DIST = join(import.meta.dirname, "..");

/** Beside dist, in the sources as in the packed app. */
const TRAY_PICTURES = join(DIST, "..", "resources", "tray");

/** The window is shown soon; what a keychain says later is taken over then. */
const VAULT_PATIENCE_MS = 5_000;

const env = takeEnvironment(process.env);
const started = splitStart(process.argv.slice(1));
const options = readStartOptions(started.args, env);
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
registerNotifications(app, process.platform);
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
	const badge = openBadge({
		app,
		platform: process.platform,
		picture: (pixels, side) =>
			nativeImage.createFromBitmap(pixels, {
				width: side,
				height: side,
				scaleFactor: 2,
			}),
	});
	const notifier = openNotifier({
		Notification,
		platform: process.platform,
		clock,
		log,
		go: links.asked,
	});
	let duty: UpdateDuty | null = null;
	const core = await openCore(options, {
		updates: () => duty,
		clock,
		log,
		random: Math.random,
		version: app.getVersion(),
		env,
		dialogs: identityDialogs(
			dialog,
			askInWindow({
				ipcMain,
				log,
				preload: join(DIST, "passphrase", "passphrase.cjs"),
				newWindow: (chosen) => new BrowserWindow(chosen),
				parent: () => BrowserWindow.getAllWindows()[0] ?? null,
			}),
		),
		chooseSavePath: saveDialog(dialog),
		notify: { ...notifier.port, badge: badge.show },
		openVault: () => openVault({ clock, patienceMs: VAULT_PATIENCE_MS, env }),
	});
	const stop = async (): Promise<void> => {
		if (duty?.kind === "own") duty.updates.stop();
		await core.stop();
	};
	const { platform } = process;
	quitInOrder(app, clock, stop, { updater: autoUpdater, platform });
	const paths = foredeckPaths(options.data);
	// Before there is a window: a click may have started the app, and its place is where the window begins.
	notifier.follow(core.console);
	openDesktop({
		app,
		dialog,
		ipcMain,
		menu: Menu,
		powerMonitor,
		screen,
		newWindow(chosen) {
			const window = new BrowserWindow(chosen);
			badge.windowOpened(window);
			return window;
		},
		console: core.console,
		clock,
		log,
		links,
		preload: join(DIST, "preload", "preload.cjs"),
		statePath: paths.windowState,
		dataFolder: paths.data,
		background: {
			tray: {
				newTray: (image) => new Tray(image),
				menu: Menu,
				images: nativeImage,
				theme: nativeTheme,
			},
			updater: autoUpdater,
			platform: process.platform,
			// Without the secrets that were taken from it: programs are started with it.
			env: process.env,
			pictures: TRAY_PICTURES,
			toldPath: paths.closingTold,
		},
	});
	const updateSession = session.fromPartition("foredeck-updates", {
		cache: false,
	});
	duty = await openUpdates({
		isPackaged: app.isPackaged,
		version: app.getVersion(),
		resources: process.resourcesPath,
		env,
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
	core.console.updatesChanged();
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
