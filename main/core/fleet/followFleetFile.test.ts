import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Result } from "../../../shared/fault.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { fleetRevision, followFleetFile } from "./followFleetFile.ts";
import type { Inventory } from "./inventory.ts";
import { openFleetSource } from "./source.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-follow-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "fleet.json");
const file = (...ids: string[]): string =>
	JSON.stringify({
		version: 1,
		name: "prod",
		hosts: ids.map((id) => ({ id, address: id })),
	});

test("each other content of the file is told once; what is broken or gone takes no host away", async () => {
	const clock = openVirtualClock();
	const choice = { fleet: path };
	const told: Result<Inventory | null>[] = [];
	const source = openFleetSource({ inventory: null, fault: null });
	const since = fleetRevision(choice);
	const stop = followFleetFile({
		...{ clock, choice, since },
		fileLimit: null,
		changed: (next) => {
			told.push(next);
			source.take(next);
		},
	});
	const hosts = () => source.inventory?.hosts.map(({ id }) => id);

	await clock.pass(10_000);
	expect(told).toEqual([]);
	writeFileSync(path, file("a", "b"));
	await clock.pass(10_000);
	expect(told).toHaveLength(1);
	expect([source.name, hosts(), source.fault]).toEqual([
		"prod",
		["a", "b"],
		null,
	]);

	writeFileSync(path, "{ broken");
	await clock.pass(10_000);
	expect(told).toHaveLength(2);
	expect(hosts()).toEqual(["a", "b"]);
	expect(source.fault).toMatchObject({ code: "fleet.invalid" });
	expect(source.fault?.sentence).toMatch(
		/the hosts are those of the file before$/,
	);

	renameSync(path, `${path}.away`);
	await clock.pass(10_000);
	expect(hosts()).toEqual(["a", "b"]);
	expect(source.fault?.code).toBe("fleet.unreadable");

	writeFileSync(path, file("c"));
	await clock.pass(10_000);
	expect([hosts(), source.fault]).toEqual([["c"], null]);

	stop();
	writeFileSync(path, file("d", "e"));
	await clock.pass(10_000);
	expect(told).toHaveLength(4);
});

test("what changed between reading the file and following it is noticed", async () => {
	const clock = openVirtualClock();
	const choice = { fleet: path };
	const since = fleetRevision(choice);
	writeFileSync(path, file("f", "g", "h"));
	let told = 0;
	const stop = followFleetFile({
		...{ clock, choice, since },
		fileLimit: null,
		changed: () => told++,
	});
	await clock.pass(5_000);
	expect(told).toBe(1);
	stop();
});
