// Asks a real session bus whether anybody shows tray icons.
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TraySession } from "../testkit/traySession.ts";
import { openTraySession } from "../testkit/traySession.ts";
import { ASK_WITHIN_MS, BUS_TOOLS, hasTrayHost } from "./trayHost.ts";

test.each(["win32", "darwin"] as const)(
	"%s always shows icons",
	async (platform) => {
		expect(await hasTrayHost({ platform, env: {}, tools: [] })).toBe(true);
	},
);

const isInstalled = (tool: string): boolean =>
	(process.env.PATH ?? "").split(":").some((folder) => {
		try {
			accessSync(join(folder, tool), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});

describe.runIf(process.platform === "linux")("on Linux", () => {
	let session: TraySession;
	beforeAll(async () => {
		session = await openTraySession("none");
	});
	afterAll(() => session.stop());
	const asked = (tools = BUS_TOOLS, env = session.env): Promise<boolean> =>
		hasTrayHost({ platform: "linux", env, tools });

	test("one of the tools is installed here that the others stand in for", () => {
		expect(BUS_TOOLS.some(([tool]) => isInstalled(tool))).toBe(true);
	});

	describe.each(BUS_TOOLS)("asked by %s", (tool, args) => {
		test.runIf(isInstalled(tool))(
			"there is a host when one is registered, anew at every question",
			async () => {
				const tools = [[tool, args]] as const;
				await session.restart("none");
				expect(await asked(tools)).toBe(false);
				await session.restart("host");
				expect(await asked(tools)).toBe(true);
				await session.restart("watcher");
				expect(await asked(tools)).toBe(false);
			},
		);
	});

	test("a tool that is not installed leaves the question to the next one", async () => {
		await session.restart("host");
		const absent = ["foredeck-no-such-tool", () => []] as const;
		expect(await asked([absent, ...BUS_TOOLS])).toBe(true);
		expect(await asked([absent])).toBe(false);
	});

	test("without a session bus there is none", async () => {
		const env = {
			...session.env,
			DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent/bus",
		};
		expect(await asked(BUS_TOOLS, env)).toBe(false);
	});

	test("a panel that hangs is none, after two seconds at most", async () => {
		await session.restart("host");
		session.freeze();
		const from = performance.now();
		expect(await asked()).toBe(false);
		// It was waited for, and given up.
		expect(performance.now() - from).toBeGreaterThan(ASK_WITHIN_MS / 2);
	});
});
