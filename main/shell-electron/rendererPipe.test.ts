import { describe, expect, test } from "vitest";
import type { Pipe } from "../../shared/bridge.ts";
import { memoryPipe } from "../../shared/bridge.ts";
import { CHANNEL, PIPE_CLOSED, PIPE_OPENED } from "../../shared/channel.ts";
import type { Fault } from "../../shared/fault.ts";
import type { ChannelEvent, Frame } from "./rendererPipe.ts";
import { senderFacts, serveRenderer } from "./rendererPipe.ts";

const PAGE: Frame = { url: "app://console/index.html", parent: null };
const WINDOW_ID = 7;

/** Electron's channel, our window and a page in it, as objects. */
function stage() {
	let listener: (event: ChannelEvent, ...parts: unknown[]) => void = () => {};
	let gone = (): void => {};
	let destroyed = false;
	const names: string[] = [];
	const shown: string[] = [];
	const pipes: Pipe[] = [];
	const refused: Fault[] = [];
	let attach = (_pipe: Pipe): void => {};
	let page = (_message: string): void => {};
	serveRenderer({
		channel: {
			on(name, heard) {
				names.push(name);
				listener = heard;
			},
		},
		contents: {
			id: WINDOW_ID,
			send(name, message) {
				names.push(name);
				shown.push(message);
				page(message);
			},
			isDestroyed: () => destroyed,
			onGone(heard) {
				gone = heard;
			},
		},
		attach(pipe) {
			pipes.push(pipe);
			attach(pipe);
		},
		onRefused: (why) => refused.push(why),
	});
	const say = (...parts: unknown[]): void =>
		listener({ sender: { id: WINDOW_ID }, senderFrame: PAGE }, ...parts);
	return {
		names,
		shown,
		pipes,
		refused,
		say,
		sayAs: (event: ChannelEvent, ...parts: unknown[]) =>
			listener(event, ...parts),
		gone: () => gone(),
		destroy() {
			destroyed = true;
		},
		onAttach(run: (pipe: Pipe) => void) {
			attach = run;
		},
		onPage(run: (message: string) => void) {
			page = run;
		},
	};
}

/** The two ends of a pipe: ours, and the one of the page. */
type Ends = readonly [core: Pipe, page: Pipe];

const electronEnds = (): Ends => {
	const it = stage();
	let onMessage = (_: string): void => {};
	let onClose = (): void => {};
	it.onPage((message) =>
		message === PIPE_CLOSED ? onClose() : onMessage(message),
	);
	it.say(PIPE_OPENED);
	const core = it.pipes[0];
	if (core === undefined) throw new Error("no pipe was opened");
	return [
		core,
		{
			send: (message) => it.say(message),
			onMessage(listener) {
				onMessage = listener;
			},
			onClose(listener) {
				onClose = listener;
			},
			// A page ends its pipe by leaving.
			close: () => it.gone(),
		},
	];
};

/** Lets everything that a memory pipe has under way arrive. */
const settled = async (): Promise<void> => {
	for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

describe.each([
	["in memory", (): Ends => memoryPipe()],
	["of Electron", electronEnds],
])("a pipe %s", (_, open) => {
	test("carries texts both ways, in order", async () => {
		const [core, page] = open();
		const atCore: string[] = [];
		const atPage: string[] = [];
		core.onMessage((message) => atCore.push(message));
		page.onMessage((message) => atPage.push(message));
		for (const n of [1, 2, 3]) {
			page.send(`ask ${n}`);
			core.send(`frame ${n}`);
		}
		await settled();
		expect(atCore).toEqual(["ask 1", "ask 2", "ask 3"]);
		expect(atPage).toEqual(["frame 1", "frame 2", "frame 3"]);
	});

	test.each(["core", "page"])(
		"tells both ends once when the %s closes it",
		async (side) => {
			const [core, page] = open();
			const told: string[] = [];
			core.onMessage(() => told.push("message"));
			core.onClose(() => told.push("core"));
			page.onClose(() => told.push("page"));
			(side === "core" ? core : page).close();
			(side === "core" ? core : page).close();
			await settled();
			expect(told.sort()).toEqual(["core", "page"]);
		},
	);

	test("carries nothing after it was closed", async () => {
		const [core, page] = open();
		const arrived: string[] = [];
		core.onMessage((message) => arrived.push(message));
		page.onMessage((message) => arrived.push(message));
		core.close();
		page.send("late");
		core.send("late");
		await settled();
		expect(arrived).toEqual([]);
	});
});

describe("the window's channel", () => {
	test("has one name, both ways", () => {
		const it = stage();
		it.say(PIPE_OPENED);
		it.pipes[0]?.send("{}");
		expect(new Set(it.names)).toEqual(new Set([CHANNEL]));
	});

	test("opens no pipe before the page listens, and drops what is said before", () => {
		const it = stage();
		it.say('{"kind":"ask"}');
		expect(it.pipes).toHaveLength(0);
		expect(it.refused).toEqual([]);
	});

	test("gives a reloaded page a new pipe and ends the former one", () => {
		const it = stage();
		const closed: number[] = [];
		it.onAttach((pipe) => {
			const n = it.pipes.length;
			pipe.onClose(() => closed.push(n));
		});
		it.say(PIPE_OPENED);
		it.say(PIPE_OPENED);
		expect(closed).toEqual([1]);
		it.pipes[0]?.send("from the past");
		it.pipes[1]?.send("{}");
		expect(it.shown).toEqual([PIPE_CLOSED, "{}"]);
	});

	test("ends the pipe when the page goes, and says nothing to a destroyed window", () => {
		const it = stage();
		let closed = 0;
		it.onAttach((pipe) => pipe.onClose(() => closed++));
		it.say(PIPE_OPENED);
		it.destroy();
		it.gone();
		it.gone();
		it.pipes[0]?.send("{}");
		expect(closed).toBe(1);
		expect(it.shown).toEqual([]);
	});

	test.each([
		["a number", [1]],
		["an object", [{ kind: "ask" }]],
		["two texts", ["a", "b"]],
		["nothing", []],
		["bytes", [new Uint8Array(3)]],
	])("refuses %s", (_, parts) => {
		const it = stage();
		it.say(PIPE_OPENED);
		it.say(...parts);
		expect(it.refused.map(({ code }) => code)).toEqual(["contract.mismatch"]);
	});

	test.each<[string, ChannelEvent]>([
		["another window", { sender: { id: 8 }, senderFrame: PAGE }],
		[
			"a frame within the page",
			{ sender: { id: WINDOW_ID }, senderFrame: { ...PAGE, parent: PAGE } },
		],
		[
			"a foreign page",
			{
				sender: { id: WINDOW_ID },
				senderFrame: { ...PAGE, url: "https://evil.test/" },
			},
		],
		["a frame that is gone", { sender: { id: WINDOW_ID }, senderFrame: null }],
	])("refuses every message of %s", (_, event) => {
		const it = stage();
		const heard: string[] = [];
		it.onAttach((pipe) => pipe.onMessage((message) => heard.push(message)));
		it.sayAs(event, PIPE_OPENED);
		expect(it.pipes).toHaveLength(0);
		it.say(PIPE_OPENED);
		it.sayAs(event, "{}");
		expect(heard).toEqual([]);
		expect(it.refused.map(({ code }) => code)).toEqual([
			"sender.refused",
			"sender.refused",
		]);
	});
});

describe("the sender's facts", () => {
	test("are those of its frame and window", () => {
		expect(
			senderFacts({ sender: { id: 7 }, senderFrame: PAGE }, { id: 7 }),
		).toEqual({
			isOurWindow: true,
			frame: { url: "app://console/index.html", isTop: true },
		});
		expect(
			senderFacts(
				{
					sender: { id: 9 },
					senderFrame: { url: "about:blank", parent: PAGE },
				},
				{ id: 7 },
			),
		).toEqual({
			isOurWindow: false,
			frame: { url: "about:blank", isTop: false },
		});
	});

	test("tell a frame that was disposed as gone, though asking it throws", () => {
		const disposed: Frame = {
			get url(): string {
				throw new Error(
					"Render frame was disposed before WebFrameMain could be accessed",
				);
			},
			parent: null,
		};
		expect(
			senderFacts({ sender: { id: 7 }, senderFrame: disposed }, { id: 7 })
				.frame,
		).toBeNull();
	});
});
