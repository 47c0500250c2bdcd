import { defineConfig } from "vitest/config";

/** For `npm run mutation`: the unit and property tests of the modules that Stryker changes, and no socket. */
export default defineConfig({
	test: {
		include: ["main/core/link/*.test.ts", "main/core/jobs/*.test.ts"],
		testTimeout: 20_000,
	},
});
