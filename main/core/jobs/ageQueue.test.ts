import fc from "fast-check";
import { expect, test } from "vitest";
import { openAgeQueue } from "./ageQueue.ts";

test("whatever is put in and taken out, the oldest comes first", () => {
	const moves = fc.array(fc.option(fc.integer({ min: 0, max: 50 })), {
		maxLength: 200,
	});
	fc.assert(
		fc.property(moves, (list) => {
			const queue = openAgeQueue<number>();
			let expected: number[] = [];
			for (const at of list) {
				if (at === null) {
					queue.pop();
					expected = expected.slice(1);
				} else {
					queue.push(at, -at);
					expected = [...expected, at].sort((a, b) => a - b);
				}
				const first = expected[0];
				expect(queue.oldest()).toEqual(
					first === undefined ? null : { at: first, item: -first },
				);
			}
		}),
	);
});
