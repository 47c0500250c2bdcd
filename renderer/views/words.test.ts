import { expect, test } from "vitest";
import { unknownWordRemark } from "../../shared/model.ts";
import { hostRow, runRow } from "../store/fixtures.ts";
import {
	errorCodeWords,
	HEALTH_SIGNS,
	rebootWords,
	rootCause,
	runLine,
	saying,
	skewWords,
	stateWords,
	uptimeWords,
	whyNot,
} from "./words.ts";

test("a message left over from the job's making is not shown once the run has begun", () => {
	expect(saying("Job created", "queued")).toBe("Job created");
	expect(saying("Job created", "running")).toBe("");
	expect(saying("Job started", "succeeded")).toBe("");
	expect(saying("Unpacking openssl", "running")).toBe("Unpacking openssl");
});

test("of a cause chain one line shows the root", () => {
	expect(
		rootCause(
			"retry patch apply failed\n\nCaused by:\n    apt-get failed (exit 100): no route\n",
		),
	).toBe("apt-get failed (exit 100): no route");
	expect(rootCause("simply failed")).toBe("simply failed");
	expect(rootCause("")).toBe("");
});

const CODES = [
	"PKG_MANAGER_ERROR",
	"COMMAND_NOT_FOUND",
	"CACHE_REFRESH_ERROR",
	"NETWORK_ERROR",
	"GPG_ERROR",
	"PKG_NOT_FOUND",
	"DEPENDENCY_CONFLICT",
	"PERMISSION_DENIED",
	"REBOOT_ERROR",
	"TIMEOUT",
	"UNKNOWN_ERROR",
	"AGENT_REBOOTED",
];

test("M6: each of the twelve error codes of agents has a label of its own, after the code itself", () => {
	const labels = CODES.map(errorCodeWords);
	for (const [at, code] of CODES.entries())
		expect(labels[at]).toMatch(new RegExp(`^${code}: [a-z][a-z ]+$`));
	expect(new Set(labels).size).toBe(CODES.length);
});

test.each(["ZORP_ERROR", "timeout", "constructor", "__proto__", ""])(
	"M6: the unknown error code %j is shown as it came",
	(code) => {
		expect(errorCodeWords(code)).toBe(code);
		expect(runLine(runRow("a", "j", { errorCode: code, message: "m" }))).toBe(
			"m",
		);
	},
);

test("M6: a failure of which nothing but its code is known says what the code means", () => {
	const run = runRow("a", "j", { state: "failed", errorCode: "TIMEOUT" });
	expect(runLine(run)).toBe("the agent gave up waiting");
	expect(runLine({ ...run, error: "apt\n\nCaused by:\n  why" })).toBe("why");
});

test("a lost run of which nobody told anything says what lost means", () => {
	const run = runRow("a", "j", { state: "lost", message: "Job started" });
	expect(runLine(run)).toBe("the agent no longer knows this run");
	expect(runLine({ ...run, remark: "link lost while running" })).toBe(
		"link lost while running",
	);
});

test("M8: a word that we do not know is shown: unknown (Zorp)", () => {
	const zorp = runRow("a", "j", {
		state: "unknown",
		rawStatus: "Zorp",
		remark: unknownWordRemark("Zorp"),
	});
	expect(stateWords(zorp)).toBe("unknown (Zorp)");
	expect(
		stateWords({
			...zorp,
			rawStatus: "\u202egnp",
			remark: unknownWordRemark("\u202egnp"),
		}),
	).not.toContain("\u202e");
	const cut = { rawStatus: "running", remark: "link lost while running" };
	expect(stateWords({ ...zorp, ...cut })).toBe("unknown");
	expect(stateWords(runRow("a", "j", { progress: 41.6 }))).toBe("running 42 %");
	expect(stateWords(runRow("a", "j", { progress: 0 }))).toBe("running");
});

test("M12: a clock that is off is told from 2 s, warned of from 30 s, in the host's row too, and not known is not right", () => {
	expect(skewWords(null)).toBeNull();
	expect(skewWords(1_999)).toBeNull();
	expect(skewWords(2_000)).toBe("2 s ahead of ours");
	expect(skewWords(-29_999)).toBe("30 s behind ours");
	expect(skewWords(600_000)).toBe(
		"600 s ahead of ours: check the host’s time source",
	);
	expect(whyNot(hostRow("a", { skewMs: 29_999 }))).toBe("");
	expect(whyNot(hostRow("a", { skewMs: -30_000 }))).toBe(
		"its clock is 30 s behind ours: check the host’s time source",
	);
	expect(whyNot(hostRow("a", { skewMs: null }))).toBe("");
});

test("M14: what an agent leaves out is not reported: neither well, nor zero, nor never", () => {
	expect(rebootWords(null)).toBe("not reported");
	expect(rebootWords(false)).toBe("not needed");
	expect(rebootWords(true)).toBe("pending");
	expect(uptimeWords(null)).toBe("not reported");
	expect(uptimeWords(0)).toBe("0 h 0 m");
	expect(uptimeWords(90_000)).toBe("1 d 1 h");
	expect(HEALTH_SIGNS.never_seen.words).not.toBe(HEALTH_SIGNS.healthy.words);
});
