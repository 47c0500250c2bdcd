// A diagnosis as Markdown, for an incident channel or a ticket. Pure; a fleet's text can make no markup of its own.
import type { Answer } from "../../../shared/contract.ts";
import type { Verdict } from "../../../shared/diagnosis.ts";
import { evidenceRows, stepTime } from "../../../shared/diagnosis.ts";
import type { Host } from "../../../shared/model.ts";
import { escaped } from "../markdown.ts";

const SIGNS: Readonly<Record<Verdict, string>> = {
	ok: "✓",
	warn: "!",
	fault: "✕",
	skipped: "·",
};

/** A heading, the fault with its next step, a table of the layers, and the evidence of those that are not well. */
export function diagnosisMarkdown(
	{ id, address, port, servername }: Host,
	{ steps, fault, stopped }: Answer<"host.diagnose">,
	at: number,
): string {
	const place = address.includes(":") ? `[${address}]` : address;
	const verdict =
		fault !== null
			? [
					`**${fault.code}**: ${escaped(fault.sentence)}`,
					"",
					`Next step: ${escaped(fault.nextStep)}`,
				]
			: [stopped ? "Not finished in time." : "Healthy."];
	const noted = steps.filter(
		(step) => step.verdict === "fault" || step.verdict === "warn",
	);
	return [
		`### Diagnosis of ${escaped(id)}`,
		"",
		`${escaped(`${place}:${port}`)} as ${escaped(servername)}, ${new Date(at).toISOString()}`,
		"",
		...verdict,
		"",
		"| | layer | time | |",
		"| --- | --- | ---: | --- |",
		...steps.map(
			({ verdict: word, layer, ms, sentence }) =>
				`| ${SIGNS[word]} | ${layer} | ${stepTime(ms)} | ${escaped(sentence)} |`,
		),
		...noted.flatMap((step) =>
			evidenceRows(step).length === 0
				? []
				: [
						"",
						`Seen at ${step.layer}:`,
						"",
						...evidenceRows(step).map(
							([name, text]) => `- ${escaped(name)}: ${escaped(text)}`,
						),
					],
		),
		"",
	].join("\n");
}
