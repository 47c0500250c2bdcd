// Who signed an installer on Windows: every answer of the system but the right one is no.
import { expect, test } from "vitest";
import type { RunProgram } from "./publisher.ts";
import { whyNotPublisher } from "./publisher.ts";

const US = "CN=Foredeck, O=Foredeck Ltd, C=DE";
const PATH = "C:\\Temp\\it's $(evil).exe";
const answers =
	(answer: unknown): RunProgram =>
	async () =>
		typeof answer === "string" ? answer : JSON.stringify(answer);
const ask = (
	run: RunProgram,
	publishers = [US],
	env = { SystemRoot: "C:\\W" },
) => whyNotPublisher(publishers, PATH, run, env);
const good = { status: 0, subject: US, path: PATH };

test("our own valid signature is taken", async () => {
	expect(await ask(answers(good))).toBeNull();
});

test("everything else is not", async () => {
	for (const [answer, why] of [
		[{ ...good, status: 1 }, "not valid"],
		[{ ...good, status: "0" }, "not valid"],
		[{ ...good, subject: "CN=Foredeck" }, "somebody else"],
		[{ ...good, subject: `${US}, X=1` }, "somebody else"],
		[{ ...good, subject: null }, "somebody else"],
		[{ ...good, path: "C:\\other.exe" }, "another file"],
		[null, "not valid"],
		["", "could not be asked"],
		["<html>", "could not be asked"],
	] as const)
		expect(await ask(answers(answer))).toContain(why);
	const broken: RunProgram = async () => {
		throw new Error("no PowerShell");
	};
	expect(await ask(broken)).toContain("could not be asked");
	expect(await ask(answers(good), [])).toContain("no publisher");
	expect(await whyNotPublisher([US], PATH, answers(good), {})).toContain(
		"folder",
	);
});

test("names and paths with umlauts are compared as they are: the system is told to answer in UTF-8 before it answers", async () => {
	const publisher = "CN=Förderdeck GmbH, O=Förderdeck GmbH, L=Köln, C=DE";
	const path = "C:\\Users\\Zoë\\Foredeck.exe";
	const calls: Parameters<RunProgram>[] = [];
	const answered = (subject: string) =>
		whyNotPublisher(
			[publisher],
			path,
			async (...call) => {
				calls.push(call);
				return JSON.stringify({ status: 0, subject, path });
			},
			{ SystemRoot: "C:\\W" },
		);
	expect(await answered(publisher)).toBeNull();
	// What comes in a console's code page is another name, and no reason to let it pass.
	const garbled = Buffer.from(publisher, "latin1").toString("utf8");
	expect(garbled).not.toBe(publisher);
	expect(await answered(garbled)).toContain("somebody else");
	const script = String(calls[0]?.[1].at(-1));
	const encoding = script.indexOf(
		"[Console]::OutputEncoding=[System.Text.UTF8Encoding]::new($false)",
	);
	expect(encoding).toBeGreaterThan(-1);
	expect(encoding).toBeLessThan(script.indexOf("Get-AuthenticodeSignature"));
	expect(encoding).toBeLessThan(script.indexOf("ConvertTo-Json"));
});

test("the system's own PowerShell is asked, and the path is never part of a command", async () => {
	const calls: Parameters<RunProgram>[] = [];
	await ask(async (...call) => {
		calls.push(call);
		return JSON.stringify(good);
	});
	const [file, args, env] = calls[0] ?? [];
	expect(file).toBe("C:\\W\\System32\\WindowsPowerShell\\v1.0\\powershell.exe");
	expect(args?.join(" ")).not.toContain("evil");
	expect(env).toMatchObject({ FOREDECK_INSTALLER: PATH, PSModulePath: "" });
});
