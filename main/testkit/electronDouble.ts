// Electron's module as plain objects, for booting the built app under Node: remembers what the app registered, in which
// order, and plays the parts of the system (ready, a page that loads, a second start, the person who quits). Knows
// nothing of Foredeck but the name of the object that its preload exposes.
import { EventEmitter } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import type { TrayDouble } from "./trayDouble.ts";
import { trayClass } from "./trayDouble.ts";

/** What the preload exposes to the page. */
export interface ExposedPipe {
	send(message: string): void;
	onMessage(listener: (message: string) => void): void;
	onClose(listener: () => void): void;
}

export interface ElectronDouble {
	/** What the app did, in order: `enableSandbox`, `registerSchemes app`, `ready`, `handle app`, `load app://…`. */
	readonly deeds: readonly string[];
	/** Options of the windows that were made. */
	readonly windowOptions: readonly Record<string, unknown>[];
	/** Names that were asked for by `require` in the preload. */
	readonly required: readonly string[];
	/** What the page's session and contents were given, by the name of the setter. */
	readonly given: ReadonlyMap<string, (...parts: never[]) => unknown>;
	/** Of the window: events of the page can be emitted on it, and `to page` tells every message to it. */
	readonly contents: EventEmitter;
	/** Events of the page's session can be emitted on it. */
	readonly session: EventEmitter;
	/** The privileges that the app's schemes were registered with. */
	readonly schemes: readonly unknown[];
	/** A frame of the window, or of another one, says something on the app's channel. */
	speak(
		frame: { url: string; parent: unknown } | null,
		name: string,
		message: string,
		isOurWindow?: boolean,
	): void;
	/** The tray as it is now; null: none was made. */
	readonly tray: TrayDouble | null;
	/** Resolves with the page's pipe when a window has loaded its page. */
	readonly page: Promise<ExposedPipe>;
	/** Resolves with the exit code that the app asked for. */
	readonly exit: Promise<number>;
	/** Answers as the app's scheme would. */
	fetch(address: string): Promise<Response>;
	/** Another start of the program, with these arguments. */
	secondStart(...args: readonly string[]): void;
	/** A person closes the window. */
	closeWindow(): void;
	quit(): void;
}

type Listener = (...parts: never[]) => unknown;

/** Replaces `electron` for every later import. To be called once in a process. */
export function installElectronDouble(
	options: {
		firstInstance?: boolean;
		/** Installed, and not started from the sources. */
		packaged?: boolean;
		/** Chromium's switches, without dashes. */
		switches?: readonly string[];
	} = {},
): ElectronDouble {
	const deeds: string[] = [];
	const windowOptions: Record<string, unknown>[] = [];
	const required: string[] = [];
	const page = Promise.withResolvers<ExposedPipe>();
	const exit = Promise.withResolvers<number>();
	const handlers = new Map<string, (request: Request) => Promise<Response>>();
	const ipcMain = new EventEmitter();
	const given = new Map<string, Listener>();
	const schemes: unknown[] = [];
	const did = (deed: string): void => void deeds.push(deed);
	const keep = (name: string) => (handler: Listener) => {
		given.set(name, handler);
		did(name);
	};
	const fetch = async (address: string): Promise<Response> => {
		const handler = handlers.get(new URL(address).protocol.slice(0, -1));
		if (handler === undefined) throw new Error(`nobody serves ${address}`);
		return handler({ url: address, method: "GET" } as Request);
	};

	const app = Object.assign(new EventEmitter(), {
		isPackaged: options.packaged ?? false,
		commandLine: {
			hasSwitch: (name: string) => options.switches?.includes(name) ?? false,
			appendSwitch: (name: string) => did(`appendSwitch ${name}`),
			appendArgument: (text: string) => did(`appendArgument ${text}`),
		},
		enableSandbox: () => did("enableSandbox"),
		setPath: (name: string) => did(`setPath ${name}`),
		setBadgeCount: () => true,
		dock: { setBadge: () => {} },
		setToastActivatorCLSID: () => did("setToastActivatorCLSID"),
		setAppUserModelId: (id: string) => did(`setAppUserModelId ${id}`),
		setAsDefaultProtocolClient: (scheme: string) =>
			did(`setAsDefaultProtocolClient ${scheme}`),
		requestSingleInstanceLock: () => options.firstInstance ?? true,
		getVersion: () => "0.0.0-double",
		// As in Electron: ready comes only after the entry has been read, never within it.
		whenReady: () =>
			new Promise<void>((resolve) =>
				setImmediate(() => {
					did("ready");
					resolve();
				}),
			),
		quit() {
			did("quit");
			app.emit("before-quit");
			app.emit("will-quit", { preventDefault: () => did("quit held back") });
		},
		exit(code: number) {
			did(`exit ${code}`);
			exit.resolve(code);
		},
	});

	const nextId = (() => {
		let id = 0;
		return () => ++id;
	})();

	/** Runs the preload as a sandboxed one: it can require electron and nothing else. */
	function runPreload(path: string, contents: EventEmitter & { id: number }) {
		const ipcRenderer = Object.assign(new EventEmitter(), {
			send: (name: string, ...parts: unknown[]) =>
				queueMicrotask(() =>
					ipcMain.emit(
						name,
						{
							sender: contents,
							senderFrame: { url: "app://console/index.html", parent: null },
						},
						...parts,
					),
				),
		});
		contents.on("to page", (name: string, message: string) =>
			queueMicrotask(() => ipcRenderer.emit(name, {}, message)),
		);
		const contextBridge = {
			exposeInMainWorld(name: string, exposed: ExposedPipe) {
				did(`expose ${name}`);
				page.resolve(exposed);
			},
		};
		const require = (name: string): unknown => {
			required.push(name);
			if (name !== "electron")
				throw new Error(`a sandboxed preload cannot load ${name}`);
			return { contextBridge, ipcRenderer };
		};
		new Function("require", "module", "exports", readFileSync(path, "utf8"))(
			require,
			{ exports: {} },
			{},
		);
	}

	const windows: BrowserWindow[] = [];
	class BrowserWindow extends EventEmitter {
		readonly webContents;
		readonly #preload: string;
		#loaded = false;
		constructor(given: { webPreferences: { preload: string } }) {
			super();
			windows.push(this);
			windowOptions.push(given as unknown as Record<string, unknown>);
			this.#preload = given.webPreferences.preload;
			const contents = Object.assign(new EventEmitter(), {
				id: nextId(),
				send: (name: string, message: string) =>
					contents.emit("to page", name, message),
				isDestroyed: () => false,
				getURL: () => "app://console/index.html",
				loadURL: async () => did("reload"),
				setWindowOpenHandler: keep("setWindowOpenHandler"),
			});
			this.webContents = contents;
			app.emit("web-contents-created", {}, contents);
		}
		async loadURL(address: string): Promise<void> {
			const { status } = await fetch(address);
			did(`load ${address} ${status}`);
			// As in Chromium: another hash is no other document.
			const isThere = this.#loaded;
			this.#loaded = true;
			if (isThere && address.includes("#")) return;
			this.webContents.emit("did-navigate");
			runPreload(this.#preload, this.webContents);
			this.emit("ready-to-show");
		}
		show = () => did("show");
		hide = () => did("hide");
		isDestroyed = () => false;
		isVisible = () => false;
		isFullScreen = () => false;
		focus = () => did("focus");
		restore = () => did("restore");
		isMinimized = () => true;
		maximize = () => did("maximize");
		isMaximized = () => false;
		getNormalBounds = () => ({ x: 0, y: 0, width: 1440, height: 900 });
	}

	const defaultSession = Object.assign(new EventEmitter(), {
		setPermissionRequestHandler: keep("setPermissionRequestHandler"),
		setPermissionCheckHandler: keep("setPermissionCheckHandler"),
		setDevicePermissionHandler: keep("setDevicePermissionHandler"),
		setBluetoothPairingHandler: keep("setBluetoothPairingHandler"),
		setDisplayMediaRequestHandler: keep("setDisplayMediaRequestHandler"),
		webRequest: { onBeforeRequest: keep("onBeforeRequest") },
	});

	/** A system that shows every notification and says so; `former` ones there are none. */
	class Notification extends EventEmitter {
		static isSupported = () => true;
		static handleActivation = () => did("handleActivation");
		static getHistory = async () => [];
		static remove = (id: string) => did(`remove notification ${id}`);
		readonly #title: string;
		constructor(given: { title: string }) {
			super();
			this.#title = given.title;
		}
		show() {
			did(`notify ${this.#title}`);
			queueMicrotask(() => this.emit("show", {}));
		}
		close() {
			this.emit("close", { reason: "applicationHidden" });
		}
	}

	let tray: TrayDouble | null = null;
	const nativeTheme = Object.assign(new EventEmitter(), {
		shouldUseDarkColors: true,
		shouldUseDarkColorsForSystemIntegratedUI: true,
	});

	const powerMonitor = new EventEmitter();
	powerMonitor.on("newListener", (event: string) => did(`listen ${event}`));
	app.on("newListener", (event: string) => did(`listen ${event}`));
	const electron = {
		app,
		BrowserWindow,
		dialog: {
			showErrorBox: (_title: string, text: string) => did(`error ${text}`),
			// A person who presses the first button.
			async showMessageBox(...given: readonly { message?: string }[]) {
				did(`ask ${given.at(-1)?.message}`);
				return { response: 0, checkboxChecked: false };
			},
		},
		ipcMain,
		Menu: {
			setApplicationMenu: () => did("setApplicationMenu"),
			buildFromTemplate: (template: unknown) => template,
		},
		Notification,
		nativeImage: {
			createFromBitmap: () => ({}),
			createFromPath: (path: string) => ({
				path,
				isEmpty: () => !existsSync(path),
				setTemplateImage: () => {},
			}),
		},
		nativeTheme,
		Tray: trayClass((made) => {
			tray = made;
		}),
		autoUpdater: new EventEmitter(),
		powerMonitor,
		screen: {
			getAllDisplays: () => [
				{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } },
			],
		},
		crashReporter: {
			start: (given: { uploadToServer: boolean }) =>
				did(`crashReporter ${given.uploadToServer ? "uploads" : "local"}`),
		},
		protocol: {
			registerSchemesAsPrivileged(asked: readonly { scheme: string }[]) {
				schemes.push(...asked);
				did(`registerSchemes ${asked.map(({ scheme }) => scheme).join()}`);
			},
			handle(scheme: string, handler: (request: Request) => Promise<Response>) {
				did(`handle ${scheme}`);
				handlers.set(scheme, handler);
			},
		},
		// There is no `net`, which fetches through the default session: a bundle that imports it does not start.
		session: {
			defaultSession,
			fromPartition(name: string, given: { cache: boolean }) {
				did(`fromPartition ${name} ${given.cache ? "cached" : "uncached"}`);
				// An app that has no update feed fetches nothing.
				return { fetch: () => Promise.reject(new Error("no network")) };
			},
		},
	};
	replaceModule("electron", electron);

	return {
		deeds,
		windowOptions,
		required,
		given,
		get contents() {
			const [window] = windows;
			if (window === undefined) throw new Error("there is no window yet");
			return window.webContents;
		},
		session: defaultSession,
		schemes,
		speak(frame, name, message, isOurWindow = true) {
			const id = isOurWindow ? windows[0]?.webContents.id : nextId();
			ipcMain.emit(name, { sender: { id }, senderFrame: frame }, message);
		},
		get tray() {
			return tray;
		},
		page: page.promise,
		exit: exit.promise,
		fetch,
		secondStart: (...args) =>
			app.emit("second-instance", {}, ["/program", ...args]),
		closeWindow() {
			let isPrevented = false;
			windows[0]?.emit("close", {
				preventDefault: () => {
					isPrevented = true;
				},
			});
			if (!isPrevented) app.emit("window-all-closed");
		},
		quit: () => app.quit(),
	};
}

/** Makes every later import of `name` yield these exports. */
function replaceModule(name: string, exports: Record<string, unknown>): void {
	const address = `double:${name}`;
	const store = globalThis as unknown as Record<string, unknown>;
	store[address] = exports;
	registerHooks({
		resolve: (specifier, context, next) =>
			specifier === name
				? { url: address, shortCircuit: true }
				: next(specifier, context),
		load: (url, context, next) =>
			url === address
				? {
						format: "module",
						shortCircuit: true,
						source: Object.keys(exports)
							.map(
								(key) =>
									`export const ${key} = globalThis[${JSON.stringify(address)}].${key};`,
							)
							.join("\n"),
					}
				: next(url, context),
	});
}
