// Rows that are edited in place and look new.
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyDelta, applySnapshot } from "../../shared/delta.ts";
import { hostId } from "../../shared/model.ts";
import { deltaOf, hostRow, NOW, snapshotOf } from "./fixtures.ts";
import { EMPTY_FLEET, fleetOf, nextFleet } from "./replica.ts";
import { changedRows } from "./rows.ts";

const keyOf = ({ id }: { readonly id: string }): string => id;
const row = (id: string, value = 0) => ({ id, value });

test("after any deltas the rows and their order are those of the shared replica, which copies", () => {
	const id = fc.constantFrom("a", "b", "c", "d");
	const part = fc.record({
		hosts: fc.uniqueArray(
			fc
				.tuple(id, fc.nat(9))
				.map(([name, n]) => hostRow(name, { openRuns: n })),
			{ selector: ({ id }) => id, maxLength: 4 },
		),
		hostsGone: fc.array(id.map(hostId), { maxLength: 2 }),
	});
	fc.assert(
		fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
			const start = snapshotOf({ hosts: [hostRow("b"), hostRow("a")] });
			let fleet = fleetOf(start);
			let copied = applySnapshot(start);
			for (const change of parts) {
				const frame = deltaOf(copied.seq, change);
				fleet = nextFleet(fleet, frame);
				copied = applyDelta(copied, frame);
				expect([...fleet.replica.hosts]).toEqual([...copied.hosts]);
				expect(fleet.replica).toMatchObject({
					seq: copied.seq,
					events: copied.events,
				});
			}
		}),
	);
});

test("a change is a new reference, and no change is the same one", () => {
	const first = changedRows(new Map(), [row("a")], [], keyOf);
	expect(changedRows(first, [], [], keyOf)).toBe(first);
	const second = changedRows(first, [row("b")], [], keyOf);
	expect(second).not.toBe(first);
	expect([...second.keys()]).toEqual(["a", "b"]);
	expect([second.size, second.has("b"), second.get("b")]).toEqual([
		2,
		true,
		row("b"),
	]);
});

test("rows of others are copied and left as they were", () => {
	const others = new Map([["a", row("a")]]);
	const own = changedRows(others, [row("a", 1)], [], keyOf);
	expect(others.get("a")?.value).toBe(0);
	expect(own.get("a")?.value).toBe(1);
	nextFleet(
		EMPTY_FLEET,
		deltaOf(0, { hosts: [hostRow("x", { heardAt: NOW })] }),
	);
	expect(EMPTY_FLEET.replica.hosts.size).toBe(0);
});

test("what is gone and told again stands at the end", () => {
	const rows = changedRows(new Map(), [row("a"), row("b")], [], keyOf);
	const again = changedRows(rows, [row("a", 1)], ["a"], keyOf);
	expect([...again.values()]).toEqual([row("b"), row("a", 1)]);
	const seen: string[] = [];
	again.forEach((_, key) => {
		seen.push(key);
	});
	expect(seen).toEqual([...again].map(([key]) => key));
});
