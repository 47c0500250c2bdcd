import { expect, test } from "vitest";
import { timestamp } from "./dialect.ts";
import { seeded } from "./seeded.ts";

const MOMENT = Date.UTC(2026, 6, 21, 9, 14, 3, 518);
const write = (zone: "Z" | "+00:00", digits: number) =>
	timestamp(MOMENT, { zone, digits: [digits] }, seeded(1, "test"));

test("a moment is written with as many digits as asked and reads back to the same millisecond", () => {
	expect(write("Z", 0)).toBe("2026-07-21T09:14:03Z");
	expect(write("Z", 1)).toBe("2026-07-21T09:14:03.5Z");
	expect(write("+00:00", 3)).toBe("2026-07-21T09:14:03.518+00:00");
	for (const digits of [3, 6, 9])
		expect(Math.floor(Date.parse(write("+00:00", digits)))).toBe(MOMENT);
	expect(write("Z", 9)).toMatch(/^2026-07-21T09:14:03\.518\d{6}Z$/);
});
