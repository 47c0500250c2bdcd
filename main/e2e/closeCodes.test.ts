// Every close code and reason as it comes over the wire. What follows each in full is in `main/core/link/closeTable.test.ts`.
import { expect, test } from "vitest";
import type { FaultCode } from "../../shared/fault.ts";
import { closeFrame, frame } from "../testkit/rawPeer.ts";
import type { Script } from "./bareWorld.ts";
import { onceListed, withAgents } from "./bareWorld.ts";

/** A host for a close: a name that may stand in a certificate. */
const nameOf = (code: number, reason: string): string =>
	`c${code}-${reason.replace(":", "-")}`;

test("C10: close codes and reasons as they come over the wire, of links that were live", async () => {
	const cases: readonly (readonly [number, string, FaultCode])[] = [
		[1000, "", "tcp.reset"],
		[1000, "replaced", "session.replaced"],
		[1001, "", "agent.draining"],
		[1001, "drain:deploy", "agent.draining"],
		[1001, "drain:operator", "agent.draining"],
		[1002, "", "ws.protocol-error"],
		[1003, "", "ws.protocol-error"],
		// No code that may be sent: the frame itself breaks the protocol.
		[1004, "", "ws.protocol-error"],
		[1005, "", "ws.protocol-error"],
		[1006, "", "ws.protocol-error"],
		[1007, "", "ws.protocol-error"],
		[1008, "", "ws.protocol-error"],
		[1009, "", "ws.too-big"],
		[1010, "", "tcp.reset"],
		[1011, "", "tcp.reset"],
		[1012, "", "tcp.reset"],
		[1013, "", "tcp.reset"],
		[1014, "", "tcp.reset"],
		[1015, "", "ws.protocol-error"],
		[2999, "", "ws.protocol-error"],
		[3000, "", "tcp.reset"],
		[4000, "", "tcp.reset"],
		[4999, "", "tcp.reset"],
		[5000, "", "ws.protocol-error"],
	];
	const scripts: Record<string, Script> = {
		"no-code": onceListed(({ socket }) => socket.write(frame("close"))),
		"end-of-stream": onceListed(({ socket }) => socket.end()),
		reset: onceListed(({ socket }) => socket.destroy()),
		"half-a-frame": onceListed(({ socket }) =>
			socket.end(frame("text", "x".repeat(100)).subarray(0, 20)),
		),
	};
	for (const [code, reason] of cases)
		scripts[nameOf(code, reason)] = onceListed(({ socket }) =>
			socket.end(closeFrame(code, reason)),
		);
	await withAgents(scripts, async (world) => {
		const lost = (host: string) =>
			world.statuses.find((one) => one.host === host && one.fault !== null);
		for (const host of Object.keys(scripts))
			await world.until(`${host} was lost`, () => lost(host) !== undefined);
		const found = cases.map(([code, reason]) => [
			code,
			reason,
			lost(nameOf(code, reason))?.fault,
		]);
		expect(found).toEqual(cases);
		expect(lost("no-code")?.fault).toBe("agent.draining");
		for (const host of ["end-of-stream", "reset", "half-a-frame"])
			expect(lost(host)?.fault, host).toBe("tcp.reset");
		for (const host of Object.keys(scripts)) {
			expect(lost(host)?.sentence, host).toBeTruthy();
			const was = world.statuses.filter((one) => one.host === host);
			expect(
				was.some(({ channel }) => channel === "live"),
				host,
			).toBe(true);
		}
	});
});
