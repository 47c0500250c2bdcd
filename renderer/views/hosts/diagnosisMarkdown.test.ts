import { expect, test } from "vitest";
import type { Answer } from "../../../shared/contract.ts";
import { fault } from "../../../shared/fault.ts";
import { hostRow } from "../../store/fixtures.ts";
import { diagnosisMarkdown } from "./diagnosisMarkdown.ts";

const AT = Date.UTC(2026, 10, 21, 3);

const answer = (
	more: Partial<Answer<"host.diagnose">> = {},
): Answer<"host.diagnose"> => ({
	steps: [
		{
			layer: "tcp",
			verdict: "ok",
			ms: 1.2,
			sentence: "connected to port 12443",
			evidence: { port: 12443 },
		},
	],
	fault: null,
	stopped: false,
	...more,
});

test("a healthy host is a table of its layers, with the time and without evidence", () => {
	const text = diagnosisMarkdown(hostRow("web-01"), answer(), AT);
	expect(text).toContain("### Diagnosis of web-01");
	expect(text).toContain("2026-11-21T03:00:00.000Z");
	expect(text).toContain("Healthy.");
	expect(text).toContain("| ✓ | tcp | 1.2 ms | connected to port 12443 |");
	expect(text).not.toContain("Seen at");
});

test("a fault is told with its next step and what was seen", () => {
	const why = fault("ws.accept-missing");
	const text = diagnosisMarkdown(
		hostRow("web-12"),
		answer({
			fault: why as Answer<"host.diagnose">["fault"],
			steps: [
				{
					layer: "upgrade",
					verdict: "fault",
					ms: 3,
					sentence: why.sentence,
					evidence: { first_bytes: "hello" },
				},
			],
		}),
		AT,
	);
	expect(text).toContain("**ws.accept-missing**: ");
	expect(text).toContain("Next step: ");
	expect(text).toContain("Seen at upgrade:\n\n- first bytes: hello");
});

test("one that was stopped is not called healthy", () => {
	const text = diagnosisMarkdown(hostRow("a"), answer({ stopped: true }), AT);
	expect(text).toContain("Not finished");
	expect(text).not.toContain("Healthy");
});

test("what an agent said can make no markup, no row and no line of its own", () => {
	const text = diagnosisMarkdown(
		hostRow("web-01"),
		answer({
			steps: [
				{
					layer: "rest",
					verdict: "warn",
					ms: null,
					sentence: "<b>x</b> | [a](http://b) `c`\n# d \u202e",
					evidence: {},
				},
			],
		}),
		AT,
	);
	const row = text.split("\n").find((line) => line.includes("rest"));
	expect(row).toBe(
		"| ! | rest |  | \\<b\\>x\\</b\\> \\| \\[a\\](http://b) \\`c\\` \\# d ‹U+202E› |",
	);
});
