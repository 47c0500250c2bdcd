// Prints what is new in one version, out of CHANGELOG.md: `node .ci/releaseNotes.ts --version 1.2.3 [--changelog FILE]`. The
// same text is signed into the manifests and stands in the draft. A pre-release without a section of its own takes that of
// the version it comes before.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: said } = parseArgs({
	options: {
		version: { type: "string" },
		changelog: {
			type: "string",
			default: fileURLToPath(new URL("../CHANGELOG.md", import.meta.url)),
		},
	},
});

/** The manifest takes no more. */
const MOST_CHARACTERS = 20_000;

function notesOf(version: string, changelog: string): string {
	const core = version.split("-", 1)[0] ?? version;
	const own = sectionOf(version, changelog);
	const found = own ?? sectionOf(core, changelog);
	if (found === null) stop(`CHANGELOG.md has no section "## ${version}"`);
	const { heading, text } = found;
	// The words in which the next version is collected; who sets the tag takes them away.
	if (version === core && /not released/i.test(heading))
		stop(`CHANGELOG.md still says of ${version} that it is not released`);
	const notes = plain(text);
	if (notes === "") stop(`the section of ${version} in CHANGELOG.md is empty`);
	if (notes.length > MOST_CHARACTERS)
		stop(
			`the section of ${version} has ${notes.length} characters, and ${MOST_CHARACTERS} are the most`,
		);
	return notes;
}

function sectionOf(
	version: string,
	changelog: string,
): { readonly heading: string; readonly text: string } | null {
	const lines = changelog.split(/\r?\n/);
	const from = lines.findIndex(
		(line) => line === `## ${version}` || line.startsWith(`## ${version} `),
	);
	if (from === -1) return null;
	const to = lines.findIndex((line, at) => at > from && line.startsWith("## "));
	return {
		heading: lines[from] ?? "",
		text: lines.slice(from + 1, to === -1 ? undefined : to).join("\n"),
	};
}

/** The window shows text: a link is its words, as its target is a path of the sources. */
const plain = (text: string): string =>
	text.replace(/\[([^\]]+)\]\([^)]*\)/g, "$1").trim();

function stop(sentence: string): never {
	throw new Error(sentence);
}

try {
	const { version = stop("--version is missing"), changelog } = said;
	console.log(notesOf(version, readFileSync(changelog, "utf8")));
} catch (error) {
	console.error(
		`releaseNotes: ${error instanceof Error ? error.message : String(error)}`,
	);
	process.exitCode = 1;
}
