import { defineConfig } from "@playwright/test";

export default defineConfig({
	testDir: "main/e2e",
	testMatch: "**/*.spec.ts",
	outputDir: "test-results",
	// One at a time: each test runs a fleet and a browser, and two cores are the smallest machine we promise to pass on.
	workers: 1,
	fullyParallel: false,
	reporter: "list",
	// The demo fleet's first job takes about 45 s.
	timeout: 120_000,
	expect: { timeout: 15_000 },
	use: {
		launchOptions: {
			// Debian's own; nothing is downloaded.
			executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
		},
		viewport: { width: 1440, height: 900 },
	},
	projects: [
		{ name: "chromium", testIgnore: "**/electron.spec.ts" },
		// Says why it is skipped where no Electron program is at hand.
		{ name: "electron", testMatch: "**/electron.spec.ts" },
	],
});
