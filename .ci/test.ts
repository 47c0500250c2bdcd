// Runs everything that proves Foredeck right and ends with one line that sums it up: types, lint, unused code, unit and
// socket tests, and with no argument also the tests in a real browser. With `check` it leaves those out. Every step runs
// even when a former one failed, so that one run tells everything.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const reports = mkdtempSync(join(tmpdir(), "foredeck-test-"));

interface Tally {
	readonly passed: number;
	readonly failed: number;
	readonly skipped: number;
}

const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 };
const ONE_FAILED: Tally = { passed: 0, failed: 1, skipped: 0 };

const plus = (a: Tally, b: Tally): Tally => ({
	passed: a.passed + b.passed,
	failed: a.failed + b.failed,
	skipped: a.skipped + b.skipped,
});

/** Runs a program of this checkout; true when it ended well. */
function run(
	name: string,
	args: readonly string[],
	env: Record<string, string> = {},
): boolean {
	console.log(`\n--- ${name}`);
	const done = spawnSync(process.execPath, args, {
		cwd: ROOT,
		stdio: "inherit",
		env: { ...process.env, ...env },
	});
	return done.status === 0;
}

/** A step that only passes or fails; it counts when it fails. */
function step(name: string, args: readonly string[]): Tally {
	return run(name, args) ? NOTHING : ONE_FAILED;
}

/** A run of tests with its report. One that fails without a failed test, or without a report, counts as one failed. */
function tests(
	name: string,
	args: readonly string[],
	env: Record<string, string>,
	report: string,
	read: (report: never) => Tally,
): Tally {
	const ended = run(name, args, env);
	let tally: Tally;
	try {
		tally = read(JSON.parse(readFileSync(report, "utf8")) as never);
	} catch {
		console.error(`${name}: no report was written`);
		return ONE_FAILED;
	}
	return !ended && tally.failed === 0 ? plus(tally, ONE_FAILED) : tally;
}

function unitTests(): Tally {
	const report = join(reports, "vitest.json");
	return tests(
		"unit and socket tests",
		[
			"node_modules/vitest/vitest.mjs",
			"run",
			"--reporter=default",
			"--reporter=json",
			`--outputFile.json=${report}`,
		],
		{},
		report,
		(told: {
			numPassedTests: number;
			numFailedTests: number;
			numPendingTests: number;
			numTodoTests: number;
		}) => ({
			passed: told.numPassedTests,
			failed: told.numFailedTests,
			skipped: told.numPendingTests + told.numTodoTests,
		}),
	);
}

interface BrowserSuite {
	readonly suites?: readonly BrowserSuite[];
	readonly specs?: readonly {
		readonly title: string;
		readonly tests: readonly {
			readonly annotations: readonly {
				readonly type: string;
				readonly description?: string;
			}[];
		}[];
	}[];
}

interface BrowserReport {
	readonly stats: {
		readonly expected: number;
		readonly unexpected: number;
		readonly flaky: number;
		readonly skipped: number;
	};
	readonly suites: readonly BrowserSuite[];
}

/** Why tests were skipped, one line each: Playwright's own list does not say. */
const skipReasons = (suites: readonly BrowserSuite[]): string[] =>
	suites.flatMap(({ suites: inner = [], specs = [] }) => [
		...skipReasons(inner),
		...specs.flatMap(({ title, tests: runs }) =>
			runs
				.flatMap(({ annotations }) => annotations)
				.filter(({ type }) => type === "skip")
				.slice(0, 1)
				.map(
					({ description }) =>
						`skipped: ${title}: ${description ?? "no reason given"}`,
				),
		),
	]);

function browserTests(): Tally {
	const report = join(reports, "playwright.json");
	return tests(
		"tests in a real browser",
		["node_modules/@playwright/test/cli.js", "test", "--reporter=list,json"],
		{ PLAYWRIGHT_JSON_OUTPUT_NAME: report },
		report,
		(told: BrowserReport) => {
			for (const line of skipReasons(told.suites)) console.log(line);
			return {
				passed: told.stats.expected,
				// A test that passed only at the second try did not pass.
				failed: told.stats.unexpected + told.stats.flaky,
				skipped: told.stats.skipped,
			};
		},
	);
}

const onlyCheck = process.argv[2] === "check";
const steps: readonly (() => Tally)[] = [
	() => step("build", ["build.ts"]),
	() => step("types", [".ci/types.ts"]),
	() =>
		step("lint and format", ["node_modules/@biomejs/biome/bin/biome", "ci"]),
	() => step("unused code", ["node_modules/knip/bin/knip.js"]),
	unitTests,
	...(onlyCheck ? [] : [browserTests]),
];
const sum = steps.reduce((tally, next) => plus(tally, next()), NOTHING);
rmSync(reports, { recursive: true, force: true });
if (sum.passed === 0) console.error("no test passed: that proves nothing");
console.log(
	`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`,
);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
