import { EventEmitter } from "node:events";
import type { BrowserWindow, Dialog } from "electron";
import { describe, expect, test } from "vitest";
import { hideOnClose } from "./closing.ts";

interface World {
	platform: NodeJS.Platform;
	hasTray: boolean;
	/** Somebody shows icons. */
	host: boolean;
	wantsTray: boolean;
	/** The person was told before. */
	told: boolean;
	/** What happens while the host is looked for, or the question is open. */
	meanwhile: (during: "host" | "question") => void;
	/** What they press: 0 OK, 1 quit instead. */
	answer: number | Error;
	/** The window is seen again before the host's answer is there. */
	raisedMeanwhile: boolean;
	fullScreen: boolean;
}

const LINUX: World = {
	platform: "linux",
	hasTray: true,
	host: true,
	wantsTray: true,
	told: true,
	answer: 0,
	raisedMeanwhile: false,
	fullScreen: false,
	meanwhile: () => {},
};

/** Lets promises that are already settled run their listeners. */
const settled = async (): Promise<void> => {
	for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
};

function stage(some: Partial<World> = {}) {
	const world: World = { ...LINUX, ...some };
	const done: string[] = [];
	const logged: string[] = [];
	const questions: { message?: string; detail?: string; buttons?: string[] }[] =
		[];
	const app = Object.assign(new EventEmitter(), {
		quit() {
			done.push("quit");
			app.emit("before-quit");
		},
	});
	const updater = new EventEmitter();
	const window = Object.assign(new EventEmitter(), {
		hide() {
			if (window.isDestroyed())
				throw new TypeError("Object has been destroyed");
			done.push("hide");
		},
		isDestroyed: (): boolean => false,
		isVisible: () => world.raisedMeanwhile,
		isFullScreen: () => world.fullScreen,
		setFullScreen: (on: boolean) => done.push(`full screen ${on}`),
	});
	hideOnClose({
		app,
		updater,
		window: window as unknown as BrowserWindow,
		dialog: {
			async showMessageBox(_window: unknown, question: object) {
				questions.push(question);
				done.push("ask");
				world.meanwhile("question");
				if (world.answer instanceof Error) throw world.answer;
				return { response: world.answer, checkboxChecked: false };
			},
		} as unknown as Dialog,
		platform: world.platform,
		log: (level, message) => void logged.push(`${level} ${message}`),
		wantsTray: () => world.wantsTray,
		quitFromNowOn() {
			world.wantsTray = false;
			done.push("never again");
		},
		hasTray: world.hasTray,
		async hasHost() {
			done.push("look for a host");
			world.meanwhile("host");
			return world.host;
		},
		told: {
			has: () => world.told,
			keep() {
				world.told = true;
				done.push("told");
			},
		},
		raise: () => void done.push("raise"),
	});
	/** A person closes the window: whether it closed. */
	const close = (): boolean => {
		let closed = true;
		window.emit("close", {
			preventDefault: () => {
				closed = false;
			},
		});
		return closed;
	};
	return { world, done, logged, questions, app, updater, window, close };
}

test("closing hides at once where an icon leads back, and looks whether it still does", async () => {
	const { close, done } = stage();
	expect(close()).toBe(false);
	expect(done).toEqual(["hide", "look for a host"]);
	await settled();
	expect(done).toEqual(["hide", "look for a host"]);
});

test("the host is looked for at every closing", async () => {
	const { close, done, world } = stage();
	close();
	await settled();
	world.host = false;
	expect(close()).toBe(false);
	await settled();
	expect(done).toEqual([
		"hide",
		"look for a host",
		"hide",
		"look for a host",
		"quit",
	]);
});

test("closing again while the host is still looked for hides again", async () => {
	const { close, done } = stage();
	close();
	expect(close()).toBe(false);
	expect(done).toEqual(["hide", "look for a host", "hide"]);
	await settled();
	expect(done).toHaveLength(3);
});

describe("the first time", () => {
	test("it says in one sentence where Foredeck goes on", async () => {
		const { close, done, questions } = stage({ told: false });
		expect(close()).toBe(false);
		await settled();
		expect(done).toEqual(["look for a host", "ask", "hide", "told"]);
		expect(questions).toMatchObject([
			{
				message: "Foredeck goes on in the tray and watches your hosts.",
				buttons: ["OK", "Don’t hide, quit instead"],
				// Escape and closing the box are no wish to quit.
				cancelId: 0,
			},
		]);
		close();
		await settled();
		expect(done.slice(4)).toEqual(["hide", "look for a host"]);
	});

	test("a person may quit instead, and that is remembered", async () => {
		const { close, done } = stage({ told: false, answer: 1 });
		close();
		await settled();
		expect(done).toEqual(["look for a host", "ask", "never again", "quit"]);
		expect(close()).toBe(true);
	});

	test("without a host nothing is said: closing quits", async () => {
		const { close, done } = stage({ told: false, host: false });
		close();
		await settled();
		expect(done).toEqual(["look for a host", "quit"]);
	});

	test("closing again while the question is asked asks no second one", async () => {
		const { close, done } = stage({ told: false });
		close();
		expect(close()).toBe(false);
		await settled();
		expect(done.filter((one) => one === "ask")).toHaveLength(1);
	});

	test("what cannot be said is logged, and the window is hidden", async () => {
		const { close, done, logged } = stage({
			told: false,
			answer: new Error("no dialog"),
		});
		close();
		await settled();
		expect(done.slice(-2)).toEqual(["hide", "told"]);
		expect(logged).toEqual([
			"warn what closing the window does could not be said",
		]);
	});
});

test.each<[why: string, Partial<World>]>([
	["no icon was made", { hasTray: false }],
	["the person does not want it", { wantsTray: false }],
	["no icon was made on Windows", { hasTray: false, platform: "win32" }],
	[
		"the person does not want it on macOS",
		{ wantsTray: false, platform: "darwin" },
	],
])("closing closes, as ever, when %s", async (_why, some) => {
	const { close, done } = stage(some);
	expect(close()).toBe(true);
	await settled();
	expect(done).toEqual([]);
});

test("a window that was raised meanwhile stays, though the host is gone", async () => {
	const { close, done } = stage({ host: false, raisedMeanwhile: true });
	close();
	await settled();
	expect(done).not.toContain("quit");
});

test("quitting from menu, tray or keys always quits", () => {
	const { app, close, done } = stage();
	app.emit("before-quit");
	expect(close()).toBe(true);
	expect(done).toEqual([]);
});

test("an update on macOS, which closes the windows first, is not held up", () => {
	const { updater, close } = stage({ platform: "darwin" });
	updater.emit("before-quit-for-update");
	expect(close()).toBe(true);
});

test.each([
	["host", 0],
	["question", 0],
	["question", 1],
] as const)(
	"quitting while the %s is waited for touches nothing any more (answer %i)",
	async (during, answer) => {
		const { world, app, window, close, done, logged } = stage({
			told: false,
			answer,
		});
		world.meanwhile = (now) => {
			if (now !== during) return;
			app.emit("before-quit");
			window.isDestroyed = () => true;
		};
		close();
		await settled();
		expect(done).toEqual(
			during === "host" ? ["look for a host"] : ["look for a host", "ask"],
		);
		expect(logged).toEqual([]);
		expect(world.told).toBe(false);
	},
);

test("what goes wrong while it closes is logged, and the next time is another try", async () => {
	const { world, close, done, logged } = stage();
	world.meanwhile = () => {
		throw new Error("no bus");
	};
	close();
	await settled();
	expect(logged).toEqual(["warn closing the window did not go on"]);
	close();
	await settled();
	expect(done.filter((one) => one === "look for a host")).toHaveLength(2);
});

describe("on macOS", () => {
	test("the window hides even without an icon in the menu bar, because the Dock leads back", async () => {
		const { close, done, questions } = stage({
			platform: "darwin",
			hasTray: false,
			told: false,
		});
		expect(close()).toBe(false);
		await settled();
		expect(done.slice(-2)).toEqual(["hide", "told"]);
		expect(questions[0]?.message).toBe(
			"Foredeck goes on in the Dock and watches your hosts.",
		);
	});

	test("with an icon it goes on in the menu bar", async () => {
		const { close, questions } = stage({ platform: "darwin", told: false });
		close();
		await settled();
		expect(questions[0]?.message).toBe(
			"Foredeck goes on in the menu bar and watches your hosts.",
		);
	});

	test("a full-screen window leaves it first, or a black screen would stay", () => {
		const { close, done, window } = stage({
			platform: "darwin",
			fullScreen: true,
		});
		close();
		expect(done).toEqual(["full screen false", "look for a host"]);
		window.emit("leave-full-screen");
		expect(done.at(-1)).toBe("hide");
	});

	test("a click in the Dock raises the window", () => {
		const { app, done } = stage({ platform: "darwin" });
		app.emit("activate");
		expect(done).toEqual(["raise"]);
	});
});
