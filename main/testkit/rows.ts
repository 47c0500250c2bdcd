// The rows of promises about connections and about the model, each with what it means and the tests that are named after it;
// the page of the documents is written from it. Pure: it is given sources and answers titles and text.
import { parseSync } from "vite";

/** What each promise means, in one sentence without a full stop. The ids are stable: tests are named after them. */
export const ROWS: Readonly<Record<string, string>> = {
	C1: "WebSockets and requests speak HTTP/1.1 only, whatever the agent would prefer",
	C2: "an upgrade without a right accept key is no socket: the host is polled at once, and the socket is tried rarely",
	C3: "when one host’s socket is impossible, that host alone is polled, and every end is told once",
	C4: "a polled host goes back to its socket, once, after the first healthy list over it",
	C5: "a long-poll waits a minute, takes every kind of nothing for nothing, and is tried again after an error or a hang",
	C6: "a long-poll that is answered at once with nothing is asked at most once a second",
	C7: "after every loss the wait doubles from 1 s to 60 s, spread by a fifth both ways",
	C8: "the wait begins anew only after a link was live for 5 s",
	C9: "failures before a link is live escalate and are told once at the tenth; a loss after it begins anew",
	C10: "every close code and reason has one meaning, one delay and one sentence",
	C11: "two consoles with one identity do not throw each other out again and again, and both are told",
	C12: "every step of a connection has a deadline of its own, and each is named",
	C13: "a silent link is found dead within 45 s, and a quiet one that pings is never dropped",
	C14: "an agent that asks to wait is left alone for that long, without an alarm",
	C15: "what only a person can mend is tried three times at the most, said with what to do, and resumes by itself when it is mended",
	C16: "another identity is used by new connections at once, and one that cannot work is told before anything is dialed",
	C17: "a challenge is answered only when it is fresh, long enough and alone; key material goes nowhere else",
	C18: "the one-time address of a served console works once, and is in no log",
	C19: "what happens before and while a link is up is told once, in order",
	C20: "what happens between a snapshot and the stream after it is there once",
	C21: "a numbered log is resumed where it was; what is missing is fetched, or the gap is told and all is read anew",
	C22: "told twice, out of order, by push and by poll is the same as told once",
	C23: "a push is a hint: a burst costs few requests, and hints without end do not starve",
	C24: "an agent that stops reading costs a bounded buffer and its own link, and nobody else’s",
	C25: "one place owns the links: an end that is told late ends nothing new, and the window counts what the core counts",
	C26: "what a host belongs to is read when it is needed, not remembered from the dial",
	C27: "everything that is remembered has a bound, also when all of it is fresh",
	C28: "a redirect is refused, and the place it leads to is not contacted",
	C29: "frames that are too large, binary, broken or unknown are counted and handled as decided, and break nothing",
	C30: "quitting closes every socket and timer within a second",
	C31: "what Foredeck sends to agents can be neither lost nor doubled: requests that change nothing, and two kinds of frames",
	C32: "a failure is named by the layer it happened in, with its causes, and a silent drop says what to check",
	C33: "thousands of hosts that come back at once are dialed spread and bounded, the ones on the screen first",
	Liveness:
		"sleep, wake, another network, a fleet that is lost at once, names that move, and agents that are blocked or deaf are survived",
	M1: "a host’s end is not the job’s end",
	M2: "counts are derived from the runs, so no repetition or order makes them wrong",
	M3: "an ended run stays ended; what comes late is counted and ignored",
	M4: "nothing is called cancelled before the agent says so",
	M5: "a run that takes longer than any agent lets one take is said to be overdue, once",
	M6: "every error code has a label, and an unknown one is shown as it is",
	M7: "the loss of a link is not the failure of a job",
	M8: "all words of all agents are understood, and an unknown one is shown as it is",
	M12: "two clocks are never subtracted; how far they are apart is shown",
	M13: "silence makes every host unreachable by our own timer",
	M14: "what an agent does not report is not reported: neither good nor never",
	M15: "being alive is not making progress",
	M16: "the same run, reported often, counts once",
	M18: "one row that cannot be read costs one row",
	M19: "nobody ever sees half of one moment and half of another",
	M20: "reading something again does not start its alarms anew",
};

/** A test that says which rows it proves, by beginning with their ids: `C7: …`, or `C21, C22: …`. */
export interface RowTest {
	readonly rows: readonly string[];
	/** What follows the ids. */
	readonly title: string;
	readonly path: string;
}

const NAMED = /^((?:Liveness|[CM]\d+)(?:, [CM]\d+)*): (.+)$/s;

interface Node {
	readonly type: string;
	readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
	typeof value === "object" && value !== null && "type" in value;

/** Tests that are not run prove nothing. */
const NOT_RUN = new Set(["skip", "todo", "fails", "skipIf", "runIf"]);

/** Whether this is `test`, or something made of it such as `test.concurrent` or `test.each(…)`. */
function makesTests(callee: unknown): boolean {
	if (!isNode(callee)) return false;
	switch (callee.type) {
		case "Identifier":
			return callee.name === "test" || callee.name === "it";
		case "MemberExpression": {
			const member = callee.property;
			if (isNode(member) && NOT_RUN.has(String(member.name))) return false;
			return makesTests(callee.object);
		}
		case "CallExpression":
			return makesTests(callee.callee);
		default:
			return false;
	}
}

/** The text of a literal; what a template leaves open is shown as an ellipsis. */
function textOf(node: unknown): string | null {
	if (!isNode(node)) return null;
	if (node.type === "Literal")
		return typeof node.value === "string" ? node.value : null;
	if (node.type !== "TemplateLiteral") return null;
	const parts = node.quasis as readonly {
		readonly value: { readonly cooked: string };
	}[];
	return parts.map(({ value }) => value.cooked).join("…");
}

/** Titles of the tests in a source, in their order. Throws when it cannot be parsed. */
export function titlesIn(path: string, source: string): string[] {
	const { program, errors } = parseSync(path, source);
	if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
	const titles: string[] = [];
	const walk = (value: unknown): void => {
		if (Array.isArray(value)) for (const item of value) walk(item);
		if (!isNode(value)) return;
		if (value.type === "CallExpression" && makesTests(value.callee)) {
			const title = textOf((value.arguments as readonly unknown[])[0]);
			if (title !== null) titles.push(title);
		}
		for (const child of Object.values(value)) walk(child);
	};
	walk(program);
	return titles;
}

/** The tests of a source that name rows. */
export const rowTestsIn = (path: string, source: string): RowTest[] =>
	titlesIn(path, source).flatMap((full) => {
		const [, ids, title] = NAMED.exec(full) ?? [];
		return ids === undefined || title === undefined
			? []
			: [{ rows: ids.split(", "), title, path }];
	});

/** Rows that no test is named after. */
export const unproven = (tests: readonly RowTest[]): string[] =>
	Object.keys(ROWS).filter(
		(id) => !tests.some(({ rows }) => rows.includes(id)),
	);

/** Ids in titles that are no rows: slips of the pen. */
export const strangers = (tests: readonly RowTest[]): string[] => [
	...new Set(
		tests.flatMap(({ rows }) => rows).filter((id) => ROWS[id] === undefined),
	),
];

const cell = (text: string): string =>
	text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** The page for people, as Markdown. */
export function rowsPage(tests: readonly RowTest[]): string {
	const sorted = [...tests].sort(
		(a, b) => a.path.localeCompare(b.path, "en") || 0,
	);
	const lines = Object.entries(ROWS).map(([id, meaning]) => {
		const proofs = sorted
			.filter(({ rows }) => rows.includes(id))
			.map(({ title, path }) => `${cell(title)} (\`${path}\`)`);
		return `| ${id} | ${cell(meaning)} | ${proofs.join("<br>")} |`;
	});
	return `# What is promised, and the tests that are named after it

One row for each promise about connections (C) and about the model (M). The table is written from the titles of the tests
(\`npx vitest run main/testkit/rows -u\`), and a test fails when a row has none. Where a title holds \`%s\` or \`…\`, the test
runs once for each line of a table.

| row | what it means | tests |
| --- | --- | --- |
${lines.join("\n")}
`;
}
