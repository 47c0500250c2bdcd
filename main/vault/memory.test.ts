import { describe, expect, test } from "vitest";
import { someIdentity, vaultConformance } from "../testkit/vaultConformance.ts";
import { openMemoryVault } from "./memory.ts";

describe("the session-only vault", () => {
	vaultConformance(openMemoryVault);

	test("says that it forgets", async () => {
		expect(await openMemoryVault().state()).toMatchObject({
			ok: true,
			value: { kind: "session" },
		});
	});

	test("two vaults share nothing", async () => {
		const one = openMemoryVault();
		await one.set("prod", someIdentity("prod", 10));
		expect((await openMemoryVault().get("prod")).ok).toBe(false);
	});
});
