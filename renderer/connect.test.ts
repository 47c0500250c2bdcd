import { expect, test } from "vitest";
import type { Handlers } from "../shared/bridge.ts";
import { memoryPipe, serve } from "../shared/bridge.ts";
import type { Clock } from "../shared/clock.ts";
import { failed, fault, ok } from "../shared/fault.ts";
import { connect, pipeAddress, waitMs } from "./connect.ts";
import { hostRow, NOW, snapshotOf } from "./store/fixtures.ts";
import { createCoreStore } from "./store/sync.ts";

test("the pipe lies beside the page, encrypted when the page is", () => {
	expect(pipeAddress("http://127.0.0.1:4800")).toBe("ws://127.0.0.1:4800/pipe");
	expect(pipeAddress("https://bastion")).toBe("wss://bastion/pipe");
});

test("waits between attempts double from half a second to five", () => {
	expect([1, 2, 3, 4, 5, 50].map(waitMs)).toEqual([
		500, 1_000, 2_000, 4_000, 5_000, 5_000,
	]);
});

const still: Clock = {
	monotonicMs: () => 0,
	wallMs: () => NOW,
	at: () => () => {},
};
const nothingToSay = () => failed(fault("internal.bug"));
const handlers: Handlers = {
	"session.read": nothingToSay,
	"fleet.offerImport": nothingToSay,
	"fleet.import": nothingToSay,
	"fleet.resync": () => ok({}),
	"link.retry": nothingToSay,
	"link.pause": nothingToSay,
	"view.attend": nothingToSay,
	"host.history": nothingToSay,
	"history.search": nothingToSay,
	"history.jobs": nothingToSay,
	"history.job": nothingToSay,
	"history.offerForget": nothingToSay,
	"history.forget": nothingToSay,
	"host.diagnose": nothingToSay,
	"run.output": nothingToSay,
	"view.watch": nothingToSay,
	"inbox.read": nothingToSay,
	"inbox.markRead": nothingToSay,
	"identity.list": nothingToSay,
	"identity.import": nothingToSay,
	"identity.offerRemoval": nothingToSay,
	"notify.test": nothingToSay,
	"settings.read": nothingToSay,
	"settings.change": nothingToSay,
	"update.read": nothingToSay,
	"update.check": nothingToSay,
	"update.install": nothingToSay,
	"update.postpone": nothingToSay,
	"identity.remove": nothingToSay,
	"export.begin": nothingToSay,
	"export.append": nothingToSay,
	"export.end": nothingToSay,
};
const settled = (): Promise<void> =>
	new Promise((resolve) => setImmediate(resolve));

declare function setImmediate(run: () => void): void;

test("the preload's pipe is followed at once, and its end is said to need a reload", async () => {
	const [coreEnd, windowEnd] = memoryPipe();
	const served = serve(coreEnd, handlers, () => {});
	const store = createCoreStore();
	const connection = connect(store, still, "app://console", windowEnd);
	await served.post("fleet", snapshotOf({ hosts: [hostRow("a")] }));
	expect(store.getState().line.kind).toBe("open");
	expect(store.getState().fleet.hostOrder).toEqual(["a"]);

	served.close();
	await settled();
	expect(connection.current()).toBeNull();
	expect(store.getState().line).toEqual({
		kind: "closed",
		sinceAt: NOW,
		attempt: 1,
		retryAt: null,
		neverOpened: false,
	});
	// What was known stays on the screen.
	expect(store.getState().fleet.hostOrder).toEqual(["a"]);
});
