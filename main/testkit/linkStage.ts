// One link over a scripted transport and a clock of its own, with everything it tells written down.
import type { Result } from "../../shared/fault.ts";
import { ok } from "../../shared/fault.ts";
import type { LinkStatus, Source } from "../../shared/model.ts";
import { hostId } from "../../shared/model.ts";
import { decodeFrame } from "../core/agentApi/decode.ts";
import { openDialGate } from "../core/fleet/dialGate.ts";
import { openWheel } from "../core/fleet/wheel.ts";
import type { LinkPorts } from "../core/link/runner.ts";
import { startLink } from "../core/link/runner.ts";
import type { Fate } from "./memoryTransport.ts";
import { openMemoryTransport } from "./memoryTransport.ts";
import { openVirtualClock, settled } from "./virtualClock.ts";

const ID = hostId("web-1");
export const OPENS: Fate = { kind: "opens" };
export const REFUSED: Fate = {
	kind: "fails",
	phase: "tcp",
	facts: { causes: [{ code: "ECONNREFUSED", message: "refused" }] },
};
/** The upgrade is answered by 404: an agent without a live stream. */
export const NO_STREAM: Fate = {
	kind: "fails",
	phase: "upgrade",
	facts: {
		bytesReceived: 1,
		http: {
			status: 404,
			contentType: null,
			retryAfterMs: null,
			firstBytes: "",
		},
	},
};
/** How a TLS 1.3 server ends a client whose certificate it does not accept. */
export const REJECTED: Fate = {
	kind: "fails",
	phase: "upgrade",
	facts: {
		causes: [{ code: "ECONNRESET", message: "reset" }],
		secureForMs: 20,
	},
};

/** One link over a scripted transport; `fates` are met in order, the last one for ever. */
export function openLinkStage(
	fates: readonly Fate[],
	over: Partial<LinkPorts> = {},
) {
	const clock = openVirtualClock();
	const transport = openMemoryTransport(
		clock,
		(_target, dial) => fates[Math.min(dial, fates.length) - 1] as Fate,
	);
	const gate = openDialGate({ clock });
	const wheel = openWheel(clock);
	const told: string[] = [];
	const statuses: LinkStatus[] = [];
	const polls: {
		readonly source: Source;
		readonly signal: AbortSignal;
		answer(result: Result<void>): void;
	}[] = [];
	const link = startLink(
		{
			id: ID,
			address: "192.0.2.1",
			port: 12443,
			servername: "web-1",
			minTls: "1.2",
			labels: {},
		},
		{
			clock,
			random: () => 0.5,
			log: () => {},
			transport,
			gate,
			wheel,
			priority: () => 1,
			decode: decodeFrame,
			preflight: () => null,
			relist: (source, signal) =>
				new Promise((answer) => polls.push({ source, signal, answer })),
			pollPlan: () => ({ source: "poll", everyMs: 10_000, timeoutMs: 35_000 }),
			extensions: () => [],
			learn: () => Promise.resolve(),
			answerChallenge: (nonce) => ok(`answer to ${nonce}`),
			subscribeFrame: () => null,
			skewMs: () => null,
			onMessage: ({ kind }) => void told.push(kind),
			onDecodeFault: ({ code }) => void told.push(code),
			onStatus: (status) => void statuses.push(status),
			onGreeted: () => void told.push("GREETED"),
			onLost: () => void told.push("LOST"),
			...over,
		},
	);
	const socket = () => {
		const [first, ...others] = transport.socketsOf(ID);
		if (first === undefined || others.length > 0)
			throw new Error(`${others.length + 1} sockets, or none`);
		return first;
	};
	return {
		clock,
		transport,
		gate,
		wheel,
		told,
		statuses,
		polls,
		link,
		socket,
		channels: () => statuses.map(({ channel }) => channel),
		send: (kind: Parameters<typeof link.send>[0]["kind"]) =>
			link.send({ kind }),
		async answer(result: Result<void>) {
			polls.shift()?.answer(result);
			await settled();
		},
		/** Sockets, slots held and wanted, deadlines and timers; all 0 when nothing is left of the link. */
		left() {
			clock.advance(0);
			return [
				transport.held,
				gate.inFlight,
				gate.waiting,
				wheel.size,
				clock.timers,
			];
		},
	};
}

/** Wanted, and a second later live. */
export function openLive(
	over: Partial<LinkPorts> = {},
	fates: readonly Fate[] = [OPENS],
) {
	const stage = openLinkStage(fates, over);
	stage.send("wanted");
	stage.clock.advance(1_000);
	if (stage.link.kind !== "live") throw new Error(stage.link.kind);
	return stage;
}
