import { expect, test } from "vitest";
import { expiryWords } from "./expiry.ts";

const DAY = 86_400_000;

test.each<[number, string | null, boolean]>([
	[31 * DAY, null, false],
	[30 * DAY + 1, null, false],
	[30 * DAY, "identity expires in 30 days", false],
	[15 * DAY - 1, "identity expires in 14 days", false],
	[14 * DAY, "identity expires in 14 days", true],
	[6 * DAY + 5, "identity expires in 6 days", true],
	[2 * DAY, "identity expires in 2 days", true],
	[2 * DAY - 1, "identity expires in 1 d 23 h", true],
	[3_600_000, "identity expires in 1 h 00 m", true],
	[0, "identity expired 0 s ago", true],
	[-3 * DAY, "identity expired 3 days ago", true],
])("with %d ms left it says %s", (ms, sentence, isUrgent) => {
	const words = expiryWords(1_000_000_000 + ms, 1_000_000_000);
	expect(words?.sentence ?? null).toBe(sentence);
	expect(words?.isUrgent ?? false).toBe(isUrgent);
	if (words !== null) expect(words.tone).toBe(ms <= 0 ? "bad" : "warning");
});
