// No network at all, for real: the console runs in a network namespace whose only interface goes down and comes back. That
// this works wherever Linux does is not certain; `faults.test.ts` provokes `net.offline` without it.
import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Fault } from "../../shared/fault.ts";
import type { Host } from "../../shared/model.ts";

const STORY = fileURLToPath(new URL("./offlineStory.ts", import.meta.url));

/** How to start a program without a network: as root, or as nobody in particular where user namespaces are allowed. */
const ALONE = [["-n"], ["-rn"]].find(
	(options) =>
		spawnSync("unshare", [...options, "ip", "link", "set", "lo", "up"])
			.status === 0,
);

const NOT_ALONE =
	"this machine lets nobody make a network namespace (unshare -n, ip); only the row of faults.test.ts proves it here";

interface Told extends Pick<Host, "link"> {
	readonly when: string;
	readonly health: Host["health"]["kind"];
	readonly fault: Fault | null;
	readonly dialed: number;
}

test("net.offline: without a network the host is offline, not dead, and live again when the network is back", async (context) => {
	if (ALONE === undefined) {
		process.stderr.write(`net.offline: skipped: ${NOT_ALONE}\n`);
		return context.skip(NOT_ALONE);
	}
	const { stdout } = await promisify(execFile)("unshare", [
		...ALONE,
		process.execPath,
		"--disable-warning=ExperimentalWarning",
		STORY,
	]);
	const told = stdout
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line) as Told);
	expect(told).toMatchObject([
		{
			when: "down",
			link: { channel: "offline", fault: "net.offline" },
			// Our network says nothing about the host.
			health: "healthy",
			fault: {
				evidence: { causes: [expect.stringMatching(/^ENETUNREACH: connect /)] },
			},
			dialed: 1,
		},
		{
			when: "up again",
			link: { channel: "live", fault: null, attempt: 0 },
			health: "healthy",
			dialed: 2,
		},
	]);
});
