import { expect, test } from "vitest";
import { hostRow, NOW, runRow } from "../../store/fixtures.ts";
import { statusIn, withStatus } from "../activity/status.ts";
import { hostMarkdown } from "./hostMarkdown.ts";

const plain = hostRow("db-07", { labels: { role: "db", env: "prod" } });
const blocked = {
	...plain,
	link: {
		...plain.link,
		channel: "blocked" as const,
		fault: "tls.server-expired" as const,
		sentence: "the agent’s certificate has expired",
		nextStep: "Renew it.",
		attempt: 3,
		sinceAt: NOW - 65_000,
	},
	heardAt: NOW - 600_000,
};

test("a host as Markdown keeps the two facts apart, with the reason and the next step", () => {
	const text = hostMarkdown(
		blocked,
		[
			runRow("db-07", "j-1", {
				state: "failed",
				error: "E: broken\nCaused by:\nno space left",
			}),
		],
		[
			{
				at: NOW - 65_000,
				from: "live",
				to: "blocked",
				fault: "tls.server-expired",
				sentence: "expired",
			},
		],
		NOW,
	);
	expect(text).toContain("### db-07: blocked, healthy");
	expect(text).toContain(
		"**tls.server-expired**: the agent’s certificate has expired",
	);
	expect(text).toContain("Next step: Renew it.");
	expect(text).toContain("- our channel: blocked for 1 m 05 s, attempt 3");
	expect(text).toContain("- heard from: 10 m 00 s ago, stale");
	expect(text).toContain("- labels: role=db, env=prod");
	expect(text).toContain("- patchapply · openssl: failed, no space left");
	expect(text).toMatch(
		/\| 2027-.*Z \| blocked \| expired \(tls.server-expired\) \|/,
	);
});

test("a fleet's text makes no markup of its own, and no line of its own", () => {
	const text = hostMarkdown(
		{
			...plain,
			labels: { "a|b": "<img src=x>\n# big" },
			os: "`rm` [x](http://e)",
		},
		[],
		null,
		NOW,
	);
	expect(text).toContain("a\\|b=\\<img src=x\\> \\# big");
	expect(text).toContain("\\`rm\\` \\[x\\](http://e)");
	expect(text).toContain("could not be asked");
	expect(text.split("\n").filter((line) => /^\W*# big/.test(line))).toEqual([]);
});

test("the status of the activity is a term of its filter", () => {
	expect(withStatus("db is:failed", "is:timed-out")).toBe("db is:timed-out");
	expect(withStatus("db is:failed is:gap", null)).toBe("db is:gap");
	expect(statusIn("db is:failed")).toBe("is:failed");
	expect(statusIn("db")).toBeNull();
	expect(statusIn("is:failed is:lost")).toBeNull();
});
