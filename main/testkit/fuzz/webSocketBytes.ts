// What a peer may put on a WebSocket, right and wrong, byte by byte (RFC 6455 sections 5 to 7): a list in the manner of the
// Autobahn suite, with the close code that each wrong one must be answered by.
import type { FaultCode } from "../../../shared/fault.ts";
import type { Chance } from "./chance.ts";
import { FRAMES } from "./corpus.ts";
import { bytesOf, mutated } from "./mutate.ts";

/** The parts of a frame as they stand on the wire, allowed or not. */
export interface FrameWish {
	readonly opcode: number;
	/** Default true. */
	readonly fin?: boolean;
	/** The three reserved bits as a number; default 0. */
	readonly reserved?: number;
	readonly masked?: boolean;
	readonly payload?: Buffer | string;
	/** What the header says of the length; default the truth. */
	readonly claims?: bigint;
}

/** A frame as wished. */
export function bytesOfFrame(wish: FrameWish): Buffer {
	const { opcode, fin = true, reserved = 0, masked = false } = wish;
	const payload = Buffer.from(wish.payload ?? "");
	const length = wish.claims ?? BigInt(payload.length);
	const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
	const mask = masked ? 0x80 : 0;
	const head =
		length < 126n
			? Buffer.from([first, mask | Number(length)])
			: Buffer.concat([Buffer.from([first, mask | 127]), uint64(length)]);
	if (!masked) return Buffer.concat([head, payload]);
	// A key of zeros leaves the payload as it is.
	return Buffer.concat([head, Buffer.alloc(4), payload]);
}

function uint64(value: bigint): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(value);
	return bytes;
}

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const MIB = 1_048_576;

/** One conversation. */
export interface Wire {
	readonly name: string;
	readonly bytes: Buffer;
	/** The close code that must answer it; null: none, the connection goes on or is cut. */
	readonly answer: number | null;
	/** Of the link that was lost; null: none is lost. */
	readonly fault: FaultCode | null;
}

const said = (
	name: string,
	answer: number | null,
	...frames: readonly FrameWish[]
): Wire => ({
	name,
	answer,
	fault: faultOf(answer),
	bytes: Buffer.concat(frames.map(bytesOfFrame)),
});

/** What a link is lost by when we close it with this code, or answer such a close. */
function faultOf(answer: number | null): FaultCode | null {
	if (answer === null) return null;
	if (answer === 1009) return "ws.too-big";
	if (answer === 1005) return "agent.draining";
	return answer === 1002 || answer === 1007 ? "ws.protocol-error" : "tcp.reset";
}

const closed = (code: number, reason: Buffer | string = ""): FrameWish => {
	const body = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)]);
	body.writeUInt16BE(code);
	return { opcode: CLOSE, payload: body };
};

const GREETING = JSON.stringify({
	event: "subscribed",
	message: "žluťoučký 💥",
});
const HALF = Buffer.from(GREETING).subarray(0, -4);
const REST = Buffer.from(GREETING).subarray(-4);
const NO_UTF8 = Buffer.from([0x22, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0x22]);

/** What must be taken, and the link stay up. */
export const GOOD_WIRES: readonly Wire[] = [
	said(
		"a text in two fragments, cut within a character",
		null,
		{ opcode: TEXT, fin: false, payload: HALF },
		{ opcode: CONTINUATION, payload: REST },
	),
	said(
		"a ping between two fragments",
		null,
		{ opcode: TEXT, fin: false, payload: HALF },
		{ opcode: PING, payload: "p" },
		{ opcode: CONTINUATION, payload: REST },
	),
	said(
		"empty fragments",
		null,
		{ opcode: TEXT, fin: false },
		{ opcode: CONTINUATION, fin: false },
		{ opcode: CONTINUATION, payload: GREETING },
	),
	said("a ping of 125 bytes", null, { opcode: PING, payload: "x".repeat(125) }),
	said("a pong that nobody asked for", null, { opcode: PONG, payload: "x" }),
	said("one empty text", null, { opcode: TEXT }),
	said("one binary frame", null, { opcode: BINARY, payload: "x" }),
	said(
		"40 pings at once",
		null,
		...Array.from({ length: 40 }, () => ({ opcode: PING, payload: "x" })),
	),
	said("a text of exactly 1 MiB", null, {
		opcode: TEXT,
		payload: `"${"x".repeat(MIB - 2)}"`,
	}),
	said("a length in eight bytes that fits into one", null, {
		opcode: TEXT,
		payload: GREETING,
	}),
];

const reservedOpcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) =>
	said(`the reserved opcode ${opcode}`, 1002, { opcode }),
);
const reservedBits = [1, 2, 3, 4, 5, 6, 7].map((reserved) =>
	said(`the reserved bits ${reserved}`, 1002, {
		opcode: TEXT,
		reserved,
		payload: GREETING,
	}),
);
const longControls = [CLOSE, PING, PONG].flatMap((opcode) => [
	said(`a control frame ${opcode} of 126 bytes`, 1002, {
		opcode,
		payload: "x".repeat(126),
	}),
	said(`a control frame ${opcode} in fragments`, 1002, { opcode, fin: false }),
]);
const badCloses = [0, 999, 1004, 1005, 1006, 1016, 2999, 5000, 65_535].map(
	(code) => said(`a close with the code ${code}`, 1002, closed(code)),
);

/** What must end the connection, by this code. */
export const BAD_WIRES: readonly Wire[] = [
	...reservedOpcodes,
	...reservedBits,
	...longControls,
	...badCloses,
	said("a masked text", 1002, {
		opcode: TEXT,
		masked: true,
		payload: GREETING,
	}),
	said("a continuation of nothing", 1002, {
		opcode: CONTINUATION,
		payload: GREETING,
	}),
	said(
		"a new text within a text",
		1002,
		{ opcode: TEXT, fin: false, payload: HALF },
		{ opcode: TEXT, payload: GREETING },
	),
	said("a close of one byte", 1002, { opcode: CLOSE, payload: "x" }),
	said("a close whose reason is no UTF-8", 1007, closed(1000, NO_UTF8)),
	said("a text that is no UTF-8", 1007, { opcode: TEXT, payload: NO_UTF8 }),
	said(
		"fragments that are no UTF-8 together",
		1007,
		{ opcode: TEXT, fin: false, payload: Buffer.from([0xe2, 0x82]) },
		{ opcode: CONTINUATION, payload: "x" },
	),
	said("a text of 1 MiB and one byte", 1009, {
		opcode: TEXT,
		payload: Buffer.alloc(MIB + 1, 0x20),
	}),
	said("a text that claims a terabyte", 1009, {
		opcode: TEXT,
		claims: 1n << 40n,
		payload: "x",
	}),
	said("a text that claims more than 2^53 bytes", 1009, {
		opcode: TEXT,
		claims: 1n << 60n,
		payload: "x",
	}),
	said(
		"fragments of more than 1 MiB together",
		1009,
		{ opcode: TEXT, fin: false, payload: Buffer.alloc(MIB, 0x20) },
		{ opcode: CONTINUATION, payload: "xx" },
	),
	said("a goodbye", 1000, closed(1000, "bye")),
	said("a goodbye without a code", 1005, { opcode: CLOSE }),
	said("a goodbye with a code of its own", 4999, closed(4999, "x".repeat(123))),
	said("an announced restart", 1012, closed(1012)),
];

const OPCODES = [
	CONTINUATION,
	TEXT,
	TEXT,
	TEXT,
	TEXT,
	BINARY,
	CLOSE,
	PING,
	PONG,
	3,
	11,
];

/** Without challenges: after one, a link waits ten seconds for the next. */
const SEEDS = FRAMES.filter((text) => !text.includes("challenge"));

/** Frames of broken messages, of which some are broken frames too. */
export function randomWire(chance: Chance): Buffer {
	const frames = Array.from({ length: 40 }, () => {
		const payload = bytesOf(mutated(SEEDS, chance), chance);
		if (chance.happens(0.9)) return bytesOfFrame({ opcode: TEXT, payload });
		return bytesOfFrame({
			opcode: chance.pick(OPCODES),
			fin: chance.happens(0.8),
			reserved: chance.happens(0.9) ? 0 : chance.below(8),
			masked: chance.happens(0.1),
			payload: payload.subarray(0, chance.below(300)),
		});
	});
	return Buffer.concat(frames);
}
