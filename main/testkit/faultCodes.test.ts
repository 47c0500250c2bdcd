// Every fault code is provoked somewhere: for real where it concerns a host's link or the vault, by a test of its own where
// it concerns Foredeck's own input and doors. A code that nobody provokes may as well not exist, or may never be told.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { FaultCode } from "../../shared/fault.ts";
import { FAULT_CODES } from "../../shared/fault.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Areas of a host's link, and of what it needs on this computer (03-BEHAVIOUR section 4). */
const HOST_AREAS =
	/^(dns|tcp|tls|alpn|proxy|http|ws|live|auth|agent|session|vault|host|net)\.|^identity\.absent$/;

/** Tests on real sockets and real keychains, and the tables they read their rows from. */
const REAL = [
	"main/e2e/**/*.test.ts",
	"main/vault/**/*.test.ts",
	"main/testkit/certificateTable.ts",
];
/** The others. Who judges invented failures proves nothing about the real ones, and these two only know the names. */
const ANY = ["{shared,main,preload,renderer}/**/*.test.{ts,tsx}"];
const NAMES_ONLY = new Set([
	"main/testkit/faultCodes.test.ts",
	"main/testkit/faultsPage.test.ts",
]);

const read = (patterns: readonly string[]): string =>
	globSync([...patterns], { cwd: ROOT })
		.map((path) => path.replaceAll("\\", "/"))
		.filter((path) => !NAMES_ONLY.has(path))
		.map((path) => readFileSync(join(ROOT, path), "utf8"))
		.join("\n");

/** As a text of its own, at the beginning of a title, or as a command line says it: `"tcp.reset"`, `"tcp.reset: a server that …"`, `[tcp.reset]`. */
function isNamed(code: FaultCode, sources: string): boolean {
	const word = code.replaceAll(".", "\\\\?\\.");
	return new RegExp(`["'\`]${word}(["'\`]|: )|\\[${word}\\\\?\\]`).test(
		sources,
	);
}

const isOfHost = (code: FaultCode): boolean => HOST_AREAS.test(code);

describe("every fault code is provoked", () => {
	const real = read(REAL);
	const any = read(ANY);
	test.each(FAULT_CODES.filter(isOfHost))("%s, for real", (code) => {
		expect(isNamed(code, real)).toBe(true);
	});
	test.each(FAULT_CODES.filter((code) => !isOfHost(code)))("%s", (code) => {
		expect(isNamed(code, any)).toBe(true);
	});
	test("and one that nobody provokes would be found", () => {
		expect(isNamed("tcp.refused", 'test("tcp.refusedly", () => {})')).toBe(
			false,
		);
		expect(isNamed("tcp.refused", "// tcp.refused")).toBe(false);
		expect(isNamed("tcp.refused", 'test("tcp.refused: so", story)')).toBe(true);
		expect(isNamed("tcp.refused", 'code: "tcp.refused",')).toBe(true);
		expect(isNamed("tcp.refused", "toMatch(/\\[tcp\\.refused\\]$/)")).toBe(
			true,
		);
	});
});
