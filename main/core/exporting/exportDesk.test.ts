import {
	chmodSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { contract, EXPORT_BYTES } from "../../../shared/contract.ts";
import { openExport } from "./exportDesk.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-export-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BEGIN = { stem: "foredeck-hosts", kind: "csv" } as const;

/** A window whose person chooses this place each time. */
function windowTo(path: string | null, write?: () => Promise<void>) {
	const asked: string[] = [];
	const handlers = openExport(async (name) => {
		asked.push(name);
		return path;
	}, write);
	const begin = async (): Promise<string> => {
		const begun = await handlers["export.begin"](BEGIN);
		if (!begun.ok || begun.value.nonce === null) throw new Error("not begun");
		return begun.value.nonce;
	};
	return { asked, handlers, begin };
}

test("pieces become one file, for its owner only, in place of the former one", async () => {
	const path = join(folder, "hosts.csv");
	writeFileSync(path, "former");
	const { handlers, begin, asked } = windowTo(path);
	const nonce = await begin();
	expect(asked).toEqual(["foredeck-hosts.csv"]);
	const text = "größe 🚀 x";
	// Between the halves of a character, as pieces of fixed length are cut.
	const at = text.indexOf("🚀") + 1;
	for (const piece of [text.slice(0, at), text.slice(at)])
		expect(await handlers["export.append"]({ nonce, text: piece })).toEqual({
			ok: true,
			value: {},
		});
	expect(readFileSync(path, "utf8")).toBe("former");
	expect(await handlers["export.end"]({ nonce })).toEqual({
		ok: true,
		value: { name: "hosts.csv" },
	});
	expect(readFileSync(path, "utf8")).toBe(text);
	expect(statSync(path).mode & 0o777).toBe(0o600);
	expect(readdirSync(folder)).toEqual(["hosts.csv"]);
});

test("who changes their mind gets no nonce, and nothing is written", async () => {
	const { handlers } = windowTo(null);
	expect(await handlers["export.begin"](BEGIN)).toEqual({
		ok: true,
		value: { nonce: null },
	});
});

test("a shell without a dialog says what to do instead", async () => {
	expect(await openExport(undefined)["export.begin"](BEGIN)).toMatchObject({
		ok: false,
		fault: { code: "input.invalid", sentence: /cannot choose/ },
	});
});

test("a nonce is for its own export, once", async () => {
	const { handlers, begin } = windowTo(join(folder, "once.csv"));
	const former = await begin();
	const nonce = await begin();
	for (const wrong of [former, "", "0".repeat(32)]) {
		expect(
			await handlers["export.append"]({ nonce: wrong, text: "x" }),
		).toMatchObject({ ok: false, fault: { sentence: /no such export/ } });
		expect(await handlers["export.end"]({ nonce: wrong })).toMatchObject({
			ok: false,
		});
	}
	expect((await handlers["export.end"]({ nonce })).ok).toBe(true);
	expect((await handlers["export.end"]({ nonce })).ok).toBe(false);
});

test("more than 64 MiB are refused and forgotten", async () => {
	const { handlers, begin } = windowTo(join(folder, "big.csv"));
	const nonce = await begin();
	// As bytes, not as characters.
	const text = "é".repeat(EXPORT_BYTES / 4);
	expect((await handlers["export.append"]({ nonce, text })).ok).toBe(true);
	expect((await handlers["export.append"]({ nonce, text })).ok).toBe(true);
	expect(await handlers["export.append"]({ nonce, text: "x" })).toMatchObject({
		ok: false,
		fault: { sentence: /64 MiB/ },
	});
	expect((await handlers["export.end"]({ nonce })).ok).toBe(false);
	expect(readdirSync(folder)).not.toContain("big.csv");
});

test("a place that cannot be written says so by name and without its folder, and leaves nothing beside it", async () => {
	const closed = mkdtempSync(join(folder, "closed-"));
	chmodSync(closed, 0o500);
	const { handlers, begin } = windowTo(join(closed, "absent", "hosts.csv"));
	const answer = await handlers["export.end"]({ nonce: await begin() });
	expect(answer).toMatchObject({
		ok: false,
		fault: { sentence: '"hosts.csv" could not be written (ENOENT)' },
	});
	expect(JSON.stringify(answer)).not.toContain(folder);
	expect(readdirSync(closed)).toEqual([]);
});

test("where a folder stands in the way, the half file goes and the folder stays", async () => {
	const taken = mkdtempSync(join(folder, "taken-"));
	writeFileSync(join(taken, "kept"), "");
	const { handlers, begin } = windowTo(taken);
	const before = readdirSync(folder);
	expect((await handlers["export.end"]({ nonce: await begin() })).ok).toBe(
		false,
	);
	expect(readdirSync(folder)).toEqual(before);
	expect(readdirSync(taken)).toEqual(["kept"]);
});

test("a full disk says to make room", async () => {
	const { handlers, begin } = windowTo(join(folder, "full.csv"), () =>
		Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })),
	);
	expect(await handlers["export.end"]({ nonce: await begin() })).toMatchObject({
		ok: false,
		fault: { nextStep: /disk is full/ },
	});
});

test.each([
	"foredeck",
	"foredeck-../x",
	"/etc/passwd",
	"foredeck-a/b",
	"foredeck-a\\b",
	"foredeck-a\u0000",
	"foredeck-a.exe",
	"con",
	`foredeck-${"a".repeat(100)}`,
])("the contract refuses the name %j", (stem) => {
	const { question } = contract.commands["export.begin"];
	expect(question.safeParse({ stem, kind: "csv" }).success).toBe(false);
	expect(
		question.safeParse({ stem: "foredeck-prod-1", kind: "csv" }).success,
	).toBe(true);
});
