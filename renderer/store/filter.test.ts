import fc from "fast-check";
import { expect, test } from "vitest";
import type { Field, Subject } from "./filter.ts";
import { matches, parseFilter, toggled } from "./filter.ts";

const subject = (
	text: string,
	labels: Record<string, string> = {},
	words: Partial<Record<Field, readonly string[]>> = {},
): Subject => ({
	text: () => text,
	label: (key) => labels[key],
	words: (field) => words[field] ?? [],
});

const web = subject(
	"web-01 10.0.0.1",
	{ role: "web", env: "prod", tier: "a" },
	{
		is: ["live", "failed"],
		channel: ["polling"],
		fault: ["tls.server-expired"],
	},
);

test.each([
	["", true],
	["web", true],
	["WEB-01", true],
	["db", false],
	["!db", true],
	["!web", false],
	["web 10.0", true],
	["web 10.9", false],
	['"web-01 10"', true],
	["role=web", true],
	["role=", true],
	["env!= web", true],
	["is: web", true],
	["is: db", false],
	["empty in ()", false],
	["role==web", true],
	["role=db", false],
	["!role=db", true],
	["env!=dev", true],
	["env!=prod", false],
	["absent!=x", true],
	["absent=x", false],
	["tier in (a,b)", true],
	["tier in (b, c)", false],
	["tier not in (b)", true],
	["tier notin (a)", false],
	["role=web,env!=dev,tier in (a,b)", true],
	["role=web,env!=prod,tier in (a,b)", false],
	["is:failed", true],
	["is:stale", false],
	["!is:stale", true],
	["IS:Failed", true],
	["channel:polling", true],
	["channel:live", false],
	["fault:tls.*", true],
	["fault:tcp.*", false],
	["fault:*expired", true],
	["fault:tls", false],
	["10.0.0.1:12443", false],
])("the filter %j on a web host answers %s", (source, answer) => {
	expect(matches(parseFilter(source), web)).toBe(answer);
});

test("an address with colons is plain text", () => {
	const host = subject("fe80::1 [fe80::1]:12443");
	expect(matches(parseFilter("fe80::1"), host)).toBe(true);
	expect(matches(parseFilter("[fe80::1]:12443"), host)).toBe(true);
});

test("any text is a filter, and its inverse keeps what it drops", () => {
	fc.assert(
		fc.property(fc.string(), fc.string(), (source, text) => {
			expect(() => matches(parseFilter(source), subject(text))).not.toThrow();
		}),
	);
	fc.assert(
		fc.property(fc.stringMatching(/^[a-z0-9.-]{1,12}$/), (word) => {
			expect(matches(parseFilter(word), web)).toBe(
				!matches(parseFilter(`!${word}`), web),
			);
		}),
	);
});

test("a pattern of many stars is answered at once", () => {
	const filter = parseFilter(`fault:${"*a".repeat(30)}*b`);
	expect(
		matches(filter, subject("", {}, { fault: ["tls.server-expired"] })),
	).toBe(false);
});

test("toggling a term twice gives the filter back", () => {
	expect(toggled("db", "is:failed")).toBe("db is:failed");
	expect(toggled("db is:failed", "is:failed")).toBe("db");
	expect(toggled("", "is:failed")).toBe("is:failed");
});
