// When a connection counts as greeted (03-BEHAVIOUR sections 1 and 6). An agent says `connected` first, and one that offers
// challenge.v1 then sends a nonce to be signed; whether it does is known from its health only.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import type { AgentMessage } from "../agentApi/message.ts";
import { POLICY } from "./policy.ts";

const { greetingMs, authMs } = POLICY;
/** A shorter nonce could be a repeated one, and our answer to it be kept and used again by somebody else. */
const LEAST_NONCE_BYTES = 16;
/** Of a reason in the agent's words, in characters. */
const REASON_CHARACTERS = 200;

/** What a greeting needs; the last two are told once, one of them. */
export interface GreetingPorts {
	readonly clock: Clock;
	/** Null: not known yet. */
	extensions(): readonly string[] | null;
	/** Asks for them; resolves in any case. */
	learn(): Promise<void>;
	/** False: this agent sent that nonce before, so somebody may be playing an old challenge to get our answer again. */
	isFresh(nonce: string): boolean;
	/** The frame that answers the nonce. */
	answerChallenge(nonce: string): Result<string>;
	send(text: string): void;
	greeted(): void;
	refused(why: Fault): void;
}

/** A greeting under way. */
export interface Greeting {
	/** Takes a message that arrived before the link was greeted. */
	take(message: AgentMessage): void;
	/** The connection is over, or greeted: nothing more happens. */
	end(): void;
}

/** The extension of agents behind a proxy that ends TLS: the client proves its key once more, in a frame. */
export const CHALLENGE = "challenge.v1";

/** Begins when the connection opens. Tells `greeted` or `refused`, once, or nothing when it was ended. */
export function openGreeting(ports: GreetingPorts): Greeting {
	const { clock } = ports;
	let over = false;
	let connected = false;
	let challenged = false;
	const openedMs = clock.monotonicMs();
	const timers: Cancel[] = [];

	const end = (): void => {
		over = true;
		for (const cancel of timers) cancel();
	};
	const greeted = (): void => {
		if (over) return;
		end();
		ports.greeted();
	};
	const refuse = (why: Fault): void => {
		if (over) return;
		end();
		ports.refused(why);
	};
	const demands = (): boolean =>
		challenged || (ports.extensions()?.includes(CHALLENGE) ?? false);
	const look = (): void => {
		if (over || demands()) return;
		const known = ports.extensions() !== null;
		const silent = clock.monotonicMs() - openedMs >= greetingMs;
		if ((connected && known) || silent) greeted();
	};
	const challenge = (nonce: string): void => {
		if (challenged)
			return refuse(
				fault("auth.failed", { sentence: "the agent sent a second challenge" }),
			);
		challenged = true;
		if (Buffer.from(nonce, "base64").length < LEAST_NONCE_BYTES)
			return refuse(
				fault("auth.failed", {
					sentence: "the agent’s challenge is too short to be safe",
				}),
			);
		if (!ports.isFresh(nonce))
			return refuse(
				fault("auth.failed", {
					sentence: "the agent sent a challenge that it sent before",
				}),
			);
		const answer = ports.answerChallenge(nonce);
		if (answer.ok) ports.send(answer.value);
		else refuse(answer.fault);
	};

	timers.push(
		clock.at(openedMs + greetingMs, look),
		clock.at(openedMs + authMs, () => refuse(fault("auth.timeout"))),
	);
	return {
		take(message) {
			if (over) return;
			if (message.kind === "challenge") return challenge(message.nonce);
			if (message.kind === "authOk")
				return challenged
					? greeted()
					: refuse(
							fault("auth.failed", {
								sentence: "the agent accepted an answer that was never given",
							}),
						);
			if (message.kind === "authFailed")
				return refuse(
					fault("auth.failed", {
						sentence: `the agent refused our answer to its challenge: ${message.reason.slice(0, REASON_CHARACTERS) || "no reason given"}`,
					}),
				);
			if (challenged)
				return refuse(
					fault("auth.failed", {
						sentence:
							"the agent said something else in the middle of its challenge",
					}),
				);
			if (message.kind !== "connected") return;
			connected = true;
			if (ports.extensions() === null) void ports.learn().then(look);
			else look();
		},
		end,
	};
}
