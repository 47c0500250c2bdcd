import { defineConfig } from "@playwright/test";

/** Whether the pictures of docs/screenshots are made anew. */
const TAKES_PICTURES = process.env.FOREDECK_SCREENSHOTS === "1";

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
		{
			name: "chromium",
			testIgnore: TAKES_PICTURES
				? "**/electron.spec.ts"
				: ["**/electron.spec.ts", "**/pictures.spec.ts"],
		},
		// Says why it is skipped where no Electron program is at hand.
		{ name: "electron", testMatch: "**/electron.spec.ts" },
	],
});
