import { expect, test } from "vitest";
import { CHANNELS } from "../../shared/model.ts";
import { openMetrics } from "./metrics.ts";

test("what was refused to a window is counted by its code", async () => {
	const none = new Map<string, number>();
	const metrics = openMetrics({
		figures: {
			events: none,
			decodeFaults: none,
			reconnects: none,
			refused: new Map([
				["window.too-fast", 70],
				["contract.mismatch", 2],
			]),
			comparisons: none,
			framesSent: () => 5,
			loopLagMs: () => 20,
		},
		fleet: {
			channels: () => Object.fromEntries(CHANNELS.map((one) => [one, 1])),
			members: () => [],
		},
	} as never);
	const { text } = await metrics.read();
	expect(text).toContain('foredeck_refused_total{code="window.too-fast"} 70');
	expect(text).toContain('foredeck_refused_total{code="contract.mismatch"} 2');
	expect(text).toContain("foredeck_frames_sent_total 5");
	expect(text).toMatch(/# EOF\n$/);
});
