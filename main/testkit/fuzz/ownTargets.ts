// Everything that reads what a person, a file or a window gives: fleet and faults files, identity files, the contract from
// both sides, and the command line.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Handlers, Pipe } from "../../../shared/bridge.ts";
import { client, serve } from "../../../shared/bridge.ts";
import { contract } from "../../../shared/contract.ts";
import type { Fault } from "../../../shared/fault.ts";
import { failed, fault } from "../../../shared/fault.ts";
import { parseInventory } from "../../core/fleet/inventory.ts";
import { readIdentity } from "../../core/identity/fromFiles.ts";
import { answerChallenge } from "../../core/identity/signChallenge.ts";
import { faultsOf, parseFaults } from "../../demo/faults.ts";
import { run } from "../../shell-node/commandLine.ts";
import { readHost } from "../../shell-node/doctorTarget.ts";
import { createTestAuthority, identityOf } from "../certificates.ts";
import { openTerminal } from "../terminal.ts";
import {
	ASKS,
	FAULTS_FILES,
	FLEET_FILES,
	HOST_TEXTS,
	TELLS,
} from "./corpus.ts";
import { TEXTS } from "./hostile.ts";
import { mutated } from "./mutate.ts";
import type { FuzzTarget } from "./target.ts";
import { fedResult } from "./target.ts";

/** Longest sentence of a fault that crosses to a window (shared/contract.ts). */
const SENTENCE_CHARS = 4_000;
/** A fault with all its notes. */
const FAULT_CHARS = 60_000;

function checkSentence(why: Fault): void {
	if (why.sentence.length > SENTENCE_CHARS)
		throw new Error(`a sentence of ${why.sentence.length} characters`);
}

const fleetFiles: FuzzTarget = {
	name: "fleet files",
	seeds: FLEET_FILES,
	field: "name",
	list: "hosts",
	mostChars: Number.POSITIVE_INFINITY,
	// A text that stands once in the file may be named a hundred times.
	mostRatio: 110,
	// Its parser makes a node of each token, and takes four seconds for the 8 MB.
	hugest: 2_000_000,
	feed(text) {
		const result = parseInventory(text, "fleet.yaml");
		if (!result.ok) checkSentence(result.fault);
		return fedResult(result);
	},
};

const faultsFiles: FuzzTarget = {
	name: "faults files",
	seeds: FAULTS_FILES,
	field: "version",
	list: "hosts",
	mostChars: Number.POSITIVE_INFINITY,
	feed(text) {
		const result = parseFaults(text, "faults.json");
		if (!result.ok) checkSentence(result.fault);
		else faultsOf(result.value, "web-01");
		return fedResult(result);
	},
};

const authority = createTestAuthority();
const issued = authority.issue({ commonName: "console", purpose: "client" });
const PEMS = [
	issued.certPem,
	issued.keyPem,
	authority.certPem,
	issued.certPem + issued.keyPem,
];

let folder: string | null = null;

/** A folder for identity files, made when it is needed and gone with the process. */
function identityFolder(): string {
	if (folder !== null) return folder;
	const made = mkdtempSync(join(tmpdir(), "foredeck-fuzz-"));
	process.once("exit", () => rmSync(made, { recursive: true, force: true }));
	folder = made;
	return made;
}

const identities: FuzzTarget = {
	name: "identity files",
	seeds: PEMS,
	field: "x",
	list: "x",
	mostChars: Number.POSITIVE_INFINITY,
	feed(text, chance) {
		const files = {
			cert: join(identityFolder(), "cert.pem"),
			key: join(identityFolder(), "key.pem"),
			ca: join(identityFolder(), "ca.pem"),
		};
		const broken = chance.pick(["cert", "key", "ca"] as const);
		const good = { cert: PEMS[0], key: PEMS[1], ca: PEMS[2] };
		for (const name of ["cert", "key", "ca"] as const)
			writeFileSync(files[name], name === broken ? text : (good[name] ?? ""));
		return fedResult(readIdentity(files));
	},
};

const nonces: FuzzTarget = {
	name: "nonces",
	seeds: ["q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="],
	field: "x",
	list: "x",
	// The certificate and a signature.
	mostChars: 6_000,
	mostRatio: 10_000,
	feed: (text) =>
		fedResult(
			answerChallenge({
				nonce: text,
				servername: "web-1",
				identity: identityOf(issued, authority.certPem),
				consoleVersion: "0.0.0",
			}),
		),
};

/** One end of a pipe, with what was sent on it. */
function openEnd() {
	const sent: string[] = [];
	let tell = (_: string): void => {};
	const pipe: Pipe = {
		send: (message) => void sent.push(message),
		onMessage(listener) {
			tell = listener;
		},
		onClose() {},
		close() {},
	};
	return { pipe, sent, say: (message: string) => tell(message) };
}

/** Each handler knows nothing: what is fuzzed is the door, not what is behind it. */
const HANDLERS = Object.fromEntries(
	Object.keys(contract.commands).map((name) => [
		name,
		() => failed(fault("internal.bug")),
	]),
) as unknown as Handlers;

const asks: FuzzTarget = {
	name: "messages of a window",
	seeds: ASKS,
	field: "name",
	list: "hostIds",
	mostChars: 20_000,
	async feed(text) {
		const { pipe, sent, say } = openEnd();
		const refused: Fault[] = [];
		serve(pipe, HANDLERS, (why) => void refused.push(why));
		say(text);
		// The answer comes in a later microtask.
		await Promise.resolve();
		await Promise.resolve();
		if (sent.length > 1 || refused.length > 1)
			throw new Error(`${sent.length} answers, ${refused.length} refusals`);
		for (const why of refused) checkSentence(why);
		return {
			outcome: refused[0]?.code ?? "value",
			kept: { sent, refused },
		};
	},
};

const tells: FuzzTarget = {
	name: "messages of a core",
	seeds: TELLS,
	field: "name",
	list: "body",
	mostChars: Number.POSITIVE_INFINITY,
	async feed(text) {
		const { pipe, sent, say } = openEnd();
		const refused: Fault[] = [];
		const taken: unknown[] = [];
		const window = client(pipe);
		window.onMismatch((why) => void refused.push(why));
		window.subscribe("fleet", (frame) => void taken.push(frame));
		window.subscribe("health", (frame) => void taken.push(frame));
		const answer = window.ask("session.read", {});
		say(text);
		window.close();
		for (const why of refused) checkSentence(why);
		void answer;
		return {
			outcome: refused[0]?.code ?? "value",
			kept: { acknowledged: sent.length, refused, taken },
		};
	},
};

const hostTexts: FuzzTarget = {
	name: "hosts on the command line",
	seeds: HOST_TEXTS,
	field: "x",
	list: "x",
	mostChars: FAULT_CHARS,
	feed: (text) => fedResult(readHost(text)),
};

const WORDS = [
	"demo",
	"agents",
	"serve",
	"watch",
	"doctor",
	"help",
	"--hosts",
	"--port",
	"--seed",
	"--speed",
	"--fleet",
	"--json",
	"--timeout",
	"--log-level",
	"--profile",
	"--data",
	"--",
	"-",
	"--hosts=",
	"-V",
	"--help",
	...TEXTS,
];

/** Options that do not exist end every line, so that none opens a fleet or a socket; two, because an option before them may take one as its value. */
const NO_SUCH_OPTIONS = ["--no-such-option", "--nor-this-one"];

const lines: FuzzTarget = {
	name: "command lines",
	seeds: WORDS,
	field: "x",
	list: "x",
	// Usage is told, and what was typed is told back.
	mostChars: Number.POSITIVE_INFINITY,
	mostRatio: 10_000,
	async feed(text, chance) {
		const words = (): string =>
			chance.happens(0.5) ? chance.pick(WORDS) : mutated(WORDS, chance);
		const more = Array.from({ length: chance.below(5) }, words);
		// After a lone `--` everything is an argument, and a command could run.
		const args = [text, ...more].filter((word) => word !== "--");
		const terminal = openTerminal();
		const code = await run([...args, ...NO_SUCH_OPTIONS], terminal);
		if (code !== 0 && code !== 2)
			throw new Error(
				`exit code ${code}: ${JSON.stringify(args)} ${terminal.errors.all.join(" ")}`,
			);
		return {
			outcome: code === 0 ? "value" : "refused",
			kept: { out: terminal.lines.all, err: terminal.errors.all },
		};
	},
};

/** Readers of what people, files and windows give. */
export const OWN_TARGETS: readonly FuzzTarget[] = [
	fleetFiles,
	faultsFiles,
	identities,
	nonces,
	asks,
	tells,
	hostTexts,
	lines,
];
