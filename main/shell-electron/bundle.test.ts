// Builds the app as it ships and boots it under plain Node against a double of Electron: the bundle resolves, registers
// what it should in the right order, and its preload, pipe, core and demo fleet work together.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BootReport } from "../testkit/bootElectronBundle.ts";
import { openTraySession } from "../testkit/traySession.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HOSTS = 5;
/** What a person keeps on this computer is not this test's. */
const kept = mkdtempSync(join(tmpdir(), "foredeck-booted-"));
afterAll(() => rmSync(kept, { recursive: true, force: true }));

/** Runs a program to its end; one that hangs is killed and has no exit code. */
function run(
	args: readonly string[],
	env: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
	return new Promise((resolve) => {
		const child = spawn(process.execPath, args, {
			cwd: ROOT,
			env: { ...process.env, XDG_DATA_HOME: kept, ...env },
			timeout: 30_000,
		});
		let out = "";
		let err = "";
		child.stdout.on("data", (bytes) => {
			out += bytes;
		});
		child.stderr.on("data", (bytes) => {
			err += bytes;
		});
		child.on("exit", (code) => resolve({ code, out, err }));
	});
}

beforeAll(() => {
	const built = spawnSync(
		process.execPath,
		["build.ts", "electron", "preload", "passphrase", "renderer"],
		{ cwd: ROOT, encoding: "utf8" },
	);
	expect(built.stderr).toMatch(/^build: /m);
	expect(built.status).toBe(0);
}, 120_000);

describe("the built app, booted with the demo fleet", () => {
	let report: BootReport;
	beforeAll(async () => {
		const ended = await run([
			"main/testkit/bootElectronBundle.ts",
			"--demo",
			`--hosts=${HOSTS}`,
		]);
		// Ending by itself proves that nothing was left open: no socket, no timer, no agent.
		expect(ended).toMatchObject({ code: 0 });
		report = JSON.parse(
			ended.out.trim().split("\n").at(-1) ?? "",
		) as BootReport;
	}, 60_000);

	test("sandboxes and registers its scheme before Electron is ready", () => {
		const ready = report.deeds.indexOf("ready");
		expect(report.deeds.slice(0, ready)).toEqual([
			"enableSandbox",
			"setAppUserModelId io.foredeck.console",
			"registerSchemes app",
			"crashReporter local",
			"listen open-url",
			"listen second-instance",
			"listen web-contents-created",
		]);
	});

	test("denies the session everything before a page can ask", () => {
		const loaded = report.deeds.findIndex((deed) => deed.startsWith("load "));
		expect(report.deeds.slice(0, loaded)).toEqual(
			expect.arrayContaining([
				"setPermissionRequestHandler",
				"setPermissionCheckHandler",
				"setDevicePermissionHandler",
				"setBluetoothPairingHandler",
				"setDisplayMediaRequestHandler",
				"onBeforeRequest",
				"handle app",
				"setWindowOpenHandler",
			]),
		);
	});

	test("fetches updates in a session of their own, which the page's filter does not cancel", () => {
		expect(report.deeds).toContain("fromPartition foredeck-updates uncached");
		// One session alone is filtered: the page's.
		expect(
			report.deeds.filter((deed) => deed === "onBeforeRequest"),
		).toHaveLength(1);
		const main = readFileSync(join(ROOT, "dist/electron/main.mjs"), "utf8");
		expect(main).not.toMatch(/\b(net|defaultSession)\.fetch\(/);
	});

	test("serves its own page and refuses a path out of it", () => {
		expect(report.deeds).toContain("load app://console/index.html 200");
		expect(report.refusedAddressStatus).toBe(400);
	});

	test("makes one window, hardened", () => {
		expect(report.windowOptions).toHaveLength(1);
		expect(report.windowOptions[0]).toMatchObject({
			webPreferences: {
				sandbox: true,
				contextIsolation: true,
				nodeIntegration: false,
			},
		});
	});

	test("its preload loads nothing but electron and exposes one object", () => {
		expect(new Set(report.required)).toEqual(new Set(["electron"]));
		expect(report.deeds.filter((deed) => deed.startsWith("expose "))).toEqual([
			"expose foredeck",
		]);
	});

	test("the page sees the demo fleet through its pipe", () => {
		expect(report.session).toMatchObject({
			ok: true,
			value: { shell: "electron", demo: true, fleet: "demo", fault: null },
		});
		expect(report.hosts).toBe(HOSTS);
	});

	test("a second start brings the window to the front", () => {
		const at = report.deeds.indexOf("restore");
		expect(report.deeds.slice(at, at + 3)).toEqual([
			"restore",
			"show",
			"focus",
		]);
	});

	test("a link that comes with a second start is shown, and a hostile one is not", () => {
		const loads = report.deeds.filter((deed) => deed.startsWith("load "));
		expect(loads).toEqual([
			"load app://console/index.html 200",
			"load app://console/index.html#/jobs/j-1?host=db-07 200",
		]);
	});

	test("listens for sleep and for a locked screen, and has a menu", () => {
		expect(report.deeds).toEqual(
			expect.arrayContaining([
				"listen resume",
				"listen unlock-screen",
				"listen second-instance",
				"setApplicationMenu",
			]),
		);
	});

	test("the tray has a picture that is there, the fleet in words, and a menu", () => {
		expect(report.tray?.picture).toMatch(
			/\/resources\/tray\/(ok|working|attention|degraded)-light\.png$/,
		);
		expect(report.tray?.tooltip).toMatch(/^demo: .*\b5? ?hosts? /);
		const labels = report.tray?.labels ?? [];
		expect(labels[0]).toMatch(/^demo: /);
		expect(labels.slice(-2)).toEqual(["Open Foredeck", "Quit Foredeck"]);
		expect(labels).toContain("Mute notifications");
	});

	test("quits from the tray, which is empty then", () => {
		expect(report.tray?.isDestroyed).toBe(false);
		expect(report.trayGone).toBe(true);
	});

	test("quits within a second, after the core has stopped", () => {
		expect(report.deeds.slice(-3)).toEqual([
			"quit",
			"quit held back",
			"exit 0",
		]);
		expect(report.exitCode).toBe(0);
		expect(report.quitMs).toBeLessThan(1_500);
	});
});

const NO_BUS = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent/bus" };

test("without a fleet it opens all the same, and says what is missing", async () => {
	// Away from this computer's own keychain, which on Linux is behind the session bus.
	const ended = await run(["main/testkit/bootElectronBundle.ts"], NO_BUS);
	expect(ended).toMatchObject({ code: 0 });
	const report = JSON.parse(ended.out) as BootReport;
	expect(report.hosts).toBe(0);
	expect(report.session).toMatchObject({
		ok: true,
		value: {
			demo: false,
			identity: null,
			fault: {
				code: expect.stringMatching(/^(vault\.missing|identity\.absent)$/),
			},
		},
	});
});

test("closing the window where nobody shows icons ends Foredeck, as without a tray", async () => {
	const ended = await run(
		[
			"--input-type=module",
			"-e",
			`const { installElectronDouble } = await import("./main/testkit/electronDouble.ts");
			const electron = installElectronDouble();
			process.argv.push("--demo", "--hosts=1");
			await import("./dist/electron/main.mjs");
			await electron.page;
			electron.closeWindow();
			const exit = await electron.exit;
			console.log(electron.deeds.includes("hide"), exit);`,
		],
		NO_BUS,
	);
	expect(ended).toMatchObject({ code: 0 });
	expect(ended.out).toBe("false 0\n");
});

describe.runIf(process.platform === "linux")("on a desktop with a tray", () => {
	test("closing the window says once that Foredeck goes on, and hides it; a second start and a link raise it", async () => {
		const session = await openTraySession("host");
		const data = mkdtempSync(join(tmpdir(), "foredeck-closing-"));
		try {
			const ended = await run(
				[
					"--input-type=module",
					"-e",
					`const { installElectronDouble } = await import("./main/testkit/electronDouble.ts");
					const electron = installElectronDouble();
					process.argv.push("--data=${data}");
					await import("./dist/electron/main.mjs");
					await electron.page;
					const deeds = () => electron.deeds.filter((deed) => /^(ask|hide|show$|load .*#|quit$|answer)/.test(deed));
					const before = deeds().length;
					const until = async (deed, count) => {
						while (deeds().slice(before).filter((one) => one === deed).length < count) await new Promise(setImmediate);
					};
					electron.closeWindow();
					await until("hide", 1);
					electron.secondStart();
					electron.closeWindow();
					await until("hide", 2);
					electron.secondStart("foredeck://v1/jobs/j-1");
					await until("load app://console/index.html#/jobs/j-1 200", 1);
					electron.quit();
					await electron.exit;
					console.log(deeds().slice(before).join("\\n"));`,
				],
				session.env,
			);
			expect(ended).toMatchObject({ code: 0 });
			expect(ended.out.trim().split("\n")).toEqual([
				"ask Foredeck goes on in the tray and watches your hosts.",
				"hide",
				"show",
				"hide",
				// The start, and its link.
				"show",
				"show",
				"load app://console/index.html#/jobs/j-1 200",
				"quit",
			]);
		} finally {
			rmSync(data, { recursive: true, force: true });
			await session.stop();
		}
	});
});

test("installed, it does not start without Chromium's sandbox, and says so", async () => {
	const ended = await run([
		"--input-type=module",
		"-e",
		`const { installElectronDouble } = await import("./main/testkit/electronDouble.ts");
		const electron = installElectronDouble({ packaged: true, switches: ["no-sandbox"] });
		await import("./dist/electron/main.mjs");
		console.log(electron.deeds.slice(-2).join("\\n"), await electron.exit);`,
	]);
	expect(ended).toMatchObject({ code: 0, err: "" });
	expect(ended.out).toMatch(
		/^error Foredeck does not run without Chromium's sandbox .*\nexit 1 1\n$/,
	);
});

test.each(["dist/preload/preload.cjs", "dist/passphrase/passphrase.cjs"])(
	"%s is one file without imports",
	(file) => {
		const preload = readFileSync(join(ROOT, file), "utf8");
		expect(preload.match(/require\([^)]*\)/g)).toEqual(['require("electron")']);
		expect(preload).not.toMatch(/\bimport\b/);
	},
);

describe("npm start", () => {
	test("says in one sentence what works where the Electron program is not there", async () => {
		const ended = await run(["main/shell-electron/start.ts"], {
			ELECTRON_OVERRIDE_DIST_PATH: join(ROOT, "no-such-folder"),
		});
		expect(ended).toEqual({
			code: 1,
			out: "",
			err: "foredeck: the Electron program is not installed and cannot be downloaded here; run npx foredeck serve for the same console in a browser [electron.missing]\n",
		});
	});
});
