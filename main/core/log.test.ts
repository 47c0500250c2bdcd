import { expect, test } from "vitest";
import type { Clock } from "../../shared/clock.ts";
import { openLog, redact } from "./log.ts";

const clock: Clock = {
	monotonicMs: () => 0,
	wallMs: () => Date.UTC(2026, 10, 21),
	at: () => () => {},
};

test("a line is one JSON object with time, level and message", () => {
	const lines: string[] = [];
	openLog("info", clock, (line) => lines.push(line))("warn", "link lost", {
		host: "web-01",
	});
	expect(lines.map((line) => JSON.parse(line))).toEqual([
		{
			at: "2026-11-21T00:00:00.000Z",
			level: "warn",
			message: "link lost",
			host: "web-01",
		},
	]);
});

test("lines below the level are not written", () => {
	const lines: string[] = [];
	const log = openLog("warn", clock, (line) => lines.push(line));
	log("info", "quiet");
	log("debug", "quieter");
	log("error", "loud");
	expect(lines).toHaveLength(1);
});

test("secrets are masked by name and PEM wherever it appears", () => {
	const pem =
		"-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----";
	const text = JSON.stringify(
		redact({
			privateKey: "abc",
			passphrase: "abc",
			nested: { Authorization: "Bearer abc", note: `see ${pem} there` },
			error: new Error(pem),
			list: [pem],
			bytes: Buffer.from("abc"),
		}),
	);
	expect(text).not.toMatch(/abc|MIGH/);
	expect(text).toContain("(PEM masked)");
});

test("a PEM that was cut before its end is masked too", () => {
	expect(redact("-----BEGIN EC PRIVATE KEY-----\nMIGHAgEA")).toBe(
		"(PEM masked)",
	);
});

test("long texts and deep values are bounded", () => {
	expect(String(redact("x".repeat(5_000))).length).toBeLessThan(2_100);
	const deep: Record<string, unknown> = {};
	deep.self = deep;
	expect(JSON.stringify(redact(deep))).toContain("(deeper)");
});
