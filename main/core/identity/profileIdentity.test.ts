// The identity of a profile from the vault, and how the vault is asked again while it stands in the way.
import { expect, test } from "vitest";
import type { FaultCode, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import { someIdentity } from "../../testkit/vaultConformance.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import type { Identity, Vault } from "../ports.ts";
import { profileIdentity, watchIdentity } from "./profileIdentity.ts";

const identity = someIdentity("prod", 10);
/** A vault with the identity under these names; nothing else of it is used. */
const vaultWith = (...names: string[]): Vault =>
	({
		get: async (name) =>
			names.includes(name) ? ok(identity) : refused("identity.absent"),
	}) as Partial<Vault> as Vault;
const refused = (code: FaultCode): Result<Identity> => failed(fault(code));

test("the profile default is meant when none is named", async () => {
	const open = async () => ({ vault: vaultWith("default"), why: null });
	expect(await profileIdentity(open)).toEqual(ok(identity));
	expect(await profileIdentity(open, "prod")).toEqual(
		refused("identity.absent"),
	);
});

test("vault.missing and vault.locked are the reason, not that nothing was found", async () => {
	for (const code of ["vault.missing", "vault.locked"] as const) {
		const open = async () => ({ vault: vaultWith(), why: fault(code) });
		expect(await profileIdentity(open)).toEqual(refused(code));
	}
});

/** A watch whose vault answers what the test says; every question is counted. */
function watched(first: Result<Identity>) {
	const clock = openVirtualClock();
	const told: (Identity | null)[] = [];
	const whys: (string | undefined)[] = [];
	const stage = { answer: first, asked: 0, revision: "1" };
	const watch = watchIdentity({
		clock,
		first,
		read: async () => {
			stage.asked++;
			return stage.answer;
		},
		revision: () => stage.revision,
		found(one, why) {
			told.push(one);
			whys.push(why?.code);
		},
	});
	return { clock, told, whys, stage, watch };
}

test.each([
	["found", ok(identity)],
	["absent", refused("identity.absent")],
	["of a profile that cannot be", refused("profile.invalid")],
])(
	"an identity that is %s is not asked for again until something changes",
	async (_, first) => {
		const { clock, stage } = watched(first);
		await clock.pass(3_600_000);
		expect(stage.asked).toBe(0);
	},
);

const renewed = someIdentity("renewed", 10);

test("what another process imported is used within five seconds, and what it removed no longer", async () => {
	const { clock, told, whys, stage } = watched(ok(identity));
	const change = async (answer: Result<Identity>): Promise<void> => {
		stage.answer = answer;
		stage.revision += "1";
		await clock.pass(5_000);
	};
	await change(ok(renewed));
	await change(ok(renewed));
	expect(told).toEqual([renewed]);
	await change(refused("identity.absent"));
	await change(refused("identity.absent"));
	await change(ok(identity));
	expect(told).toEqual([renewed, null, identity]);
	expect(whys).toEqual([undefined, "identity.absent", undefined]);
	expect(stage.asked).toBe(5);
});

test("a vault that is locked after a change is asked again, and what is in use stays so long", async () => {
	const { clock, told, stage } = watched(ok(identity));
	stage.answer = refused("vault.locked");
	stage.revision = "2";
	await clock.pass(5_000);
	expect([told, stage.asked]).toEqual([[], 1]);
	stage.answer = ok(renewed);
	await clock.pass(30_000);
	expect(told).toEqual([renewed]);
});

test("files that are renewed are used when a person connects; half-written ones are not", async () => {
	const { clock, told, stage, watch } = watched(ok(identity));
	stage.answer = refused("identity.unreadable");
	watch.ask();
	await clock.pass(1);
	stage.answer = ok(renewed);
	watch.ask();
	await clock.pass(1);
	expect(told).toEqual([renewed]);
	watch.stop();
	stage.revision = "2";
	await clock.pass(3_600_000);
	expect([stage.asked, clock.timers]).toEqual([2, 0]);
});

test("a locked vault is asked after 30 s and ever less often, until it answers; then never again", async () => {
	const { clock, told, stage } = watched(refused("vault.locked"));
	await clock.pass(29_999);
	expect(stage.asked).toBe(0);
	const times: number[] = [];
	for (let s = 30; s <= 3_600; s++) {
		const before = stage.asked;
		await clock.pass(s === 30 ? 1 : 1_000);
		if (stage.asked > before) times.push(s);
	}
	expect(times).toEqual([30, 90, 210, 450, 930, 1_530, 2_130, 2_730, 3_330]);
	stage.answer = ok(identity);
	await clock.pass(600_000);
	expect(told).toEqual([identity]);
	const asked = stage.asked;
	await clock.pass(3_600_000);
	expect(stage.asked).toBe(asked);
});

test("a person's retry asks at once, and not twice at a time", async () => {
	const { clock, told, stage, watch } = watched(refused("vault.missing"));
	stage.answer = ok(identity);
	watch.ask();
	watch.ask();
	await clock.pass(0);
	expect([stage.asked, told]).toEqual([1, [identity]]);
});

test("stopped, it tells nothing any more, not even what it was waiting for", async () => {
	const { clock, told, stage, watch } = watched(refused("vault.locked"));
	stage.answer = ok(identity);
	watch.ask();
	watch.stop();
	await clock.pass(3_600_000);
	expect([stage.asked, told, clock.timers]).toEqual([1, [], 0]);
});
