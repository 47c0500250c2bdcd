import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeFrame, decodeJobPage } from "./decode.ts";

const page = readFileSync(
	new URL("../../../docs/protocol.md", import.meta.url),
	"utf8",
);
const examples = [...page.matchAll(/```json (\w+)\n([^`]+)\n```/g)].map(
	([, kind = "", text = ""]) => [kind, text] as const,
);

test("the protocol page has its examples", () => {
	expect(examples.length).toBeGreaterThanOrEqual(5);
});

test.each(examples)(
	"an example %s of docs/protocol.md is read: %s",
	(kind, text) => {
		if (kind === "list") {
			const answer = decodeJobPage({
				status: 200,
				contentType: "application/json",
				retryAfterMs: null,
				body: Buffer.from(text),
			});
			expect(answer).toMatchObject({
				kind: "ok",
				value: { broken: 0, rows: 1, jobs: [{ state: "succeeded" }] },
			});
			return;
		}
		const message = decodeFrame(text);
		expect(message).toMatchObject({ ok: true });
		expect(message.ok && message.value.kind).not.toBe("unknown");
	},
);
