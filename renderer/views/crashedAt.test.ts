import { expect, test } from "vitest";
import { crashedAt } from "./crashedAt.ts";

test.each([
	["", null],
	["?crashed=", null],
	["?crashed=soon", null],
	["?crashed=9999999999999999", null],
	["?crashed=1793000000000", 1_793_000_000_000],
])("the time of a crash in %j is %j", (search, at) => {
	expect(crashedAt(search)).toBe(at);
});
