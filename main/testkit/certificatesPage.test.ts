import { expect, test } from "vitest";
import { certificatesPage } from "./certificatesPage.ts";
import { CERTIFICATE_TABLE } from "./certificateTable.ts";

test("docs/certificates.md is what the table of certificates says (npx vitest -u writes it anew)", async () => {
	await expect(certificatesPage()).toMatchFileSnapshot(
		"../../docs/certificates.md",
	);
});

test("every kind has its row, once", () => {
	const kinds = CERTIFICATE_TABLE.flatMap(([, rows]) =>
		rows.map(({ kind }) => kind),
	);
	for (const kind of kinds)
		expect(certificatesPage().split(`| ${kind} |`)).toHaveLength(2);
});
