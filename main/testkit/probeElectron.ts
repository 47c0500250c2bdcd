// Tries what a page that was taken over would try, on the app as it registered itself with the double of Electron: asks for
// permissions, leaves, opens windows, fetches, downloads, and speaks from frames that are not ours.
import { CHANNEL } from "../../shared/channel.ts";
import { CONTRACT_VERSION } from "../../shared/contract.ts";
import type { ElectronDouble } from "./electronDouble.ts";

const OURS = "app://console/index.html";
const FOREIGN = [
	"https://evil.test/a.js",
	"http://127.0.0.1/",
	"ws://evil.test/",
	"file:///etc/passwd",
	"app://console.evil/",
	"blob:https://evil.test/1",
];

/** What came of it. */
export interface Probes {
	/** By permission or device: what was answered. */
	readonly permissions: Readonly<Record<string, unknown>>;
	/** Addresses that a request may go to. */
	readonly letThrough: readonly string[];
	/** Events and addresses that were not prevented. */
	readonly ledAway: readonly string[];
	readonly windowOpen: unknown;
	readonly isWebViewRefused: boolean;
	readonly isDownloadRefused: boolean;
	/** Who got an answer from the core. */
	readonly answered: readonly string[];
	/** Of the page itself. */
	readonly headers: Readonly<Record<string, string>>;
	readonly schemes: readonly unknown[];
}

type Handler = (...parts: unknown[]) => unknown;

export async function probe(electron: ElectronDouble): Promise<Probes> {
	const handler = (name: string): Handler => {
		const found = electron.given.get(name) as Handler | undefined;
		// As Electron does where nobody handles it.
		return found ?? (() => "nobody decides");
	};
	/** What was told to the last argument, or what was returned. */
	const said = (name: string, ...parts: unknown[]): unknown => {
		let answer: unknown;
		const returned = handler(name)(...parts, (told: unknown) => {
			answer = told;
		});
		return answer === undefined ? returned : answer;
	};
	const isPrevented = (
		on: { emit(name: string, event: object): boolean },
		name: string,
		url: string,
	): boolean => {
		let prevented = false;
		const preventDefault = (): void => {
			prevented = true;
		};
		on.emit(name, { url, preventDefault });
		return prevented;
	};
	const { contents, session } = electron;
	const page = await electron.fetch(OURS);
	return {
		permissions: {
			media: said("setPermissionRequestHandler", contents, "media"),
			clipboard: said("setPermissionCheckHandler", contents, "clipboard-read"),
			usb: said("setDevicePermissionHandler", { deviceType: "usb" }),
			bluetooth: said("setBluetoothPairingHandler", {}),
			screen: said("setDisplayMediaRequestHandler", {}),
		},
		letThrough: [OURS, ...FOREIGN].filter(
			(url) =>
				(said("onBeforeRequest", { url }) as { cancel?: boolean }).cancel !==
				true,
		),
		ledAway: ["will-navigate", "will-frame-navigate", "will-redirect"].flatMap(
			(name) =>
				[OURS, ...FOREIGN]
					.filter((url) => !isPrevented(contents, name, url))
					.map((url) => `${name} ${url}`),
		),
		windowOpen: said("setWindowOpenHandler", { url: "https://evil.test/" }),
		isWebViewRefused: isPrevented(contents, "will-attach-webview", OURS),
		isDownloadRefused: isPrevented(session, "will-download", OURS),
		answered: await whoIsAnswered(electron),
		headers: Object.fromEntries(page.headers),
		schemes: electron.schemes,
	};
}

/** Asks the same from frames that may not and, last, from the one that may. */
async function whoIsAnswered(electron: ElectronDouble): Promise<string[]> {
	const top = { url: OURS, parent: null };
	const speakers: [string, { url: string; parent: unknown } | null, boolean][] =
		[
			["a frame within our page", { url: OURS, parent: top }, true],
			["a foreign page", { url: "https://evil.test/", parent: null }, true],
			[
				"a page that looks like ours",
				{ url: "app://console.evil/", parent: null },
				true,
			],
			["a frame that is gone", null, true],
			["another window", top, false],
			["our page", top, true],
		];
	const answered: string[] = [];
	const done = Promise.withResolvers<void>();
	electron.contents.on("to page", (_name: string, text: string) => {
		if (!text.startsWith("{")) return;
		const { kind, id } = JSON.parse(text) as { kind: string; id: number };
		const [who] = speakers[id - FIRST_ID] ?? [];
		if (kind !== "answer" || who === undefined) return;
		answered.push(who);
		if (who === "our page") done.resolve();
	});
	for (const [at, [, frame, isOurWindow]] of speakers.entries())
		electron.speak(
			frame,
			CHANNEL,
			JSON.stringify({
				v: CONTRACT_VERSION,
				kind: "ask",
				id: FIRST_ID + at,
				name: "session.read",
				body: {},
			}),
			isOurWindow,
		);
	await done.promise;
	return answered;
}

/** Away from the ids of the page's own questions. */
const FIRST_ID = 700_000;
