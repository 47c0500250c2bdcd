import { EventEmitter } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	type LinkedApp,
	openDeepLinks,
	readDeepLink,
	registerLinks,
	splitStart,
} from "./deepLink.ts";

describe("a link from outside", () => {
	test.each([
		["foredeck://v1/activity", "#/activity"],
		["foredeck://v1/hosts/db-07.prod", "#/hosts/db-07.prod"],
		["foredeck://v1/jobs/j-1f", "#/jobs/j-1f"],
		["foredeck://v1/jobs/j-1f/host/db-07", "#/jobs/j-1f?host=db-07"],
	])("%s names a place", (link, hash) => {
		expect(readDeepLink(link)).toEqual({ ok: true, value: hash });
	});

	test.each([
		"",
		"foredeck:",
		"foredeck://v1",
		"foredeck://v1/",
		"foredeck://v2/activity",
		"FOREDECK://v1/activity",
		" foredeck://v1/activity",
		"foredeck://v1/activity\n",
		"foredeck://v1/activity/",
		"foredeck://v1/activity?x=1",
		"foredeck://v1/activity#x",
		"foredeck://user@v1/activity",
		"foredeck://v1:80/activity",
		"foredeck:/v1/activity",
		"foredeck://v1/jobs",
		"foredeck://v1/jobs/..",
		"foredeck://v1/jobs/../hosts/x",
		"foredeck://v1/jobs/%2e%2e",
		"foredeck://v1/jobs/a%2fb",
		"foredeck://v1/jobs/a?host=b",
		"foredeck://v1/jobs/a/host/",
		"foredeck://v1/jobs/a/host/b/c",
		"foredeck://v1/jobs/a/retry",
		"foredeck://v1/settings",
		"foredeck://v1/identities",
		"foredeck://v1/jobs/-rf",
		"foredeck://v1/jobs/a\u202eb",
		"foredeck://v1/hosts/ä",
		'foredeck://v1/hosts/a" --fleet=x',
		"https://v1/activity",
		"javascript:alert(1)",
		`foredeck://v1/jobs/${"j".repeat(129)}`,
		`foredeck://v1/hosts/${"h".repeat(254)}`,
	])("%j is refused with input.invalid, and not repeated", (link) => {
		const read = readDeepLink(link);
		expect(read).toMatchObject({
			ok: false,
			fault: { code: "input.invalid" },
		});
		if (link !== "") expect(JSON.stringify(read)).not.toContain(`"${link}"`);
	});

	test("whatever it is, it leads to a known place or nowhere", () => {
		const hostile = fc.oneof(
			fc.string({ unit: "binary" }),
			fc.string().map((text) => `foredeck://v1/${text}`),
			fc.string().map((text) => `foredeck://v1/jobs/${text}`),
			fc
				.array(
					fc.constantFrom(
						..."/ . .. % ? # : @ jobs host hosts activity a j-1".split(" "),
					),
				)
				.map((parts) => `foredeck://v1/${parts.join("")}`),
		);
		fc.assert(
			fc.property(hostile, (link) => {
				const read = readDeepLink(link);
				if (read.ok)
					expect(read.value).toMatch(
						/^#\/(activity|hosts\/[\w.%@-]+|jobs\/[\w.%@-]+(\?host=[\w.%@-]+)?)$/,
					);
			}),
			{ numRuns: 5_000 },
		);
	});
});

test("arguments behind a link came with it and are dropped", () => {
	expect(
		splitStart([
			"--fleet=mine.json",
			"foredeck://v1/activity",
			"--fleet=theirs.json",
		]),
	).toEqual({
		args: ["--fleet=mine.json"],
		link: "foredeck://v1/activity",
	});
	expect(splitStart(["--demo"])).toEqual({ args: ["--demo"], link: null });
});

test("a link before there is a window waits for it; the last one counts", () => {
	const refused: string[] = [];
	const shown: string[] = [];
	const links = openDeepLinks((code) => refused.push(code));
	links.arrived("foredeck://v1/activity");
	links.arrived("foredeck://v1/hosts/db-07");
	links.arrived("foredeck://v1/nowhere");
	expect(links.opened((hash) => shown.push(hash))).toBe("#/hosts/db-07");
	expect(shown).toEqual([]);
	links.arrived("foredeck://v1/activity");
	expect(shown).toEqual(["#/activity"]);
	expect(refused).toEqual(["input.invalid"]);
});

describe("the system", () => {
	function register(isPackaged: boolean) {
		const registered: unknown[][] = [];
		const arrived: string[] = [];
		const events = new EventEmitter();
		const app: LinkedApp = {
			isPackaged,
			setAsDefaultProtocolClient(...given) {
				registered.push(given);
				return true;
			},
			on: (event: string, listener: (...given: never[]) => void) =>
				events.on(event, listener as never),
		};
		registerLinks(app, "/opt/foredeck", {
			arrived: (link) => arrived.push(link),
			asked: () => {},
			opened: () => null,
		});
		return { registered, arrived, events };
	}

	test("sends links to an installed app, behind the end of its options", () => {
		expect(register(true).registered).toEqual([
			["foredeck", "/opt/foredeck", ["--"]],
		]);
		expect(register(false).registered).toEqual([]);
	});

	test("may send one at any time on macOS", () => {
		const { events, arrived } = register(true);
		let prevented = 0;
		events.emit(
			"open-url",
			{
				preventDefault: () => {
					prevented += 1;
				},
			},
			"foredeck://v1/activity",
		);
		expect(arrived).toEqual(["foredeck://v1/activity"]);
		expect(prevented).toBe(1);
	});

	test("brings one with a second start from the first moment on", () => {
		const { events, arrived } = register(true);
		events.emit("second-instance", {}, [
			"/opt/foredeck",
			"--",
			"foredeck://v1/activity",
		]);
		events.emit("second-instance", {}, ["/opt/foredeck"]);
		expect(arrived).toEqual(["foredeck://v1/activity"]);
	});
});
