import { expect, test } from "vitest";
import { isPhantom, operationOf, runStateOf, versionOf } from "./words.ts";

test.each([
	["pending", "queued"],
	["queued", "queued"],
	["running", "running"],
	["completed", "succeeded"],
	["succeeded", "succeeded"],
	["failed", "failed"],
	["cancelled", "cancelled"],
	["timedout", "timed_out"],
	["timed_out", "timed_out"],
	["timeout", "timed_out"],
	["Completed", "succeeded"],
	["TIMED_OUT", "timed_out"],
	// What the manager's own tables say of an agent's run, which agents do not.
	["waiting", "unknown"],
	["connected", "unknown"],
	["Zorp", "unknown"],
	["waiting_health_check", "unknown"],
	["", "unknown"],
	["__proto__", "unknown"],
	["constructor", "unknown"],
])("M8: the word %j means %s", (word, state) => {
	expect(runStateOf(word)).toBe(state);
});

test.each([
	["patch_apply", "patchapply"],
	["patchapply", "patchapply"],
	["self_update", "selfupdate"],
	["PatchApply", "patchapply"],
	["reboot", "reboot"],
])("the operation %j is %s", (word, operation) => {
	expect(operationOf(word)).toBe(operation);
});

test.each([
	["2.5.5", "2.5.5"],
	["v2.5.5", "2.5.5"],
	["2.5.5-1", "2.5.5"],
	["1:2.4.0-1ubuntu2", "2.4.0"],
	["V0.1-1", "0.1"],
	["2.4.0-rc.1", "2.4.0-rc.1"],
	[" 2.0 ", "2.0"],
	["vnext", "vnext"],
])("the version %j is %s", (word, version) => {
	expect(versionOf(word)).toBe(version);
});

test("a package that begins with two underscores betrays a hidden job", () => {
	expect(isPhantom(["__health_refresh__"])).toBe(true);
	expect(isPhantom(["curl", "__patch_list_refresh__"])).toBe(true);
	expect(isPhantom(["_curl", "python3__x"])).toBe(false);
	expect(isPhantom([])).toBe(false);
});
