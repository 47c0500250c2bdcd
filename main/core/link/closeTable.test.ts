// Every way in which a socket can end, against every moment at which it can: what it is called, how loudly it is logged, how
// long the link waits, and what a person reads. The table of 03-BEHAVIOUR section 1, in full.
import { expect, test } from "vitest";
import type { FaultCode } from "../../../shared/fault.ts";
import type { Channel } from "../../../shared/model.ts";
import { openLinkStage, REFUSED } from "../../testkit/linkStage.ts";
import type { Fate, MemorySocket } from "../../testkit/memoryTransport.ts";

/** When the socket ended: before the agent greeted, within 5 s of it, or later. */
const MOMENTS = ["before live", "young", "settled"] as const;
type Moment = (typeof MOMENTS)[number];
/** The link was refused twice before, so the next step of its back-off would be 4 s; a fresh one begins with 1 s. */
const ESCALATED_S = 4;
const FRESH_S = 1;

interface Expected {
	readonly fault: FaultCode;
	readonly channel: Channel;
	/** Until the next dial, by moment. */
	readonly waitS: Readonly<Record<Moment, number>>;
	/** In a log, of a link that was live. */
	readonly level: "info" | "warn";
	/** What a person reads of a link that was live. */
	readonly says: string;
}

const unexpected = (fault: FaultCode, says: string): Expected => ({
	fault,
	channel: "reconnecting",
	waitS: {
		"before live": ESCALATED_S,
		young: ESCALATED_S,
		settled: FRESH_S,
	},
	level: "warn",
	says,
});
const planned = (says: string): Expected => ({
	fault: "agent.draining",
	channel: "reconnecting",
	// Before live nothing was promised yet: only a link that was greeted is told goodbye.
	waitS: { "before live": ESCALATED_S, young: FRESH_S, settled: FRESH_S },
	level: "info",
	says,
});
const closedWith = (code: number, words = ""): Expected =>
	unexpected(
		"tcp.reset",
		`the agent closed the live socket with code ${code}${words}`,
	);
const protocol = (code: number, words = ""): Expected =>
	unexpected(
		"ws.protocol-error",
		`the socket was closed with code ${code}${words}`,
	);

type Row = readonly [
	what: string,
	end: (socket: MemorySocket) => void,
	Expected,
];

const code = (number: number, reason: string, expected: Expected): Row => [
	`${number} ${JSON.stringify(reason)}`,
	(socket) => socket.end(number, reason),
	expected,
];

const ROWS: readonly Row[] = [
	code(1000, "", closedWith(1000)),
	code(1000, "done", closedWith(1000, " (done)")),
	code(1001, "", planned("the agent is being stopped or deployed")),
	code(
		1001,
		"drain:deploy",
		planned("the agent is being stopped (drain:deploy)"),
	),
	code(
		1001,
		"drain:operator",
		planned("the agent is being stopped (drain:operator)"),
	),
	code(1001, "bye", planned("the agent is being stopped (bye)")),
	code(1002, "", protocol(1002)),
	code(1003, "", protocol(1003)),
	code(1004, "", closedWith(1004)),
	code(1005, "", planned("the agent said goodbye")),
	code(1007, "", protocol(1007)),
	code(1008, "policy", protocol(1008, " (policy)")),
	code(1010, "", closedWith(1010)),
	code(1011, "panic", closedWith(1011, " (panic)")),
	code(1012, "", closedWith(1012)),
	code(1013, "", closedWith(1013)),
	code(1014, "", closedWith(1014)),
	code(1015, "", closedWith(1015)),
	code(3000, "", closedWith(3000)),
	code(4000, "replaced?", closedWith(4000, " (replaced?)")),
	code(4999, "", closedWith(4999)),
	[
		"an end of the stream without a close frame",
		(socket) => socket.end(),
		unexpected("tcp.reset", "the connection was cut without a goodbye"),
	],
	[
		"a read error",
		(socket) =>
			socket.fail({
				close: { code: 1006, reason: "" },
				causes: [{ code: "ECONNRESET", message: "read ECONNRESET" }],
				bytesReceived: 1,
			}),
		unexpected("tcp.reset", "the connection was cut without a goodbye"),
	],
	[
		"a write error",
		(socket) =>
			socket.fail({
				close: { code: 1006, reason: "" },
				causes: [{ code: "EPIPE", message: "write EPIPE" }],
				bytesReceived: 1,
			}),
		unexpected("tcp.reset", "the connection was cut without a goodbye"),
	],
	code(1000, "replaced", {
		...unexpected(
			"session.replaced",
			"another console took over this identity’s session",
		),
		// A minute and a little more: asked waits are spread upwards, by half of 5 s at a middling chance.
		waitS: { "before live": 62.5, young: 62.5, settled: 62.5 },
	}),
	code(1009, "", {
		...unexpected("ws.too-big", "polling: a message larger than 1 MiB"),
		channel: "polling",
		// The first poll is at once; the socket is tried again after a minute.
		waitS: { "before live": 60, young: 60, settled: 60 },
	}),
];

/** Refused twice, then open; greeted or not, as the moment demands. */
async function bring(moment: Moment) {
	const opens: Fate = {
		kind: "opens",
		...(moment === "before live" ? { greet: [] } : {}),
	};
	const levels: string[] = [];
	const stage = openLinkStage([REFUSED, REFUSED, opens], {
		// Unknown, and reading it takes longer than the greeting: the link is not live before a second has passed.
		...(moment === "before live"
			? { extensions: () => null, learn: () => new Promise<void>(() => {}) }
			: {}),
		log: (level) => void levels.push(level),
		relist: () => Promise.resolve({ ok: true, value: undefined }),
	});
	const { clock, transport } = stage;
	stage.send("wanted");
	const waitFor = async (isTrue: () => boolean): Promise<void> => {
		for (let ms = 0; !isTrue(); ms += 50) {
			if (ms > 120_000) throw new Error(`never: ${stage.link.kind}`);
			await clock.pass(50);
		}
	};
	await waitFor(() => transport.all()[0]?.stage === "open");
	if (moment !== "before live") await waitFor(() => stage.link.kind === "live");
	if (moment === "settled") clock.advance(6_000);
	levels.length = 0;
	return { ...stage, levels, waitFor };
}

test.each(
	ROWS.flatMap((row) =>
		MOMENTS.map((moment) => [row[0], moment, row] as const),
	),
)(
	"C10: %s, %s: exact class, log level, delay and words",
	async (_what, moment, [, end, expected]) => {
		const { clock, link, socket, transport, levels, waitFor } =
			await bring(moment);
		expect(link.kind === "live").toBe(moment !== "before live");
		const dialsBefore = transport.dials;
		const endedMs = clock.monotonicMs();
		end(socket());
		expect(link.status).toMatchObject({
			channel: expected.channel,
			fault: expected.fault,
		});
		expect(link.status.nextStep).toBeTruthy();
		if (moment !== "before live") {
			expect(link.status.sentence).toBe(expected.says);
			expect(levels).toEqual([expected.level]);
		}
		await waitFor(() => transport.dials > dialsBefore);
		const waitedS = (clock.monotonicMs() - endedMs) / 1_000;
		// The wheel ticks, and the gate takes a turn: a quarter of a second at most together.
		expect(waitedS).toBeGreaterThanOrEqual(expected.waitS[moment]);
		expect(waitedS).toBeLessThanOrEqual(expected.waitS[moment] + 0.25);
	},
);

test("C10: a host whose socket was closed by 1009 is polled at once", () => {
	const { link, polls, clock, socket } = openLinkStage([{ kind: "opens" }]);
	link.send({ kind: "wanted" });
	clock.advance(7_000);
	socket().end(1009);
	expect(polls).toHaveLength(1);
});

test.each([1000, 1002, 1008, 4001])(
	"C10: a close by %i with the reason auth_failed stops after three tries",
	(number) => {
		const { link, clock, transport } = openLinkStage([{ kind: "opens" }]);
		link.send({ kind: "wanted" });
		for (let s = 0; s < 60; s++) {
			for (const socket of transport.all())
				if (socket.stage === "open") socket.end(number, "auth_failed");
			clock.advance(1_000);
		}
		expect(transport.dials).toBe(3);
		expect(link.status).toMatchObject({
			channel: "blocked",
			fault: "auth.failed",
		});
	},
);
