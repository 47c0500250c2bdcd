import fc from "fast-check";
import { expect, test } from "vitest";
import { place } from "./cursor.ts";

const at = { epoch: "a", seq: 7 };

test("the next event is applied, and so is the first one ever", () => {
	expect(place(at, 8, "a")).toBe("apply");
	expect(place(null, 400, "b")).toBe("apply");
});

test("what was taken in already is a duplicate", () => {
	expect(place(at, 7, "a")).toBe("duplicate");
	expect(place(at, 1, "a")).toBe("duplicate");
});

test("an event that skips some is a gap", () => {
	expect(place(at, 9, "a")).toBe("gap");
});

test("another epoch is a new life of the log, whatever the number", () => {
	for (const seq of [1, 7, 8, 9]) expect(place(at, seq, "b")).toBe("newEpoch");
});

test("of any order of arrivals, exactly the contiguous ones are applied, each once", () => {
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 1, max: 12 })), (arrivals) => {
			let cursor = { epoch: "a", seq: 0 };
			const applied: number[] = [];
			for (const seq of arrivals) {
				if (place(cursor, seq, "a") !== "apply") continue;
				cursor = { epoch: "a", seq };
				applied.push(seq);
			}
			expect(applied).toEqual(applied.map((_, index) => index + 1));
		}),
	);
});
