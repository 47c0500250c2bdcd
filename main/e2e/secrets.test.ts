// No key and no passphrase leaves the core: not in any answer or frame that a window can get, not in its log, not in what a
// dying process writes, and not in a diagnostic report of Node's. The window's own memory is looked at in identities.spec.ts.
import { execFileSync, spawnSync } from "node:child_process";
import {
	globSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Client, Pipe } from "../../shared/bridge.ts";
import { client, memoryPipe } from "../../shared/bridge.ts";
import { systemClock } from "../../shared/clock.ts";
import type { CommandName, Question } from "../../shared/contract.ts";
import { contract } from "../../shared/contract.ts";
import type { Host, HostRun } from "../../shared/model.ts";
import { openLog } from "../core/log.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { writeFleet } from "../demo/write.ts";
import { openCore } from "../shell-electron/core.ts";
import { readStartOptions } from "../shell-electron/startOptions.ts";
import { createTestAuthority } from "../testkit/certificates.ts";
import type { SecretScan } from "../testkit/secretScan.ts";
import { openSecretScan } from "../testkit/secretScan.ts";
import { openMemoryVault } from "../vault/memory.ts";
import { startForedeck } from "./demo.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PASSPHRASE = "correct horse battery 7391";
const WRONG = "no such horse in any stable";
const HOSTS = 2;
const PATIENCE_MS = 30_000;
const clock = systemClock();
const folder = mkdtempSync(join(tmpdir(), "foredeck-secrets-"));
const at = (name: string): string => join(folder, name);
let fleet: DemoFleet;
let scan: SecretScan;

beforeAll(async () => {
	const built = spawnSync(
		process.execPath,
		["build.ts", "cli", "electron", "preload", "renderer"],
		{ cwd: ROOT },
	);
	expect(built.status).toBe(0);
	fleet = await startDemoFleet({
		hosts: HOSTS,
		seed: 1,
		port: 0,
		dialect: "new",
		clock,
	});
	expect((await writeFleet(fleet, folder)).ok).toBe(true);
	execFileSync("openssl", [
		...["pkcs12", "-export", "-legacy", "-out", at("me.p12")],
		...["-in", at("client.pem"), "-inkey", at("client.key")],
		...["-certfile", at("ca.pem"), "-passout", `pass:${PASSPHRASE}`],
	]);
	// A key that does not belong to the certificate beside it.
	const stranger = createTestAuthority().issue({ purpose: "client" });
	writeFileSync(
		at("mixed.pem"),
		readFileSync(at("client.pem"), "utf8") + stranger.keyPem,
	);
	scan = openSecretScan({
		keys: [readFileSync(at("client.key"), "utf8"), stranger.keyPem],
		passphrases: [PASSPHRASE, WRONG],
	});
}, 120_000);
afterAll(async () => {
	await fleet?.stop();
	rmSync(folder, { recursive: true, force: true });
});

async function until(what: string, isTrue: () => boolean): Promise<void> {
	const deadlineMs = clock.monotonicMs() + PATIENCE_MS;
	while (!isTrue()) {
		if (clock.monotonicMs() > deadlineMs) throw new Error(`no ${what}`);
		await new Promise<void>((resolve) => {
			clock.at(clock.monotonicMs() + 20, resolve);
		});
	}
}

/** What a question is asked about. */
interface Subject {
	readonly host: Host;
	readonly run: HostRun;
	readonly nonce: string;
}

/** One question for every command; the removal of the identity comes last. */
const QUESTIONS: {
	readonly [N in CommandName]: (subject: Subject) => Question<N>;
} = {
	"session.read": () => ({}),
	"identity.list": () => ({}),
	"identity.import": () => ({}),
	"fleet.offerImport": () => ({}),
	"fleet.import": () => ({ nonce: "" }),
	"export.begin": () => ({ stem: "foredeck-jobs", kind: "csv" }),
	"export.append": () => ({ nonce: "", text: "" }),
	"export.end": () => ({ nonce: "" }),
	"fleet.resync": () => ({}),
	"link.retry": ({ host }) => ({ hostIds: [host.id] }),
	"link.pause": ({ host }) => ({ hostIds: [host.id], paused: false }),
	"view.attend": ({ host }) => ({ hostIds: [host.id] }),
	"view.watch": () => ({ jobId: null }),
	"inbox.read": () => ({}),
	"inbox.markRead": () => ({ keys: null }),
	"notify.test": () => ({}),
	"host.history": ({ host }) => ({ hostId: host.id }),
	"history.search": ({ host }) => ({ words: host.id, before: null }),
	"history.jobs": () => ({ before: null, limit: 10 }),
	"history.job": ({ run }) => ({ id: run.jobId, after: 0 }),
	"history.offerForget": () => ({}),
	"history.forget": ({ nonce }) => ({ nonce }),
	"host.diagnose": ({ host }) => ({ hostId: host.id }),
	"settings.read": () => ({}),
	"settings.change": () => ({ patch: {} }),
	"update.read": () => ({}),
	"update.check": () => ({}),
	"update.install": () => ({}),
	"update.postpone": () => ({}),
	"run.output": ({ run: { hostId, agentJobId } }) => ({ hostId, agentJobId }),
	"identity.offerRemoval": () => ({ profile: "default" }),
	"identity.remove": ({ nonce }) => ({ profile: "default", nonce }),
};

/** What is refused here, and only this: no file was chosen, and nothing began that could go on. */
const REFUSED: Readonly<Partial<Record<CommandName, string>>> = {
	"fleet.offerImport": "fleet.unreadable",
	"fleet.import": "input.invalid",
	"export.begin": "input.invalid",
	"export.append": "input.invalid",
	"export.end": "input.invalid",
};

/** A window's end of a pipe, with every message as it crossed. */
function openTappedPipe(): { core: Pipe; window: Client; crossed: string[] } {
	const crossed: string[] = [];
	const [core, end] = memoryPipe();
	const window = client({
		...end,
		send(message) {
			crossed.push(message);
			end.send(message);
		},
		onMessage: (listener) =>
			end.onMessage((message) => {
				crossed.push(message);
				listener(message);
			}),
	});
	return { core, window, crossed };
}

test("after imports that failed and one that did not, no frame of any feed, no answer to any command and no line of the log holds a secret", async () => {
	const lines: string[] = [];
	const chosen = ["me.p12", "mixed.pem", "ca.pem", "me.p12", "me.p12"];
	const typed = [WRONG, PASSPHRASE, PASSPHRASE];
	const vault = openMemoryVault();
	const options = ["--fleet", at("fleet.json"), "--data", at("data")];
	const core = await openCore(readStartOptions(options, {}), {
		clock,
		log: openLog("debug", clock, (line) => void lines.push(line)),
		random: Math.random,
		version: "0.0.0-test",
		env: {},
		openVault: async () => ({ vault, why: null }),
		dialogs: {
			chooseFile: async () => at(chosen.shift() ?? ""),
			askSecret: async () => typed.shift() ?? null,
		},
	});
	try {
		const { core: end, window, crossed } = openTappedPipe();
		let hosts: readonly Host[] = [];
		let runs: readonly HostRun[] = [];
		window.subscribe("fleet", (frame) => {
			hosts = [...hosts, ...frame.hosts];
			runs = [...runs, ...frame.runs];
		});
		for (const name of ["health", "inbox", "update", "settings"] as const)
			window.subscribe(name, () => {});
		core.console.attach(end);
		const imported = () => window.ask("identity.import", {});
		expect(await imported()).toMatchObject({
			fault: { code: "identity.passphrase" },
		});
		expect(await imported()).toMatchObject({
			fault: { code: "identity.mismatch" },
		});
		expect(await imported()).toMatchObject({
			value: { imported: { subject: "CN=demo-console" } },
		});
		await until("live host with a run", () =>
			runs.some(({ hostId }) =>
				hosts.some(({ id, link }) => id === hostId && link.channel === "live"),
			),
		);
		const run = runs.at(-1) as HostRun;
		const host = hosts.find(({ id }) => id === run.hostId) as Host;
		let nonce = "";
		const answered: Record<string, string> = {};
		for (const name of Object.keys(QUESTIONS) as CommandName[]) {
			const question = QUESTIONS[name]({ host, run, nonce });
			const answer = await window.ask(name, question as never);
			answered[name] = answer.ok ? "ok" : answer.fault.code;
			if (answer.ok && "nonce" in answer.value)
				nonce = answer.value.nonce ?? "";
		}
		// Every handler was reached, and nearly all had something to say; every feed, too.
		expect(Object.keys(answered).sort()).toEqual(
			Object.keys(contract.commands).sort(),
		);
		const refused = Object.fromEntries(
			Object.entries(answered).filter(([, said]) => said !== "ok"),
		);
		expect(refused).toEqual(REFUSED);
		const told = () => new Set(crossed.map((one) => JSON.parse(one).name));
		await until("frame of every feed", () =>
			Object.keys(contract.feeds).every((name) => told().has(name)),
		);
		expect(crossed.join()).toContain("CN=demo-console");
		expect(lines.length).toBeGreaterThan(3);
		expect(scan.in(crossed.join("\n"))).toEqual([]);
		expect(scan.in(lines.join("\n"))).toEqual([]);
	} finally {
		await core.stop();
	}
});

test("what the main process writes when it dies of something unforeseen, and Node's report of it, hold no secret", () => {
	const died = spawnSync(
		process.execPath,
		[
			...["--input-type=module", "-e"],
			`const { installElectronDouble } = await import("./main/testkit/electronDouble.ts");
			const { readFileSync } = await import("node:fs");
			const electron = installElectronDouble();
			await import("./dist/electron/main.mjs");
			await electron.page;
			// The worst that an error can say.
			setTimeout(() => { throw new Error("cannot use " + readFileSync(${JSON.stringify(at("client.key"))}, "utf8")); });
			console.log(await electron.exit, electron.deeds.join("\\n"));
			const { reportOnFatalError, reportOnSignal, reportOnUncaughtException } = process.report;
			console.log("reports:", reportOnFatalError, reportOnSignal, reportOnUncaughtException);
			console.log(JSON.stringify(process.report.getReport()));
			process.exit();`,
			...["--", "--fleet", at("fleet.json"), "--pfx", at("me.p12")],
			...["--data", at("dying"), "--log-level", "debug"],
		],
		{
			cwd: ROOT,
			env: { ...process.env, FOREDECK_PASSPHRASE: PASSPHRASE },
			encoding: "utf8",
			timeout: 40_000,
		},
	);
	expect(died.stdout).toMatch(/^1 /);
	expect(died.stdout).toContain("error Foredeck met an error");
	expect(died.stderr).toContain("something happened that was not foreseen");
	// Nothing of ours asks Node for reports; whoever does gets one without the passphrase.
	expect(died.stdout).toContain("reports: false false false");
	expect(died.stdout).toContain('"environmentVariables"');
	expect(scan.in(died.stdout)).toEqual([]);
	expect(scan.in(died.stderr)).toEqual([]);
});

test.skipIf(process.platform === "win32")(
	"a report that Node is asked for by a signal, and what programs inherit, do not hold the passphrase of the command line",
	async () => {
		const reports = mkdtempSync(join(folder, "reports-"));
		const served = await startForedeck(
			[
				...["serve", "--no-open", "--fleet", at("fleet.json")],
				...["--pfx", at("me.p12"), "--data", at("served")],
			],
			{
				...process.env,
				FOREDECK_PASSPHRASE: PASSPHRASE,
				NODE_OPTIONS: `--report-on-signal --report-directory=${reports}`,
			},
		);
		try {
			process.kill(served.pid, "SIGUSR2");
			const written = (): string =>
				globSync("*.json", { cwd: reports })
					.map((name) => readFileSync(join(reports, name), "utf8"))
					.join();
			await until("report", () => written().trimEnd().endsWith("}"));
			expect(written()).toContain("NODE_OPTIONS");
			expect(scan.in(written())).toEqual([]);
			expect(scan.in(served.output())).toEqual([]);
		} finally {
			await served.stop();
		}
	},
);
