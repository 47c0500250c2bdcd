import { expect, test } from "vitest";
import { failed, fault, ok } from "../../../shared/fault.ts";
import { saveThroughCore } from "./saveFile.ts";

/** A core that keeps what it is given, and refuses one command when asked to. */
function core(refuse?: string, nonce: string | null = "n") {
	const asked: string[] = [];
	let text = "";
	const ask = async (name: string, question: { text?: string }) => {
		asked.push(name);
		if (name === refuse) return failed(fault("pipe.closed"));
		text += question.text ?? "";
		return ok(name === "export.begin" ? { nonce } : { name: "mine.csv" });
	};
	return { asked, ask: ask as never, text: () => text };
}
const file = {
	stem: "foredeck-hosts",
	kind: "csv",
	text: "é".repeat(25_000),
} as const;

test("a text goes over in pieces, in order, and the name comes back", async () => {
	const to = core();
	expect(await saveThroughCore(to.ask, file)).toEqual(ok("mine.csv"));
	expect(to.text()).toBe(file.text);
	expect(to.asked).toEqual([
		"export.begin",
		...Array(3).fill("export.append"),
		"export.end",
	]);
});

test("who closes the dialog sends nothing", async () => {
	const to = core(undefined, null);
	expect(await saveThroughCore(to.ask, file)).toEqual(ok(null));
	expect(to.asked).toEqual(["export.begin"]);
});

test.each(["export.begin", "export.append", "export.end"])(
	"a fault of %s ends it",
	async (name) => {
		const to = core(name);
		expect((await saveThroughCore(to.ask, file)).ok).toBe(false);
		expect(to.asked.at(-1)).toBe(name);
	},
);

test("a text that cannot fit is not begun", async () => {
	const to = core();
	const text = "x".repeat(64 * 1024 * 1024 + 1);
	expect(await saveThroughCore(to.ask, { ...file, text })).toMatchObject({
		ok: false,
		fault: { sentence: /64 MiB/ },
	});
	expect(to.asked).toEqual([]);
});
