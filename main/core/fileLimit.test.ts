import { expect, test } from "vitest";
import { checkFileLimit, fileLimit } from "./fileLimit.ts";

const limits = (soft: string) => () =>
	`Limit  Soft Limit  Hard Limit  Units\nMax open files            ${soft}                 4096                 files\n`;

test("the soft limit is read from what the system tells", () => {
	expect(fileLimit(limits("1024"))).toBe(1024);
	expect(fileLimit(limits("unlimited"))).toBeNull();
	expect(fileLimit(() => "something else")).toBeNull();
	const unreadable = () => {
		throw new Error("ENOENT");
	};
	expect(fileLimit(unreadable)).toBeNull();
});

test("too few file descriptors are told with both numbers and what to do", () => {
	expect(checkFileLimit(1000, 7, 1024)).toMatchObject({
		ok: false,
		fault: {
			code: "limits.files",
			sentence:
				"1000 hosts need up to 7100 open files, and this process may open only 1024",
			nextStep: expect.stringContaining("ulimit -n 7100"),
		},
	});
});

test("a limit that is just enough, or none, lets the fleet start", () => {
	expect(checkFileLimit(1000, 7, 7099).ok).toBe(false);
	expect(checkFileLimit(1000, 7, 7100).ok).toBe(true);
	expect(checkFileLimit(1000, 7, null).ok).toBe(true);
});
