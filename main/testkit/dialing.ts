// Dials for tests: the outcome as a promise.
import { systemClock } from "../../shared/clock.ts";
import {
	type DialOptions,
	dialTls,
	type Secured,
} from "../core/transport/dial.ts";
import type { Failure, Target } from "../core/transport/transport.ts";
import type { TlsStage } from "./tlsStage.ts";

export type DialOutcome =
	| { readonly secured: Secured; readonly failure: null }
	| { readonly secured: null; readonly failure: Failure };

/** Dials on a stage; the socket is closed with it. */
export function dialOn(
	stage: TlsStage,
	target: Target,
	options: Partial<DialOptions> = {},
): Promise<DialOutcome> {
	return new Promise((tell) => {
		dialTls(
			target,
			{ contexts: stage.contexts, clock: systemClock(), ...options },
			{
				secured(secured) {
					secured.socket.on("error", () => {});
					stage.later(() => secured.socket.destroy());
					tell({ secured, failure: null });
				},
				failed: (failure) => tell({ secured: null, failure }),
			},
		);
	});
}

/** The failure of a dial that must not succeed. */
export async function failedDialOn(
	stage: TlsStage,
	target: Target,
	options: Partial<DialOptions> = {},
): Promise<Failure> {
	const { failure } = await dialOn(stage, target, options);
	if (failure === null) throw new Error("the dial was expected to fail");
	return failure;
}
