// The fault proxy itself: each toxic does what its name says.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import { type FaultProxy, openFaultProxy } from "./faultProxy.ts";
import { openTally } from "./tally.ts";

const clock = systemClock();
const closing: (() => unknown)[] = [];

afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

interface End {
	readonly socket: Socket;
	/** Everything received so far. */
	text(): string;
	waitForText(text: string): Promise<unknown>;
	ended: Promise<string>;
}

/** Watches a socket: how it ends is "fin" or an error code. */
function watch(socket: Socket): End {
	let text = "";
	const grown = openTally<string>();
	socket.on("data", (chunk: Buffer) => {
		text += chunk.toString();
		grown.add(text);
	});
	const ended = new Promise<string>((tell) => {
		socket.once("end", () => tell("fin"));
		socket.once("error", (error: NodeJS.ErrnoException) =>
			tell(error.code ?? "error"),
		);
	});
	return {
		socket,
		text: () => text,
		waitForText: (wanted) => grown.waitUntil((seen) => seen.includes(wanted)),
		ended,
	};
}

/** A console, a proxy and an agent. */
async function stage(): Promise<{
	proxy: FaultProxy;
	agents: ReturnType<typeof openTally<End>>;
	dial(): End;
}> {
	const agents = openTally<End>();
	const server = createServer((socket) => {
		closing.push(() => socket.destroy());
		agents.add(watch(socket));
	});
	await new Promise<void>((ready) => {
		server.listen(0, "127.0.0.1", ready);
	});
	closing.push(() => server.close());
	const { port } = server.address() as AddressInfo;
	const proxy = await openFaultProxy(port, clock);
	closing.push(proxy.close);
	return {
		proxy,
		agents,
		dial() {
			const socket = connect(proxy.port, "127.0.0.1");
			closing.push(() => socket.destroy());
			return watch(socket);
		},
	};
}

test("without a toxic everything passes, is counted, and ends are passed on", async () => {
	const { proxy, agents, dial } = await stage();
	const next = proxy.waitForConnection();
	const console = dial();
	console.socket.write("question");
	const agent = await agents.waitFor();
	await agent.waitForText("question");
	agent.socket.end("answer");
	expect(await console.ended).toBe("fin");
	expect(console.text()).toBe("answer");
	const connection = await next;
	expect(connection.bytes).toEqual({ up: 8, down: 6 });
	await proxy.ended.waitFor();
	expect(connection.open).toBe(false);
});

test("latency delays and keeps the order", async () => {
	const { proxy, agents, dial } = await stage();
	proxy.set({ latencyMs: 40 });
	const console = dial();
	const since = clock.monotonicMs();
	console.socket.write("a");
	console.socket.write("b");
	const agent = await agents.waitFor();
	await agent.waitForText("ab");
	expect(clock.monotonicMs() - since).toBeGreaterThanOrEqual(39);
});

test("a black hole holds everything back, ends too, and healing delivers it", async () => {
	const { proxy, agents, dial } = await stage();
	const console = dial();
	const agent = await agents.waitFor();
	const connection = await proxy.connections.waitFor();
	proxy.set({ blackHole: true });
	const read = connection.waitForBytes("up");
	console.socket.end("late");
	await read;
	expect(agent.text()).toBe("");
	expect(connection.open).toBe(true);
	proxy.set({});
	await agent.waitForText("late");
	expect(await agent.ended).toBe("fin");
});

test("a stall lets exactly so many bytes through", async () => {
	const { proxy, agents, dial } = await stage();
	proxy.set({ stallAfterBytes: { direction: "up", bytes: 3 } });
	const console = dial();
	console.socket.write("abcdef");
	const agent = await agents.waitFor();
	await agent.waitForText("abc");
	agent.socket.write("still open the other way");
	await console.waitForText("other way");
	expect(agent.text()).toBe("abc");
});

test.each([
	["cutAfterBytes", "fin"],
	["resetAfterBytes", "ECONNRESET"],
] as const)("%s ends with %s", async (toxic, end) => {
	const { proxy, dial, agents } = await stage();
	proxy.set({ [toxic]: { direction: "down", bytes: 5 } });
	const console = dial();
	(await agents.waitFor()).socket.write("0123456789");
	expect(await console.ended).toBe(end);
	if (toxic === "cutAfterBytes") expect(console.text()).toBe("01234");
	await proxy.ended.waitFor();
});

test("slices are small and everything arrives", async () => {
	const { proxy, agents, dial } = await stage();
	proxy.set({ slice: { bytes: 2, everyMs: 1 } });
	const console = dial();
	console.socket.write("0123456789");
	const agent = await agents.waitFor();
	await agent.waitForText("0123456789");
});

test("refused connections are reset, later ones are not", async () => {
	const { proxy, agents, dial } = await stage();
	proxy.set({ refuse: true });
	expect(await dial().ended).toBe("ECONNRESET");
	proxy.set({});
	dial();
	await agents.waitFor();
});

test("a proxy that stops accepting refuses, and accepts again on the same port", async () => {
	const { proxy, agents, dial } = await stage();
	await proxy.stopAccepting();
	expect(await dial().ended).toBe("ECONNREFUSED");
	await proxy.accept();
	dial();
	await agents.waitFor();
});

test("cutAll and resetAll end every connection", async () => {
	const { proxy, dial } = await stage();
	const first = dial();
	await proxy.connections.waitFor(1);
	proxy.cutAll();
	expect(await first.ended).toBe("fin");
	const second = dial();
	await proxy.connections.waitFor(2);
	proxy.resetAll();
	expect(await second.ended).toBe("ECONNRESET");
	await proxy.ended.waitFor(2);
});
