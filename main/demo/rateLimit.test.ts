import { expect, test } from "vitest";
import { handClock } from "../testkit/demoWorld.ts";
import { createRateLimit } from "./rateLimit.ts";

const GET = { method: "GET", path: "/api/v1/jobs" };

test("a worker lets a burst of 30 pass, then one every half second", () => {
	const clock = handClock();
	const limit = createRateLimit(clock, 1);
	const passes = () => limit.refuse(GET, "c", 0) === null;
	expect(Array.from({ length: 30 }, passes)).not.toContain(false);
	expect(limit.refuse(GET, "c", 0)).toBe(1);
	clock.advance(500);
	expect(passes()).toBe(true);
	expect(passes()).toBe(false);
});

test("each worker, each client, and writing beside reading, counts for itself", () => {
	const limit = createRateLimit(handClock(), 1);
	for (let count = 0; count < 31; count++) limit.refuse(GET, "c", 0);
	expect(limit.refuse(GET, "c", 1)).toBeNull();
	expect(limit.refuse(GET, "d", 0)).toBeNull();
	expect(limit.refuse({ ...GET, method: "DELETE" }, "c", 0)).toBeNull();
	expect([0, 1, 2, 3, 4].map(limit.nextWorker)).toEqual([0, 1, 2, 3, 0]);
});

test("only /health and /api/v1/system/info are exempt", () => {
	const limit = createRateLimit(handClock(), 1);
	const after100 = (path: string) => {
		for (let count = 0; count < 100; count++)
			limit.refuse({ method: "GET", path }, "c", 0);
		return limit.refuse({ method: "GET", path }, "c", 0) === null;
	};
	expect(after100("/health")).toBe(true);
	expect(after100("/api/v1/system/info")).toBe(true);
	expect(after100("/api/v1/health")).toBe(false);
});
