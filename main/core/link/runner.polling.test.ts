// A link whose socket is impossible: polls, probes, and the way back.
import { describe, expect, test } from "vitest";
import { failed, fault, ok } from "../../../shared/fault.ts";
import {
	NO_STREAM,
	OPENS,
	openLinkStage,
	REFUSED,
} from "../../testkit/linkStage.ts";
import type { Fate } from "../../testkit/memoryTransport.ts";
import { settled } from "../../testkit/virtualClock.ts";

describe("an agent without a live stream", () => {
	/** Polled since a second. */
	async function openPolled(fates: readonly Fate[]) {
		const stage = openLinkStage(fates);
		stage.send("wanted");
		await stage.clock.pass(1_000);
		expect(stage.link.status.channel).toBe("polling");
		return stage;
	}

	test("is polled at once, and every ten seconds after an answer", async () => {
		const { clock, polls, answer, transport } = await openPolled([NO_STREAM]);
		expect(polls.map(({ source }) => source)).toEqual(["poll"]);
		for (let i = 0; i < 4; i++) {
			await answer(ok(undefined));
			expect(polls).toHaveLength(0);
			await clock.pass(10_200);
			expect(polls).toHaveLength(1);
		}
		expect([transport.dials, transport.held]).toEqual([1, 0]);
	});

	test("C4: an agent without a live stream gets its socket back after the first healthy list over it, and is polled no more", async () => {
		const { clock, link, polls, answer, socket, told, transport } =
			await openPolled([NO_STREAM, OPENS]);
		for (let s = 0; s < 61 && transport.dials === 1; s++) {
			await answer(ok(undefined));
			await clock.pass(1_000);
		}
		expect(socket().stage).toBe("open");
		expect(polls.map(({ source }) => source)).toEqual(["reconcile"]);
		expect(link.status.channel).toBe("polling");
		await answer(ok(undefined));
		expect(link.kind).toBe("live");
		expect(told.filter((word) => word === "GREETED")).toHaveLength(1);
		await clock.pass(25_000);
		expect(polls).toHaveLength(0);
	});

	test("C4: it stays polled when the list over the new socket fails", async () => {
		const { clock, link, polls, answer, send, transport } = await openPolled([
			NO_STREAM,
			OPENS,
		]);
		await answer(ok(undefined));
		send("probeAsked");
		await clock.pass(100);
		await answer(failed(fault("http.503")));
		expect(link.kind).toBe("polling");
		expect(transport.held).toBe(0);
		expect(polls.map(({ source }) => source)).toEqual(["poll"]);
	});

	test("is tried at once when told, and the poll under way is forgotten", async () => {
		const { clock, polls, send, answer, link } = await openPolled([
			NO_STREAM,
			OPENS,
		]);
		const old = polls.shift();
		send("probeAsked");
		await clock.pass(100);
		old?.answer(ok(undefined));
		await settled();
		expect(link.kind).toBe("dialing");
		await answer(ok(undefined));
		expect(link.kind).toBe("live");
	});

	test("ends the list that is being read when it is paused, whatever an older one answered meanwhile", async () => {
		const { clock, polls, send } = await openPolled([NO_STREAM, OPENS]);
		const old = polls.shift();
		send("probeAsked");
		await clock.pass(100);
		old?.answer(ok(undefined));
		await settled();
		const [list] = polls;
		expect([old?.signal.aborted, list?.signal.aborted]).toEqual([true, false]);
		send("unwanted");
		expect(list?.signal.aborted).toBe(true);
	});

	test("that answers no poll either is lost after three, and dialed", async () => {
		const { clock, link, answer } = await openPolled([NO_STREAM, REFUSED]);
		for (let miss = 0; miss < 3; miss++) {
			expect(link.status.channel).toBe("polling");
			await answer(failed(fault("tcp.refused")));
			if (miss < 2) await clock.pass(6_200);
		}
		expect(link.status).toMatchObject({
			channel: "reconnecting",
			fault: "tcp.refused",
			attempt: 3,
		});
	});

	test("C7: that answers polls by errors for ever is dialed with a back-off of its own, as polls are no proof of health", async () => {
		const { clock, send, transport } = openLinkStage([NO_STREAM], {
			relist: () => Promise.resolve(failed(fault("http.429"))),
		});
		const at: number[] = [];
		send("wanted");
		for (let ms = 0; ms < 400_000; ms += 100) {
			await clock.pass(100);
			while (at.length < transport.dials) at.push(ms);
		}
		const pauses = at
			.slice(1)
			.map((ms, i) => Math.round((ms - (at[i] ?? 0)) / 1_000));
		// Three polls 5.5 s apart, then 5 s (no sooner after any error), 8, 16, 32 and 60 s.
		expect(pauses.slice(0, 6)).toEqual([16, 19, 27, 43, 71, 71]);
	});

	test("whose poll hangs is asked again", async () => {
		const { clock, polls, link } = await openPolled([NO_STREAM]);
		await clock.pass(35_200);
		expect(link.kind).toBe("polling");
		await clock.pass(6_200);
		expect(polls).toHaveLength(2);
	});

	test("keeps being polled when reading its list throws", async () => {
		const stage = openLinkStage([NO_STREAM], {
			relist: () => Promise.reject(new Error("a bug")),
		});
		stage.send("wanted");
		await stage.clock.pass(1_000);
		expect(stage.link.kind).toBe("polling");
		await stage.clock.pass(20_000);
		expect(stage.statuses.map(({ fault: code }) => code)).toContain(
			"internal.bug",
		);
	});
});
