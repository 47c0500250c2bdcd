import { expect, test } from "vitest";
import type { ImportOffer } from "./importWords.ts";
import { importSummary, leftOutRows } from "./importWords.ts";

const offer = (more: Partial<ImportOffer>): ImportOffer => ({
	nonce: "n",
	file: "hosts.csv",
	format: "csv",
	fleetName: "prod",
	hosts: 52,
	counts: { add: 50, change: 1, same: 0, invalid: 2 },
	rows: [],
	notes: [],
	changes: true,
	...more,
});

test("what is nothing is not said, and the fleet's size is", () => {
	expect(importSummary(offer({}))).toBe(
		"Read as a table: 50 new, 1 changed, 2 not taken. The fleet “prod” will have 52 hosts.",
	);
	expect(
		importSummary(
			offer({
				format: "ansible",
				hosts: 1,
				changes: false,
				counts: { add: 0, change: 0, same: 1, invalid: 0 },
			}),
		),
	).toBe(
		"Read as an Ansible inventory: 1 the same. The fleet “prod” has 1 host.",
	);
});

test("lines that are not listed are counted", () => {
	expect(leftOutRows(offer({}))).toBe(53);
});
