// Every fuse is stated, as docs/security.md says, and a new one cannot ship unseen.
import { readFileSync } from "node:fs";
import { FuseV1Options } from "@electron/fuses";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { StatedFuses } from "./fuses.ts";
import { allFuses, strictFuses } from "./fuses.ts";

const { electronFuses } = parse(
	readFileSync(new URL("../../electron-builder.yml", import.meta.url), "utf8"),
) as { electronFuses: StatedFuses };

test("every fuse that is known has its state", () => {
	expect(Object.fromEntries(allFuses(electronFuses))).toEqual({
		RunAsNode: false,
		EnableCookieEncryption: true,
		EnableNodeOptionsEnvironmentVariable: false,
		EnableNodeCliInspectArguments: false,
		EnableEmbeddedAsarIntegrityValidation: true,
		OnlyLoadAppFromAsar: true,
		LoadBrowserProcessSpecificV8Snapshot: false,
		GrantFileProtocolExtraPrivileges: false,
		WasmTrapHandlers: true,
	});
});

test("what flips them is strict, and has one state for each of them", () => {
	const { version, strictlyRequireAllFuses, ...wire } =
		strictFuses(electronFuses);
	expect({ version, strictlyRequireAllFuses }).toEqual({
		version: "1",
		strictlyRequireAllFuses: true,
	});
	const numbers = Object.values(FuseV1Options).filter(
		(value) => typeof value === "number",
	);
	expect(Object.keys(wire).map(Number)).toEqual(numbers);
});

test.each(
	Object.keys(electronFuses).filter((name) => !name.startsWith("reset")),
)("without %s nothing is packed", (name) => {
	const { [name]: _left, ...others } = electronFuses;
	expect(() => strictFuses(others)).toThrow(/is not stated: decide it/);
});
