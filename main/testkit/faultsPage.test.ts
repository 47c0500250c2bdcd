import { expect, test } from "vitest";
import { FAULT_CODES, FAULTS, fault } from "../../shared/fault.ts";
import { faultsPage } from "./faultsPage.ts";

test("docs/faults.md is what the table of faults says (npx vitest -u writes it anew)", async () => {
	await expect(faultsPage()).toMatchFileSnapshot("../../docs/faults.md");
});

test("every code has its place on the page, once", () => {
	const page = faultsPage();
	for (const code of FAULT_CODES)
		expect(page.split(`| \`${code}\` |`)).toHaveLength(2);
});

test("codes are area.reason in kebab case, sentences end without a full stop, steps with one", () => {
	for (const code of FAULT_CODES) {
		expect(code).toMatch(/^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$/);
		expect(FAULTS[code].sentence).not.toMatch(/\.$/);
		expect(FAULTS[code].nextStep).toMatch(/\.$/);
	}
});

test("a fault takes the table's words unless the case is known more precisely", () => {
	expect(fault("tcp.refused").retry).toBe("soon");
	expect(
		fault("http.503", { retryAfterMs: 30_000, sentence: "not yet" }),
	).toMatchObject({
		code: "http.503",
		sentence: "not yet",
		retryAfterMs: 30_000,
	});
});
