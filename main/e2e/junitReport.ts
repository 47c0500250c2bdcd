// Reads a JUnit report with a real XML parser, the browser's, because Node has none.
import type { Page } from "@playwright/test";

export interface ReadReport {
	/** Null: it is well-formed. */
	readonly error: string | null;
	readonly suite: string | null | undefined;
	/** tests, failures, errors, skipped. */
	readonly counts: readonly (string | null | undefined)[];
	readonly cases: readonly {
		readonly host: string | null;
		/** `failure`, `error`, `skipped`, or `passed`. */
		readonly verdict: string;
		readonly type: string | null;
		readonly text: string;
	}[];
	readonly scripts: number;
}

export function readReport(page: Page, text: string): Promise<ReadReport> {
	return page.evaluate((xml) => {
		// The page's policy forbids unchecked markup: a document of XML runs nothing.
		const policy = (
			window as unknown as {
				trustedTypes: {
					createPolicy(
						name: string,
						rules: { createHTML(text: string): string },
					): { createHTML(text: string): string };
				};
			}
		).trustedTypes.createPolicy("export-test", { createHTML: (it) => it });
		const parsed = new DOMParser().parseFromString(
			policy.createHTML(xml),
			"application/xml",
		);
		const suite = parsed.querySelector("testsuites > testsuite");
		return {
			error: parsed.querySelector("parsererror")?.textContent ?? null,
			suite: suite?.getAttribute("name"),
			counts: ["tests", "failures", "errors", "skipped"].map((of) =>
				suite?.getAttribute(of),
			),
			cases: [...parsed.querySelectorAll("testcase")].map((one) => ({
				host: one.getAttribute("name"),
				verdict: one.firstElementChild?.tagName ?? "passed",
				type: one.firstElementChild?.getAttribute("type") ?? null,
				text: one.firstElementChild?.textContent ?? "",
			})),
			scripts: parsed.querySelectorAll("script").length,
		};
	}, text);
}
