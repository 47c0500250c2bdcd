import { expect, test } from "vitest";
import { readStartOptions } from "./startOptions.ts";

test("without arguments there is no fleet and no demo", () => {
	expect(readStartOptions(["."], {})).toEqual({
		demo: false,
		hosts: 50,
		seed: 1,
		fleet: undefined,
		cert: undefined,
		key: undefined,
		ca: undefined,
		data: undefined,
		logLevel: "warn",
	});
});

test("options are named as on the command line", () => {
	expect(
		readStartOptions(
			[
				".",
				"--demo",
				"--hosts",
				"12",
				"--seed=7",
				"--fleet",
				"f.json",
				"--log-level",
				"debug",
			],
			{},
		),
	).toMatchObject({
		demo: true,
		hosts: 12,
		seed: 7,
		fleet: "f.json",
		logLevel: "debug",
	});
});

test("what Chromium adds is let pass, and what cannot be used is as if not given", () => {
	expect(
		readStartOptions(
			[
				"--no-sandbox",
				"--remote-debugging-port=0",
				".",
				"--hosts",
				"many",
				"--log-level",
				"loud",
			],
			{},
		),
	).toMatchObject({ demo: false, hosts: 50, logLevel: "warn" });
	expect(readStartOptions(["--hosts", "1000000"], {}).hosts).toBe(10_000);
});

test("an option comes before the environment", () => {
	const env = { FOREDECK_DATA: "/e", FOREDECK_LOG: "info" };
	expect(readStartOptions([], env)).toMatchObject({
		data: "/e",
		logLevel: "info",
	});
	expect(readStartOptions(["--data", "/o"], env)).toMatchObject({ data: "/o" });
});
