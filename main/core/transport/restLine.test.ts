// REST dials and the fleet's gate, over real sockets.
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, openRestStage, PLENTY } from "../../testkit/restStage.ts";

const { stage, peerWith, restTo } = openRestStage();
afterEach(stage.close);

describe("the fleet's gate", () => {
	function openGate() {
		const waiting: (() => void)[] = [];
		let inUse = 0;
		return {
			gate: (start: () => void) => {
				const place = () => {
					inUse++;
					start();
				};
				waiting.push(place);
				let released = false;
				return () => {
					if (released) return;
					released = true;
					const index = waiting.indexOf(place);
					if (index >= 0) waiting.splice(index, 1);
					else inUse--;
				};
			},
			grant: () => waiting.shift()?.(),
			figures: () => ({ waiting: waiting.length, inUse }),
		};
	}

	test("holds the dial, and the deadline starts when it opens", async () => {
		const peer = await peerWith();
		const { gate, grant, figures } = openGate();
		const rest = restTo(peer.port, { gate });
		const answer = rest.get("/a", { timeoutMs: 500, maxBytes: 100 });
		await Promise.resolve();
		expect(figures()).toEqual({ waiting: 1, inUse: 0 });
		expect(peer.connections.all).toHaveLength(0);
		grant();
		expect((await answer).status).toBe(200);
		expect(figures()).toEqual({ waiting: 0, inUse: 0 });
		await rest.get("/b", PLENTY);
		expect(figures()).toEqual({ waiting: 0, inUse: 0 });
	});

	test("gets its place back when the dial fails or nobody waits any more", async () => {
		const peer = await peerWith({ muteTcp: true });
		const { gate, grant, figures } = openGate();
		const rest = restTo(peer.port, { gate });
		const queued = new AbortController();
		const first = failureOf(
			rest.get("/a", { ...PLENTY, signal: queued.signal }),
		);
		await Promise.resolve();
		queued.abort();
		await first;
		expect(figures()).toEqual({ waiting: 0, inUse: 0 });
		const second = failureOf(rest.get("/b", { ...PLENTY, timeoutMs: 30 }));
		await Promise.resolve();
		grant();
		expect((await second).timedOut).toBe(true);
		expect(figures()).toEqual({ waiting: 0, inUse: 0 });
	});
});
