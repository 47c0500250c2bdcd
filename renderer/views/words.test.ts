import { expect, test } from "vitest";
import { rootCause, saying } from "./words.ts";

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
