// An agent's error with its causes (anyhow's report: the error, "Caused by:", then one cause a line or numbered) as a chain. What is
// not such a report is one text, as it was sent.

/** The error and what caused it, outermost first; each may have several lines. Never empty texts. */
export function causeChain(text: string): readonly string[] {
	const trimmed = text.trim();
	const parts = /^([\s\S]*?)\n\s*Caused by:[ \t]*\n([\s\S]+)$/.exec(trimmed);
	const [, head = "", below = ""] = parts ?? [];
	if (parts === null || head.trim() === "")
		return trimmed === "" ? [] : [trimmed];
	const causes: string[] = [];
	for (const line of below.split("\n")) {
		const words = line.trim();
		if (words === "") continue;
		const numbered = /^\d+: (.*)$/.exec(words);
		// Without numbers there is one cause, and its further lines are indented as deep.
		if (numbered !== null || causes.length === 0)
			causes.push(numbered?.[1] ?? words);
		else causes.push(`${causes.pop()}\n${words}`);
	}
	return [head.trim(), ...causes];
}
