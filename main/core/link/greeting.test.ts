import { describe, expect, test } from "vitest";
import { failed, fault, ok } from "../../../shared/fault.ts";
import { openVirtualClock, settled } from "../../testkit/virtualClock.ts";
import type { AgentMessage } from "../agentApi/message.ts";
import type { GreetingPorts } from "./greeting.ts";
import { openGreeting } from "./greeting.ts";

const CONNECTED: AgentMessage = { kind: "connected", at: null };
const NONCE = Buffer.alloc(16, 7).toString("base64");
const CHALLENGED: AgentMessage = { kind: "challenge", nonce: NONCE };
const AUTH_OK: AgentMessage = { kind: "authOk" };

/** A greeting under way, and everything it said in one list. */
function open(
	extensions: readonly string[] | null,
	over: Partial<GreetingPorts> = {},
) {
	const clock = openVirtualClock();
	const said: string[] = [];
	let known = extensions;
	let learned = (): void => {};
	const greeting = openGreeting({
		clock,
		extensions: () => known,
		learn() {
			said.push("learns");
			return new Promise<void>((resolve) => {
				learned = resolve;
			});
		},
		isFresh: () => true,
		answerChallenge: (nonce) => ok(`answer to ${nonce}`),
		send: (text) => void said.push(text),
		greeted: () => void said.push("greeted"),
		refused: ({ code, sentence }) => void said.push(`${code}: ${sentence}`),
		...over,
	});
	return {
		clock,
		said,
		greeting,
		async learn(found: readonly string[] | null) {
			known = found;
			learned();
			await settled();
		},
	};
}

describe("an agent without challenge", () => {
	test("has greeted us with its first word", () => {
		const { clock, said, greeting } = open([]);
		expect(said).toEqual([]);
		greeting.take(CONNECTED);
		expect(said).toEqual(["greeted"]);
		expect(clock.timers).toBe(0);
	});

	test("has greeted us a second after the opening when it says nothing", () => {
		const { clock, said } = open([]);
		clock.advance(999);
		expect(said).toEqual([]);
		clock.advance(1);
		expect(said).toEqual(["greeted"]);
		clock.advance(60_000);
		expect(said).toEqual(["greeted"]);
	});

	test("has not greeted us with another word", () => {
		const { said, greeting } = open([]);
		greeting.take({ kind: "acknowledged", word: "subscribed" });
		expect(said).toEqual([]);
	});
});

describe("an agent we do not know yet", () => {
	test("is asked, and has greeted us when it offers no challenge", async () => {
		const { said, greeting, learn } = open(null);
		greeting.take(CONNECTED);
		expect(said).toEqual(["learns"]);
		await learn(["events.v1"]);
		expect(said).toEqual(["learns", "greeted"]);
	});

	test("is waited for when it turns out to offer one", async () => {
		const { clock, said, greeting, learn } = open(null);
		greeting.take(CONNECTED);
		await learn(["challenge.v1"]);
		clock.advance(5_000);
		greeting.take(CHALLENGED);
		greeting.take(AUTH_OK);
		expect(said).toEqual(["learns", `answer to ${NONCE}`, "greeted"]);
	});

	test("has greeted us after a second when asking brings nothing", async () => {
		const { clock, said, greeting, learn } = open(null);
		greeting.take(CONNECTED);
		await learn(null);
		expect(said).toEqual(["learns"]);
		clock.advance(1_000);
		expect(said).toEqual(["learns", "greeted"]);
	});

	test("is waited for when it challenges before we were told", () => {
		const { clock, said, greeting } = open(null);
		greeting.take(CHALLENGED);
		clock.advance(2_000);
		expect(said).toEqual([`answer to ${NONCE}`]);
		greeting.take(AUTH_OK);
		expect(said).toEqual([`answer to ${NONCE}`, "greeted"]);
	});
});

describe("an agent with challenge", () => {
	test("has greeted us with its verdict only", () => {
		const { clock, said, greeting } = open(["challenge.v1"]);
		greeting.take(CONNECTED);
		clock.advance(1_500);
		expect(said).toEqual([]);
		greeting.take(CHALLENGED);
		greeting.take(AUTH_OK);
		expect(said).toEqual([`answer to ${NONCE}`, "greeted"]);
		expect(clock.timers).toBe(0);
	});

	test("C12: a challenge that does not come to a verdict in 10 s is given up", () => {
		for (const words of [[], [CONNECTED], [CONNECTED, CHALLENGED]]) {
			const { clock, said, greeting } = open(["challenge.v1"]);
			for (const word of words) greeting.take(word);
			clock.advance(9_999);
			expect(said.join()).not.toContain("auth.timeout");
			clock.advance(1);
			expect(said.at(-1)).toMatch(/^auth\.timeout: /);
		}
	});

	const refused: readonly (readonly [
		string,
		readonly AgentMessage[],
		RegExp,
	])[] = [
		[
			"sends a nonce that is too short",
			[{ kind: "challenge", nonce: Buffer.alloc(15).toString("base64") }],
			/too short/,
		],
		["sends no nonce", [{ kind: "challenge", nonce: "" }], /too short/],
		["challenges twice", [CHALLENGED, CHALLENGED], /second challenge/],
		["talks in between", [CHALLENGED, CONNECTED], /something else/],
		[
			"uses a word in between that we do not know",
			[CHALLENGED, { kind: "unknown", word: "x" }],
			/something else/,
		],
		[
			"refuses our answer",
			[CHALLENGED, { kind: "authFailed", reason: "no such key" }],
			/: no such key$/,
		],
		[
			"refuses without a reason",
			[CHALLENGED, { kind: "authFailed", reason: "" }],
			/: no reason given$/,
		],
		["accepts what was never given", [AUTH_OK], /never given/],
	];
	test.each(refused)("that %s is refused", (_name, words, told) => {
		const { clock, said, greeting } = open(["challenge.v1"]);
		for (const word of words) greeting.take(word);
		expect(said.at(-1)).toMatch(/^auth\.failed: /);
		expect(said.at(-1)).toMatch(told);
		const before = said.length;
		greeting.take(AUTH_OK);
		clock.advance(60_000);
		expect(said).toHaveLength(before);
	});

	test("C17: an agent that repeats an old challenge is refused without an answer", () => {
		const { said, greeting } = open(["challenge.v1"], { isFresh: () => false });
		greeting.take(CHALLENGED);
		expect(said).toHaveLength(1);
		expect(said[0]).toMatch(/^auth\.failed: .*sent before/);
	});

	test("that goes on at length is quoted in part", () => {
		const { said, greeting } = open(["challenge.v1"]);
		greeting.take(CHALLENGED);
		greeting.take({ kind: "authFailed", reason: "x".repeat(10_000) });
		expect(said.at(-1)?.length).toBeLessThan(400);
	});

	test("cannot be answered without a key", () => {
		const { said, greeting } = open(["challenge.v1"], {
			answerChallenge: () => failed(fault("identity.absent")),
		});
		greeting.take(CHALLENGED);
		expect(said[0]).toMatch(/^identity\.absent: /);
	});
});

test("a greeting that was ended says nothing any more, and keeps no timer", async () => {
	const { clock, said, greeting, learn } = open(null);
	greeting.take(CONNECTED);
	greeting.end();
	await learn([]);
	greeting.take(CONNECTED);
	clock.advance(60_000);
	expect(said).toEqual(["learns"]);
	expect(clock.timers).toBe(0);
});
