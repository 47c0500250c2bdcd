import { expect, test } from "vitest";
import type { DiagnosisStep } from "./diagnosis.ts";
import { diagnosisStepSchema, evidenceRows, stepTime } from "./diagnosis.ts";

const STEP: DiagnosisStep = {
	layer: "tcp",
	verdict: "ok",
	ms: 1.2,
	sentence: "connected to port 12443",
	evidence: { our_address: "10.0.0.5", port: 12443, names: ["a", "b"] },
};

test("evidence is told in words, a list on one line", () => {
	expect(evidenceRows(STEP)).toEqual([
		["our address", "10.0.0.5"],
		["port", "12443"],
		["names", "a; b"],
	]);
});

test("a time has the unit and the digits that a person reads at a glance", () => {
	expect([null, 0, 0.44, 9.96, 12.3, 999, 1_500].map(stepTime)).toEqual([
		"",
		"0.0 ms",
		"0.4 ms",
		"10.0 ms",
		"12 ms",
		"999 ms",
		"1.5 s",
	]);
});

test("a step with anything beside what is agreed does not cross", () => {
	expect(diagnosisStepSchema.safeParse(STEP).success).toBe(true);
	expect(
		diagnosisStepSchema.safeParse({ ...STEP, privateKey: "…" }).success,
	).toBe(false);
	expect(
		diagnosisStepSchema.safeParse({ ...STEP, evidence: { key: { d: 1 } } })
			.success,
	).toBe(false);
});
