// `foredeck doctor`: diagnoses one host and prints its layers, for a person or as JSON lines. Exit code 0 healthy, 3 with a
// fault, 4 when the time was over first.
import type { DiagnosisStep, Verdict } from "../../shared/diagnosis.ts";
import { evidenceRows, stepTime } from "../../shared/diagnosis.ts";
import type { Fault } from "../../shared/fault.ts";
import type { Diagnosis } from "../core/doctor/chart.ts";
import { openLimit } from "../core/doctor/onePerHost.ts";
import type { DoctorPorts } from "../core/doctor.ts";
import { diagnose } from "../core/doctor.ts";
import { ownersOf } from "../core/fleet/owners.ts";
import type { HostEntry } from "../core/fleet/target.ts";
import { openTlsContexts } from "../core/transport/tlsContext.ts";
import { ASKED_PATIENCE_MS, chooseIdentity } from "./chooseIdentity.ts";
import { doctorTarget } from "./doctorTarget.ts";
import type { Io } from "./io.ts";
import { EXIT, sayFault } from "./io.ts";
import type { ConnectOptions, Wiring } from "./serve.ts";
import { proxiesOf } from "./serve.ts";

export interface DoctorOptions extends ConnectOptions {
	readonly servername?: string;
	readonly json: boolean;
	/** Seconds for the whole diagnosis; absent: as long as the layers' own deadlines take. */
	readonly timeout?: number;
}

/** @returns an exit code of 04-INTERFACES section 1. Without an identity the layers before the certificate are looked at. */
export async function doctorCommand(
	host: string,
	options: DoctorOptions,
	{ io, clock, version }: Wiring,
): Promise<number> {
	const target = doctorTarget({ host, ...options });
	if (!target.ok) {
		sayFault(io, target.fault);
		return target.fault.code === "input.invalid" ? EXIT.usage : EXIT.error;
	}
	const { identity, isNamed } = await chooseIdentity(
		options,
		io,
		clock,
		ASKED_PATIENCE_MS,
	);
	if (!identity.ok && isNamed) {
		sayFault(io, identity.fault);
		return EXIT.error;
	}
	const proxies = proxiesOf(io);
	if (proxies === null) return EXIT.usage;
	const owners = ownersOf(target.value.fleet);
	const ports: DoctorPorts = {
		clock,
		contexts: openTlsContexts(identity.ok ? identity.value : null),
		identityFault: identity.ok ? null : identity.fault,
		consoleVersion: version,
		ownerOf(servername) {
			const owner = owners.get(servername) ?? null;
			// With --servername its own name may be the wrong one.
			return owner === target.value.entry.id ? null : owner;
		},
		...proxies,
	};
	const limit =
		options.timeout === undefined
			? null
			: openLimit(clock, options.timeout * 1_000);
	const signals = [io.signal, ...(limit === null ? [] : [limit.signal])];
	const { entry, inFleet } = target.value;
	const page = options.json
		? jsonPage(io)
		: personsPage(io, entry, options.fleet !== undefined && !inFleet);
	const diagnosis = await diagnose(entry, ports, {
		signal: AbortSignal.any(signals),
		onStep: page.step,
	});
	limit?.end();
	page.verdict(diagnosis);
	return exitCode(io, diagnosis, options.timeout);
}

function exitCode(
	io: Io,
	{ fault, stopped }: Diagnosis,
	timeoutS: number | undefined,
): number {
	if (io.signal.aborted) return EXIT.interrupted;
	if (fault !== null) return EXIT.hostsFailed;
	if (!stopped) return EXIT.ok;
	io.err(`foredeck: the time of ${timeoutS} s is over`);
	return EXIT.timeout;
}

/** Where a diagnosis is told. */
interface Page {
	step(step: DiagnosisStep): void;
	verdict(diagnosis: Diagnosis): void;
}

/** One object a line: the steps, then the verdict. */
function jsonPage(io: Io): Page {
	const print = (line: object): void => io.out(JSON.stringify(line));
	return {
		step: (step) => print({ kind: "step", ...step }),
		verdict: ({ fault, stopped }) =>
			print({
				kind: "verdict",
				fault: fault?.code ?? null,
				sentence: fault?.sentence ?? null,
				next_step: fault?.nextStep ?? null,
				stopped,
			}),
	};
}

const GLYPHS: Readonly<Record<Verdict, string>> = {
	ok: "✓",
	warn: "!",
	fault: "✕",
	skipped: "·",
};
/** SGR codes (ECMA-48 section 8.3.117): green, yellow, bold red, faint. */
const COLOURS: Readonly<Record<Verdict, string>> = {
	ok: "32",
	warn: "33",
	fault: "1;31",
	skipped: "2",
};
const LAYER_WIDTH = 11;
const TIME_WIDTH = 7;
/** Where sentences begin: glyph, layer, time and the blanks between them. */
const INDENT = " ".repeat(2 + LAYER_WIDTH + 1 + TIME_WIDTH + 2);

/** Aligned columns, with what was seen below each layer; colours only on a terminal that wants them. */
function personsPage(
	io: Io,
	{ id, address, port, servername }: HostEntry,
	isStranger: boolean,
): Page {
	const place = `${address.includes(":") ? `[${address}]` : address}:${port}`;
	const isTerminal = io.redraw(`asking ${place} …`);
	const plain = !isTerminal || (io.env.NO_COLOR ?? "") !== "";
	const paint = (colour: string, text: string): string =>
		plain ? text : `\x1b[${colour}m${text}\x1b[0m`;
	io.out(
		[
			id === address ? null : id,
			place,
			`as ${servername}`,
			isStranger ? "not in the fleet file" : null,
		]
			.filter((part) => part !== null)
			.join(" · "),
	);
	return {
		step(step) {
			const { verdict, layer, ms, sentence } = step;
			const glyph = paint(COLOURS[verdict], GLYPHS[verdict]);
			const time = stepTime(ms).padStart(TIME_WIDTH);
			io.out(`${glyph} ${layer.padEnd(LAYER_WIDTH)} ${time}  ${sentence}`);
			for (const [name, text] of evidenceRows(step))
				io.out(paint(COLOURS.skipped, `${INDENT}${name}: ${text}`));
			if (isTerminal) io.redraw(`asking ${place} …`);
		},
		verdict({ fault, stopped }) {
			if (fault !== null) sayVerdict(io, fault, paint);
			else io.out(stopped ? "not finished" : paint(COLOURS.ok, "healthy"));
		},
	};
}

function sayVerdict(
	io: Io,
	{ code, sentence, nextStep }: Fault,
	paint: (colour: string, text: string) => string,
): void {
	io.out(`${paint(COLOURS.fault, code)}: ${sentence}`);
	io.out(`next step: ${nextStep}`);
}
