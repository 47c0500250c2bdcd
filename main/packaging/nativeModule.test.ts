// Native modules are told apart by system and processor.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { machineOf } from "./nativeModule.ts";

/** 128 bytes with these numbers of 16 or 32 bits at these places. */
function bytes(start: string, ...numbers: readonly [number, number, number][]) {
	const made = Buffer.alloc(128);
	made.write(start, "latin1");
	for (const [at, width, value] of numbers) made.writeUIntLE(value, at, width);
	return made;
}

test.each([
	["linux-x64", bytes("\x7fELF", [18, 2, 62])],
	["linux-arm64", bytes("\x7fELF", [18, 2, 183])],
	["darwin-x64", bytes("\xcf\xfa\xed\xfe", [4, 4, 0x01000007])],
	["darwin-arm64", bytes("\xcf\xfa\xed\xfe", [4, 4, 0x0100000c])],
	["win32-x64", bytes("MZ", [60, 4, 80], [80, 4, 0x4550], [84, 2, 0x8664])],
	["win32-arm64", bytes("MZ", [60, 4, 80], [80, 4, 0x4550], [84, 2, 0xaa64])],
])("%s", (machine, module) => {
	expect(machineOf(module)).toBe(machine);
});

test.each([
	["nothing", Buffer.alloc(0)],
	["a text", Buffer.from("#!/bin/sh\n".repeat(20))],
	["another processor", bytes("\x7fELF", [18, 2, 8])],
	["a program whose header lies outside", bytes("MZ", [60, 4, 4_000_000_000])],
	["a DOS program", bytes("MZ", [60, 4, 80])],
])("%s is none that we ship", (_name, module) => {
	expect(machineOf(module)).toBeNull();
});

test("the program that runs this test is for this machine", () => {
	const start = readFileSync(process.execPath).subarray(0, 4_096);
	expect(machineOf(start)).toBe(`${process.platform}-${process.arch}`);
});
