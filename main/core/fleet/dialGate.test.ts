import { describe, expect, test } from "vitest";
import { seededRandom } from "../../testkit/seededRandom.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { HANDSHAKES_AT_ONCE, openDialGate } from "./dialGate.ts";

function open(atOnce?: number) {
	const clock = openVirtualClock();
	const gate = openDialGate({
		clock,
		...(atOnce === undefined ? {} : { atOnce }),
	});
	const granted: string[] = [];
	const ask = (name: string, priority: () => number = () => 1) =>
		gate.request({ priority, granted: () => void granted.push(name) });
	return { clock, gate, granted, ask };
}

describe("the dial gate", () => {
	test("lets 32 in and no more, until one of them is done", () => {
		const { clock, gate, granted, ask } = open();
		const done = Array.from({ length: 100 }, (_, i) => ask(String(i)));
		clock.advance(1);
		expect(granted).toHaveLength(HANDSHAKES_AT_ONCE);
		expect([gate.inFlight, gate.waiting]).toEqual([32, 68]);
		clock.advance(60_000);
		expect(granted).toHaveLength(32);
		done[0]?.();
		done[1]?.();
		clock.advance(1);
		expect(granted).toHaveLength(34);
	});

	test("grants later, never inside the request", () => {
		const { clock, granted, ask } = open();
		ask("one");
		expect(granted).toEqual([]);
		clock.advance(0);
		expect(granted).toEqual(["one"]);
	});

	test("admits a few in one turn of the loop, so that everything else runs in between", () => {
		const { clock, granted, ask } = open();
		const seen: number[] = [];
		for (let i = 0; i < 32; i++) ask(String(i));
		const watch = (): void => {
			seen.push(granted.length);
			if (seen.length < 8) clock.at(clock.monotonicMs(), watch);
		};
		clock.at(clock.monotonicMs(), watch);
		clock.advance(0);
		expect(seen).toEqual([4, 8, 12, 16, 20, 24, 28, 32]);
	});

	test("serves in order of arrival", () => {
		const { clock, granted, ask } = open(1);
		const done = ["a", "b", "c"].map((name) => ask(name));
		for (const release of done) {
			clock.advance(1);
			release();
		}
		expect(granted).toEqual(["a", "b", "c"]);
	});

	test("lets the urgent ones go first, also those that became urgent while they waited", () => {
		const { clock, granted, ask } = open(1);
		let onScreen = false;
		const releases = new Map(
			Array.from({ length: 5_000 }, (_, i) => [
				String(i),
				ask(String(i), () => (onScreen && i === 4_000 ? 0 : 1)),
			]),
		);
		releases.set(
			"late",
			ask("late", () => 0),
		);
		const finish = (turns: number): void => {
			for (let i = 0; i < turns; i++) {
				clock.advance(1);
				releases.get(granted.at(-1) ?? "")?.();
			}
		};
		finish(2);
		expect(granted).toEqual(["late", "0"]);
		onScreen = true;
		finish(45);
		expect(granted).toContain("4000");
	});

	test("does not prefer who left the screen again", () => {
		const { clock, granted, ask } = open(1);
		let onScreen = true;
		const first = ask("first");
		clock.advance(1);
		ask("second");
		ask("third", () => (onScreen ? 0 : 1));
		onScreen = false;
		first();
		clock.advance(1);
		expect(granted).toEqual(["first", "second"]);
	});

	test("forgets a withdrawn request, and giving back twice does nothing", () => {
		const { clock, gate, granted, ask } = open(1);
		const held = ask("held");
		clock.advance(1);
		const withdrawn = ask("withdrawn");
		ask("next");
		withdrawn();
		withdrawn();
		held();
		held();
		clock.advance(1);
		expect(granted).toEqual(["held", "next"]);
		expect([gate.inFlight, gate.waiting]).toEqual([1, 0]);
	});

	test("keeps no timer when nobody waits", () => {
		const { clock, ask } = open();
		ask("one")();
		expect(clock.timers).toBe(0);
	});

	test("a dialer that throws keeps nobody else waiting", () => {
		const { clock, gate, granted, ask } = open();
		gate.request({
			priority: () => 1,
			granted: () => {
				throw new Error("a bug");
			},
		});
		ask("next");
		expect(() => clock.advance(1)).toThrow("a bug");
		clock.advance(1);
		expect(granted).toEqual(["next"]);
	});

	test("grants or withdraws every request, in any order of asking, withdrawing and releasing", () => {
		for (let seed = 1; seed <= 50; seed++) {
			const random = seededRandom(seed);
			const { clock, gate } = open(3);
			const ends: (() => void)[] = [];
			let asked = 0;
			let granted = 0;
			let withdrawn = 0;
			const ask = (): void => {
				let has = false;
				let over = false;
				asked++;
				const end = gate.request({
					priority: () => Math.floor(random() * 2),
					granted: () => {
						has = true;
						granted++;
					},
				});
				ends.push(() => {
					if (!over && !has) withdrawn++;
					over = true;
					end();
				});
			};
			for (let i = 0; i < 500; i++) {
				if (random() < 0.5) ask();
				else ends.splice(Math.floor(random() * ends.length), 1)[0]?.();
				clock.advance(random());
				expect(gate.inFlight).toBeLessThanOrEqual(3);
			}
			while (ends.length > 0) {
				clock.advance(1);
				ends.shift()?.();
			}
			expect(granted + withdrawn, `seed ${seed}`).toBe(asked);
			expect([gate.inFlight, gate.waiting, clock.timers]).toEqual([0, 0, 0]);
		}
	});
});
