// A failing job on real agents, told to a real notification service of a Linux desktop: once, summed up once, with whatever the
// agents wrote as text, clickable, and not again after a restart.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import { openConsole } from "../core/console.ts";
import { openKeptNotes } from "../core/notify/keptNotes.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { writeFleet } from "../demo/write.ts";
import { openDbusNotifier } from "../shell-node/dbusNotifier.ts";
import { untilTrue } from "../testkit/demoWorld.ts";
import {
	NO_NOTIFICATIONS,
	openNotificationSession,
} from "../testkit/notificationSession.ts";
import { openMemoryVault } from "../vault/memory.ts";
import { runForedeck, startForedeck } from "./demo.ts";
import { FAILS, openWorld } from "./world.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

const HOSTILE = "<b>curl</b>&lt;\u202e\u001b[31m$(reboot)";

test.skipIf(NO_NOTIFICATIONS !== null)(
	"a failing job is one note of the desktop, then one summary in its place, and none after a restart",
	async () => {
		const folder = mkdtempSync(join(tmpdir(), "foredeck-desktop-"));
		closing.push(() => rmSync(folder, { recursive: true, force: true }));
		const path = join(folder, "notify.json");
		const session = await openNotificationSession();
		closing.push(session.stop);
		const opened: string[] = [];
		const desktop = () => {
			const notifier = openDbusNotifier({
				address: session.address,
				clock: systemClock(),
				log: () => {},
				open: (hash) => opened.push(hash),
			});
			closing.push(notifier.stop);
			return { ...openKeptNotes(path, () => {}), ...notifier.port };
		};
		const ids = ["db-1", "db-2", "db-3"];
		const world = await openWorld({
			hosts: ids.map((id) => ({ id })),
			notify: desktop(),
		});
		closing.push(world.stop);
		await world.until("all are live", () =>
			ids.every((id) => world.link(id).channel === "live"),
		);
		const packages = [HOSTILE];
		world.submit(["db-1"], { packages, runMs: 300, outcome: FAILS });
		world.submit(["db-2"], { packages, runMs: 1_200, outcome: FAILS });
		world.submit(["db-3"], { packages, runMs: 2_000 });
		await session.until(() => session.asked.length === 3);
		const [job] = world.jobs();
		const curl = "&lt;b&gt;curl&lt;/b&gt;&amp;lt;‹U+202E›‹ESC›[31m$(reboot)";
		expect(session.asked).toMatchObject([
			{
				kind: "notify",
				id: 1,
				summary: "patch apply · test",
				body: expect.stringMatching(/^1 of \d failed: db-1, still running\n/),
				hints: { urgency: 2 },
			},
			{ kind: "close", id: 1 },
			{
				kind: "notify",
				id: 2,
				replaces: 0,
				body: expect.stringMatching(/^1 ok, 2 failed · \d+ s\n/),
			},
		]);
		const bodies = session.asked.flatMap((one) =>
			one.kind === "notify" ? [one.body.split("\n")[1]] : [],
		);
		expect(bodies).toEqual([curl, curl]);
		await session.click(2);
		await world.until("the click is heard", () => opened.length > 0);
		expect(opened).toEqual([`#/jobs/${job?.id}?host=db-1`]);
		await world.console.stop();

		const again = openConsole(
			{
				version: "0.0.0-test",
				shell: "node",
				demo: false,
				inventory: { name: "test", hosts: world.entries },
				identity: world.identity,
				fault: null,
				notify: desktop(),
			},
			{
				clock: systemClock(),
				log: () => {},
				random: Math.random,
				vault: openMemoryVault(),
			},
		);
		closing.push(() => again.stop());
		await world.until("the other run knows the job", () =>
			[...again.book.jobs.values()].some(
				({ counts, endedAt }) => counts.host === 3 && endedAt !== null,
			),
		);
		// What is shown next comes after whatever the lists could have brought.
		world.submit(["db-1"], { operation: "install" });
		await session.until(() => session.asked.length > 3);
		expect(session.asked.slice(3)).toMatchObject([
			{ kind: "notify", summary: "install · test", hints: { urgency: 1 } },
		]);
	},
);

test.skipIf(NO_NOTIFICATIONS !== null)(
	"foredeck serve tells the desktop it runs on, and a click opens the browser at the failed host, without the token",
	async () => {
		const folder = mkdtempSync(join(tmpdir(), "foredeck-desktop-"));
		closing.push(() => rmSync(folder, { recursive: true, force: true }));
		const session = await openNotificationSession();
		closing.push(session.stop);
		const fleet = await startDemoFleet({
			hosts: 1,
			seed: 1,
			port: 0,
			dialect: "new",
			jobs: false,
			clock: systemClock(),
		});
		closing.push(fleet.stop);
		await writeFleet(fleet, folder);
		const at = (name: string): string => join(folder, name);
		// The person's browser.
		writeFileSync(
			at("xdg-open"),
			`#!/bin/sh\nprintf %s "$1" > ${at("opened")}\n`,
			{
				mode: 0o700,
			},
		);
		const serve = ["serve", "--no-open", "--fleet", at("fleet.json")];
		const files = ["--cert", at("client.pem"), "--key", at("client.key")];
		const args = [...serve, ...files, "--ca", at("ca.pem")];
		const env = {
			...process.env,
			FOREDECK_DATA: at("data"),
			PATH: `${folder}:${process.env.PATH}`,
			DISPLAY: ":99",
			DBUS_SESSION_BUS_ADDRESS: session.address,
		};
		const served = await startForedeck(args, env);
		closing.push(served.stop);
		const host = fleet.fleetFile.hosts[0]?.id ?? "";
		const submit = () =>
			fleet.agent(host).submit({
				operation: "install",
				packages: ["curl"],
				startAfterMs: 0,
				runMs: 300,
				outcome: FAILS,
			});
		submit();
		const summary = () =>
			session.asked.find(
				(one) => one.kind === "notify" && one.body.startsWith("1 failed"),
			);
		await session.until(() => summary() !== undefined);
		await session.click(summary()?.id ?? 0);
		const opened = (): string => {
			try {
				return readFileSync(at("opened"), "utf8");
			} catch {
				return "";
			}
		};
		await untilTrue(() => opened() !== "");
		const { origin } = new URL(served.address);
		expect(opened()).toMatch(/#\/jobs\/[^?]+\?host=/);
		expect(opened().startsWith(`${origin}/#/jobs/`)).toBe(true);
		expect(opened().endsWith(`?host=${host}`)).toBe(true);
		expect(await served.stop()).toBe(0);

		const { DBUS_SESSION_BUS_ADDRESS: _bus, ...noBus } = env;
		const refused = await runForedeck([...args, "--notify"], {
			...noBus,
			XDG_RUNTIME_DIR: at("nowhere"),
		});
		expect(refused.code).toBe(1);
		expect(refused.output).toContain("--notify needs the D-Bus");
	},
);
