// A connection listener that writes everything down and can be waited for. It drives any Transport.
import type {
	Connection,
	Failure,
	Target,
	Transport,
} from "../core/transport/transport.ts";
import { openTally, type Tally } from "./tally.ts";

/** One thing the listener was told. */
export type Happening =
	| {
			readonly kind: "opened";
			readonly timingsMs: Readonly<Record<string, number>>;
	  }
	| { readonly kind: "frame"; readonly text: string; readonly binary: boolean }
	| { readonly kind: "heard" }
	| { readonly kind: "closed"; readonly failure: Failure };

export interface RecordedConnection {
	readonly connection: Connection;
	readonly happenings: Tally<Happening>;
	opened(): Promise<void>;
	/** Resolves with the failure; also when it was closed before it ever opened. */
	closed(): Promise<Failure>;
}

/** Opens `target` and records. */
export function recordConnection(
	transport: Transport,
	target: Target,
): RecordedConnection {
	const happenings = openTally<Happening>();
	const connection = transport.open(target, {
		opened: (timingsMs) => happenings.add({ kind: "opened", timingsMs }),
		frame: (text, binary) => happenings.add({ kind: "frame", text, binary }),
		heard: () => happenings.add({ kind: "heard" }),
		closed: (failure) => happenings.add({ kind: "closed", failure }),
	});
	return {
		connection,
		happenings,
		async opened() {
			const first = await happenings.waitUntil(
				({ kind }) => kind === "opened" || kind === "closed",
			);
			if (first.kind === "closed")
				throw new Error(`closed: ${JSON.stringify(first.failure)}`);
		},
		async closed() {
			const last = await happenings.waitUntil(({ kind }) => kind === "closed");
			if (last.kind !== "closed") throw new Error("unreachable");
			return last.failure;
		},
	};
}
