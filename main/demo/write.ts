// Puts what a console needs to reach the demo fleet into a folder: the fleet file and the identity, readable only by
// their owner, each written whole or not at all.
import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { failed, fault, ok, type Result } from "../../shared/fault.ts";
import type { DemoFleet } from "./fleet.ts";

/** Writes `fleet.json`, `ca.pem`, `client.pem` and `client.key` into `folder`, which is made when it is missing. */
export async function writeFleet(
	fleet: Pick<DemoFleet, "fleetFile" | "identity">,
	folder: string,
): Promise<Result<void>> {
	const { certPem, keyPem, caPem } = fleet.identity;
	try {
		await mkdir(folder, { recursive: true, mode: 0o700 });
		await writeWhole(join(folder, "ca.pem"), caPem);
		await writeWhole(join(folder, "client.pem"), certPem);
		await writeWhole(join(folder, "client.key"), keyPem);
		// Last: whoever waits for the fleet file finds the identity beside it.
		await writeWhole(
			join(folder, "fleet.json"),
			`${JSON.stringify(fleet.fleetFile, null, "\t")}\n`,
		);
		return ok(undefined);
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		return failed(
			fault("input.invalid", {
				sentence: `the demo fleet's files cannot be written: ${why}`,
			}),
		);
	}
}

async function writeWhole(file: string, content: string): Promise<void> {
	const draft = `${file}.${randomBytes(6).toString("hex")}`;
	try {
		await writeFile(draft, content, { mode: 0o600, flag: "wx" });
		await rename(draft, file);
	} catch (error) {
		await rm(draft, { force: true });
		throw error;
	}
}
