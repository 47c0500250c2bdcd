// The window's hardening: its options and what it is denied, one line per item with the attack it stops. Takes Electron's
// objects as arguments. Knows nothing of what the window shows.
import type {
	BrowserWindowConstructorOptions,
	Session,
	WebContents,
} from "electron";
import { isOurPage } from "../core/senderPolicy.ts";

/** Where the page begins. */
export const START_ADDRESS = "app://console/index.html";

/** What of Electron's options is ours to choose. Everything that could weaken the sandbox is said, even where it is the default. */
export function windowOptions(
	preload: string,
	allowDevTools: boolean,
): BrowserWindowConstructorOptions {
	return {
		title: "Foredeck",
		width: 1440,
		height: 900,
		minWidth: 900,
		minHeight: 600,
		// Shown when the page has painted: no white flash in a dark room.
		show: false,
		backgroundColor: "#14171c",
		autoHideMenuBar: true,
		webPreferences: {
			preload,
			// Each of these keeps script in the page (from a hostile job output, say) from reaching Node or the system.
			sandbox: true,
			contextIsolation: true,
			nodeIntegration: false,
			nodeIntegrationInWorker: false,
			nodeIntegrationInSubFrames: false,
			// Keeps the same-origin policy: a page of ours cannot read another origin.
			webSecurity: true,
			// No plain-HTTP script in a secure page.
			allowRunningInsecureContent: false,
			// No half-finished web features with their own holes.
			experimentalFeatures: false,
			// No <webview>, which would bring a guest page with options of its own.
			webviewTag: false,
			// A file dropped on the window does not replace our page.
			navigateOnDragDrop: false,
			// Nothing that is typed goes to a dictionary server.
			spellcheck: false,
			// A page cannot bury the person under dialogs.
			safeDialogs: true,
			// In a packed app nobody can be talked into pasting script into a console.
			devTools: allowDevTools,
		},
	};
}

/** Denies the page everything it does not need. `onDenied` is told what was asked, for the log. */
export function denyByDefault(
	contents: WebContents,
	onDenied: (what: string) => void,
): void {
	// A link cannot open a window that has our bridge or looks like us.
	contents.setWindowOpenHandler(() => {
		onDenied("window");
		return { action: "deny" };
	});
	// The page cannot be led away, not by a link, a form, a frame or a redirect: the bridge would meet a foreign page.
	const stay = (details: {
		readonly url: string;
		preventDefault(): void;
	}): void => {
		if (isOurPage(details.url)) return;
		details.preventDefault();
		onDenied("navigation");
	};
	contents.on("will-navigate", stay);
	contents.on("will-frame-navigate", stay);
	contents.on("will-redirect", stay);
	// No web view, whatever options it asks for.
	contents.on("will-attach-webview", (event) => {
		event.preventDefault();
		onDenied("webview");
	});
}

/** Denies the page's session every permission, device, download and foreign address. */
export function denySession(
	session: Session,
	onDenied: (what: string) => void,
): void {
	// No camera, location, notification or clipboard reading: the page needs none, so a prompt could only be a trick.
	session.setPermissionRequestHandler((_contents, permission, answer) => {
		onDenied(`permission ${permission}`);
		answer(false);
	});
	// Some features only check and never ask.
	session.setPermissionCheckHandler(() => false);
	// No USB, HID or serial device.
	session.setDevicePermissionHandler(() => false);
	// No pairing, which some systems would confirm without a question.
	session.setBluetoothPairingHandler((_details, answer) =>
		answer({ confirmed: false }),
	);
	// No recording of the screen, which shows the fleet.
	session.setDisplayMediaRequestHandler((_request, answer) => {
		onDenied("screen capture");
		answer(null);
	});
	// Nothing is written to disk by a page.
	session.on("will-download", (event) => {
		event.preventDefault();
		onDenied("download");
	});
	// No remote content at all, should the content security policy ever have a hole: nothing can be sent out either.
	session.webRequest.onBeforeRequest((details, answer) => {
		const cancel = !isLocal(details.url);
		if (cancel) onDenied("request");
		answer({ cancel });
	});
}

/** Our own page, its inline pictures, and the developer tools where they are allowed at all. */
const isLocal = (address: string): boolean =>
	isOurPage(address) ||
	/^(data:|blob:app:\/\/console\/|devtools:\/\/)/.test(address);
