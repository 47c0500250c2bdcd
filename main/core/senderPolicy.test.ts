import { describe, expect, test } from "vitest";
import type { FrameFacts } from "./senderPolicy.ts";
import { isOurPage, maySpeak } from "./senderPolicy.ts";

const ours: FrameFacts = {
	frame: { url: "app://console/index.html", isTop: true },
	isOurWindow: true,
};

describe("our own page may speak", () => {
	test.each([
		"app://console/",
		"app://console/index.html",
		"app://console/#/jobs/j-1?state=failed",
		"app://console/?x=https://elsewhere.test",
	])("%s", (url) => {
		expect(maySpeak({ ...ours, frame: { url, isTop: true } })).toEqual({
			ok: true,
			value: undefined,
		});
	});
});

describe("a hostile sender is refused", () => {
	const top = (url: string): FrameFacts => ({
		frame: { url, isTop: true },
		isOurWindow: true,
	});
	const hostile: readonly (readonly [string, FrameFacts])[] = [
		["a frame that is gone", { ...ours, frame: null }],
		["another window", { ...ours, isOurWindow: false }],
		[
			"a frame within our page, even with our address",
			{ ...ours, frame: { url: "app://console/index.html", isTop: false } },
		],
		["an empty address", top("")],
		["about:blank", top("about:blank")],
		["about:srcdoc", top("about:srcdoc")],
		["a blob of our origin", top("blob:app://console/5f0c")],
		["a data address", top("data:text/html,app://console/")],
		["a script address", top("javascript:app://console/")],
		["a local file", top("file:///app://console/index.html")],
		["a longer host", top("app://console.evil/")],
		["a longer host after a dash", top("app://console-evil/")],
		["our name as a subdomain", top("app://evil.console/")],
		["our name as the user", top("app://console@evil/")],
		["our name as user and password", top("app://console:console@evil/")],
		["a user at our host", top("app://evil@console/")],
		["our name before a backslash", top("app://console\\@evil/")],
		["a port", top("app://console:8080/")],
		["another scheme", top("https://console/")],
		["another scheme with ours inside", top("https://evil/app://console/")],
		["a scheme that begins like ours", top("app2://console/")],
		["a scheme without a host", top("app:console/")],
		["a scheme with one slash", top("app:/console/")],
		["a scheme with three slashes", top("app:///console/")],
		["the origin without a path", top("app://console")],
		["capitals in the host", top("app://CONSOLE/")],
		["capitals in the scheme", top("APP://console/")],
		["a leading blank", top(" app://console/")],
		["a tab in the host", top("app://con\tsole/")],
		["a newline after the host", top("app://console\n.evil/")],
		["the developer tools", top("devtools://devtools/bundled/inspector.html")],
		["what is no address at all", top("console")],
	];
	test.each(hostile)("%s", (_, facts) => {
		const answer = maySpeak(facts);
		expect(answer).toMatchObject({
			ok: false,
			fault: { code: "sender.refused", retry: "never" },
		});
	});

	test("and the reason does not repeat the hostile address", () => {
		const answer = maySpeak(top("app://console.evil/secret"));
		expect(JSON.stringify(answer)).not.toContain("evil");
	});
});

test("an address of ours is told from others by its parsed origin", () => {
	expect(isOurPage("app://console/a/b")).toBe(true);
	expect(isOurPage("https://console/a/b")).toBe(false);
});
