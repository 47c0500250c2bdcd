// The words of a diagnosis of one host: its layers from the name to the jobs, a verdict on each, and what was seen. Both
// sides speak them: `foredeck doctor` prints them and the window lists them. It knows nothing of how they are found out.
import { z } from "zod";

/** From the outside in; a diagnosis tells one step for each, in this order. Through a proxy dns and tcp are the proxy's. */
export const LAYERS = [
	"dns",
	"tcp",
	"proxy",
	"tls",
	"certificate",
	"alpn",
	"upgrade",
	"greeting",
	"rest",
] as const;
export type Layer = (typeof LAYERS)[number];

/** `warn`: it works, but not for long or not well. `skipped`: not looked at; the sentence says why. */
export const VERDICTS = ["ok", "warn", "fault", "skipped"] as const;
export type Verdict = (typeof VERDICTS)[number];

export const diagnosisStepSchema = z.strictObject({
	layer: z.enum(LAYERS),
	verdict: z.enum(VERDICTS),
	/** Milliseconds the layer took; null: it takes no time of its own, or was skipped. */
	ms: z.number().nullable(),
	sentence: z.string().max(4000),
	/** What was seen, by name in snake case. Texts are bounded and escaped by who saw them; never key material. */
	evidence: z.record(
		z.string(),
		z.union([z.string(), z.number(), z.array(z.string())]),
	),
});
export type DiagnosisStep = z.infer<typeof diagnosisStepSchema>;
export type DiagnosisEvidence = DiagnosisStep["evidence"];

/** The evidence of a step for a person: its names in words, and what is said of each; a list is one line. */
export const evidenceRows = ({
	evidence,
}: DiagnosisStep): (readonly [name: string, text: string])[] =>
	Object.entries(evidence).map(([name, value]) => [
		name.replaceAll("_", " "),
		Array.isArray(value) ? value.join("; ") : String(value),
	]);

/** `0.4 ms`, `12 ms`, `1.5 s`; empty where a step took no time of its own. */
export function stepTime(ms: number | null): string {
	if (ms === null) return "";
	if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
	return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}
