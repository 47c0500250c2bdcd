import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["{shared,main,preload,renderer}/**/*.test.{ts,tsx}"],
		// Two cores are the smallest machine we promise to pass on; more workers only make the socket tests wait for each other.
		maxWorkers: 2,
		// For the 2,000,000-event tests and real handshakes on a machine that is busy with something else.
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// A test that hangs on a socket must not keep the run alive.
		teardownTimeout: 10_000,
	},
});
