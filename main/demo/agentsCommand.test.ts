import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import { ask } from "../testkit/agentClient.ts";
import { type AgentsOptions, runAgents, tally } from "./agentsCommand.ts";

let folder = "";
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "agents-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the command until `untilLine` was printed, then interrupts it. */
async function run(
	options: Partial<AgentsOptions>,
	untilLine = (_line: string) => true,
	meanwhile = async () => {},
) {
	const stop = new AbortController();
	const out: string[] = [];
	const err: string[] = [];
	let work = Promise.resolve();
	let isWorking = false;
	const code = await runAgents(
		{
			hosts: 3,
			seed: 1,
			port: 0,
			dialect: "new",
			out: join(folder, "made"),
			speed: 100,
			clock: systemClock(),
			signal: stop.signal,
			...options,
		},
		{
			out(line) {
				out.push(line);
				if (!untilLine(line) || isWorking) return;
				// Once: on a busy machine another line may come while this works.
				isWorking = true;
				work = meanwhile().finally(() => stop.abort());
			},
			err: (line) => void err.push(line),
		},
	);
	await work;
	return { code, out, err };
}

test("the files are whole, private and usable when `ready` is printed", async () => {
	const made = join(folder, "made");
	const { code, out } = await run({}, undefined, async () => {
		const read = (name: string) => readFile(join(made, name), "utf8");
		const { hosts } = JSON.parse(await read("fleet.json"));
		const [host] = hosts;
		expect(hosts).toHaveLength(3);
		const answer = await ask(
			{
				...host,
				certPem: await read("client.pem"),
				keyPem: await read("client.key"),
				caPem: await read("ca.pem"),
			},
			"/health",
		);
		expect(answer.status).toBe(200);
		for (const name of ["fleet.json", "ca.pem", "client.pem", "client.key"])
			expect((await stat(join(made, name))).mode & 0o777).toBe(0o600);
	});
	expect(code).toBe(0);
	expect(out[0]).toBe("ready");
});

test("a line is printed for each job that ended", async () => {
	const { out } = await run({}, (line) => line.startsWith("job "));
	expect(out).toEqual(["ready", "job patchapply · openssl ended: 3 succeeded"]);
});

test("a faults file that is wrong is refused with its path, and nothing is written", async () => {
	const faults = join(folder, "faults.json");
	await writeFile(faults, '{"version":1,"hosts":{"a":[{"kind":"deaf"}]}}');
	const { code, out, err } = await run({ faults });
	expect(code).toBe(1);
	expect(out).toEqual([]);
	expect(err).toEqual([
		expect.stringMatching(
			/^foredeck: .*faults\.json: hosts\.a\[0\]\.afterEvents: .* \[faults\.invalid\]$/,
		),
	]);
	await expect(stat(join(folder, "made"))).rejects.toThrow("ENOENT");
});

test("a pattern that fits no host is told, and the rest works", async () => {
	const faults = join(folder, "faults.json");
	await writeFile(faults, '{"version":1,"hosts":{"wbe-*":[{"kind":"swap"}]}}');
	const { code, err } = await run({ faults });
	expect(code).toBe(0);
	expect(err[0]).toContain('no host fits "wbe-*"');
});

test("a folder that cannot be written is told", async () => {
	const file = join(folder, "file");
	await writeFile(file, "");
	const { code, err } = await run({ out: join(file, "below") });
	expect(code).toBe(1);
	expect(err[0]).toMatch(/cannot be written.*\[input\.invalid\]$/);
});

test("a tally says what there is and nothing else", () => {
	const hosts = (...list: readonly (readonly [string, boolean?])[]) => ({
		hosts: new Map(
			list.map(([state, rebooted = false], index) => [
				String(index),
				{ agentJobId: "", state: state as "failed", errorCode: null, rebooted },
			]),
		),
	});
	expect(tally(hosts(["succeeded"], ["succeeded"], ["failed"], ["lost"]))).toBe(
		"2 succeeded, 1 failed, 1 lost",
	);
	expect(tally(hosts(["failed", true], ["lost", true]))).toBe("2 rebooted");
	expect(tally(hosts())).toBe("no hosts");
});
