// The steps of one diagnosis as they become known: each layer once, in order, told at once to who follows. It knows which
// fault came first; it knows nothing of sockets.
import type {
	DiagnosisEvidence,
	DiagnosisStep,
	Layer,
} from "../../../shared/diagnosis.ts";
import { LAYERS } from "../../../shared/diagnosis.ts";
import type { Fault } from "../../../shared/fault.ts";

/** How a diagnosis ended. */
export interface Diagnosis {
	/** One for each layer, in their order. */
	readonly steps: readonly DiagnosisStep[];
	/** The first one met; null: healthy, or stopped before one was met. */
	readonly fault: Fault | null;
	/** Ended by who asked, or by a limit of time: not every layer was looked at. */
	readonly stopped: boolean;
}

/** What is told of a layer that works. */
export interface Finding {
	/** Milliseconds, told to the tenth; null: no time of its own. */
	readonly ms: number | null;
	readonly sentence: string;
	readonly evidence?: DiagnosisEvidence;
	/** Why it deserves attention although it works; each becomes a part of the sentence. */
	readonly warnings?: readonly string[];
}

/** A chart under way. */
export interface Chart {
	works(layer: Layer, finding: Finding): void;
	/** The layer does not work. The first fault told is the diagnosis. */
	fails(
		layer: Layer,
		why: Fault,
		ms: number | null,
		evidence?: DiagnosisEvidence,
	): void;
	skip(layer: Layer, why: string): void;
	/** Everything is told that can be: the layers that are left are skipped. */
	end(why: string): Diagnosis;
	/** Stopped from outside: the layer that was being looked at, and those after it, are skipped. */
	stop(): Diagnosis;
}

const STOPPED = "not finished: the diagnosis was stopped";

/** @param onStep told of each step when it is known. */
export function openChart(onStep: (step: DiagnosisStep) => void): Chart {
	const steps: DiagnosisStep[] = [];
	let first: Fault | null = null;
	const tell = (seen: DiagnosisStep): void => {
		const ms = seen.ms === null ? null : Math.round(seen.ms * 10) / 10;
		const step = { ...seen, ms };
		steps.push(step);
		onStep(step);
	};
	const skip = (layer: Layer, why: string): void =>
		tell({ layer, verdict: "skipped", ms: null, sentence: why, evidence: {} });
	const end = (why: string, stopped: boolean): Diagnosis => {
		for (const layer of LAYERS.slice(steps.length)) skip(layer, why);
		return { steps, fault: first, stopped };
	};
	return {
		works(layer, { ms, sentence, evidence = {}, warnings = [] }) {
			tell({
				layer,
				verdict: warnings.length === 0 ? "ok" : "warn",
				ms,
				sentence: [sentence, ...warnings].join("; "),
				evidence,
			});
		},
		fails(layer, why, ms, evidence = {}) {
			first ??= why;
			tell({
				layer,
				verdict: "fault",
				ms,
				sentence: why.sentence,
				evidence: { ...evidence, ...seenBy(why) },
			});
		},
		skip,
		end: (why) => end(why, false),
		stop: () => end(STOPPED, true),
	};
}

/** A fault's evidence by the names of a diagnosis; the times are the steps' own, certificates are told by their step. */
function seenBy({ evidence = {}, retryAfterMs }: Fault): DiagnosisEvidence {
	const { causes, httpStatus, firstBytes, closeCode, closeReason, notes } =
		evidence;
	return {
		...(httpStatus === undefined ? {} : { status: httpStatus }),
		...(firstBytes === undefined || firstBytes === ""
			? {}
			: { first_bytes: firstBytes }),
		...(closeCode === undefined ? {} : { close_code: closeCode }),
		...(closeReason === undefined || closeReason === ""
			? {}
			: { close_reason: closeReason }),
		...(retryAfterMs === undefined
			? {}
			: { retry_after_seconds: retryAfterMs / 1_000 }),
		...(causes === undefined || causes.length === 0
			? {}
			: { causes: [...causes] }),
		...(notes === undefined || notes.length === 0 ? {} : { notes: [...notes] }),
	};
}
