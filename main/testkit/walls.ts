// The walls between the rooms, as one table, and the reading of a source that checks it: who may import whom, which
// names a file may not have, and where time and chance may be named. Pure: it is given sources and answers sentences.
import { dirname, normalize } from "node:path/posix";
import { parseSync } from "vite";

/** What one room may import. Rooms and packages that are not named are refused. */
interface Room {
	readonly rooms: readonly string[];
	/** Rooms of which only types may be taken. */
	readonly typesOf?: readonly string[];
	readonly packages: readonly string[];
	readonly node: boolean;
	/** Said with every refusal. */
	readonly why: string;
}

const CORE_PACKAGES = ["ws", "undici", "zod", "yaml"];
const TEST_PACKAGES = [
	...CORE_PACKAGES,
	"@electron/asar",
	"@electron/fuses",
	"electron-builder",
	"vitest",
	"fast-check",
	"vite",
	"@playwright/test",
	"@axe-core/playwright",
];
const WORKSHOP = [
	"shared",
	"main/core",
	"main/vault",
	"main/demo",
	"main/shell-node",
	"main/packaging",
	"main/testkit",
];

/** The table of the house. `own room` is always allowed. */
export const ROOMS: Readonly<Record<string, Room>> = {
	shared: {
		rooms: [],
		packages: ["zod"],
		node: false,
		why: "both sides of every door stand on it, so it knows neither",
	},
	"main/core": {
		rooms: ["shared"],
		packages: [...CORE_PACKAGES, "env-paths", "node-forge", "papaparse"],
		node: true,
		why: "core is plain Node and is given its ports; it knows no shell, no vault, no demo and no window",
	},
	"main/vault": {
		rooms: ["shared"],
		typesOf: ["main/core"],
		packages: ["keytar", "zod"],
		node: true,
		why: "a vault implements a port of core and knows nobody else",
	},
	"main/demo": {
		rooms: ["shared"],
		typesOf: ["main/core"],
		packages: ["ws", "zod", "yaml"],
		node: true,
		why: "demo agents are the other side of the wire and share only words with core",
	},
	"main/shell-electron": {
		rooms: ["shared", "main/core", "main/vault", "main/demo"],
		packages: ["electron", "electron-updater"],
		node: true,
		why: "the two shells do not know each other, and serve the built window, not its sources",
	},
	"main/shell-node": {
		rooms: ["shared", "main/core", "main/vault", "main/demo"],
		packages: ["ws", "zod", "yaml", "commander", "prom-client"],
		node: true,
		why: "this shell runs without Electron and serves the built window, not its sources",
	},
	preload: {
		rooms: ["shared"],
		packages: ["electron"],
		node: false,
		why: "a sandboxed preload can load nothing but electron",
	},
	renderer: {
		rooms: ["shared"],
		packages: [
			"react",
			"react-dom",
			"zustand",
			"zod",
			"@base-ui/react",
			"@tanstack/react-virtual",
			"anser",
			"cmdk",
			"lucide-react",
			"papaparse",
			"@fontsource-variable/inter",
			"@fontsource-variable/jetbrains-mono",
		],
		node: false,
		why: "the window is a web page; what it knows comes through the contract of shared/",
	},
	"main/packaging": {
		rooms: [],
		packages: ["electron-builder", "@electron/fuses"],
		node: true,
		why: "it makes installers out of what was built, and knows nothing of what is in it",
	},
	"main/testkit": {
		rooms: WORKSHOP,
		packages: TEST_PACKAGES,
		node: true,
		why: "the test kit ships nowhere and knows no Electron",
	},
	"main/e2e": {
		rooms: [...WORKSHOP, "main/shell-electron"],
		packages: TEST_PACKAGES,
		node: true,
		why: "these tests use Foredeck from outside",
	},
	"main/bench": {
		rooms: [...WORKSHOP, "renderer"],
		packages: [...TEST_PACKAGES, "zustand"],
		node: true,
		why: "measurements ship nowhere and know no Electron",
	},
};

/** Beyond their room's rights, tests may use these. The demo agents are the other end of every real socket in a test. */
const TESTS_ALSO = {
	rooms: ["main/testkit", "main/demo"],
	packages: TEST_PACKAGES,
};

/** The only file that may take electron as a value: anywhere else it would try to download the binary under plain Node. */
const ELECTRON_VALUE = "main/shell-electron/main.ts";

/** Inside core the arrows point to a higher number only. Unlisted places are leaves that anyone in core may use. */
const CORE_RANKS: readonly (readonly [prefix: string, rank: number])[] = [
	["main/core/console.ts", 0],
	["main/core/commands.ts", 1],
	["main/core/fleet/", 1],
	["main/core/jobs/", 1],
	["main/core/alerts.ts", 1],
	["main/core/batch.ts", 1],
	["main/core/link/", 2],
	["main/core/transport/", 3],
	["main/core/agentApi/", 3],
];

/** Decisions: no I/O can hide in what they import. */
const PURE_FILES =
	/^main\/core\/(link\/transition|jobs\/(reduce|group|counts)|alerts|senderPolicy)\.ts$/;

const BANNED_WORDS =
	/^(utils?|helpers?|common|manager|service|handlers?|data|info)$/i;

/** Where time and chance may be named beside `shared/clock.ts`: the shells' wiring, what ships nowhere, and the page. */
const TIME_ALLOWED =
	/^(shared\/clock\.ts|main\/shell-(electron|node)\/|main\/(testkit|e2e|bench)\/|renderer\/)/;
const TIMERS = ["setTimeout", "setInterval", "setImmediate"];
const MEMBERS = ["Date.now", "Math.random", "performance.now"];

const LONGEST_FILE_LINES = 400;
/** One table of words that people read from top to bottom; cutting it in two would only hide half of it. */
const LONG_TABLES = new Set(["shared/fault.ts"]);

/** One import as it stands in a source. */
interface Arrow {
	readonly to: string;
	readonly typeOnly: boolean;
}

interface Reading {
	readonly arrows: readonly Arrow[];
	/** Globals and members used, e.g. `setTimeout`, `Date.now`, `vi.mock`. */
	readonly words: ReadonlySet<string>;
}

type Node = { readonly type: string } & Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node =>
	typeof value === "object" &&
	value !== null &&
	typeof (value as { type?: unknown }).type === "string";

/** The import that a node states, or null. */
function arrowOf(node: Node): Arrow | null {
	const source = node.source ?? node.expression;
	const to = isNode(source) ? source.value : undefined;
	if (typeof to !== "string") return null;
	switch (node.type) {
		case "ImportDeclaration":
		case "ExportNamedDeclaration":
		case "ExportAllDeclaration": {
			const parts = (node.specifiers ?? []) as readonly Node[];
			const kindOf = (part: Node): unknown =>
				part.importKind ?? part.exportKind;
			const typeOnly =
				kindOf(node) === "type" ||
				(parts.length > 0 && parts.every((part) => kindOf(part) === "type"));
			return { to, typeOnly };
		}
		case "ImportExpression":
			return { to, typeOnly: false };
		case "TSExternalModuleReference":
			return { to, typeOnly: false };
		case "TSImportType":
			return { to, typeOnly: true };
		default:
			return null;
	}
}

/** The global or member that a node uses, or null. `socket.setTimeout` is a member of its own and is no global. */
function wordOf(node: Node): string | null {
	if (node.type === "CallExpression" || node.type === "NewExpression") {
		const callee = node.callee;
		if (isNode(callee) && callee.type === "Identifier")
			return String(callee.name);
	}
	if (node.type !== "MemberExpression") return null;
	const { object, property } = node;
	return isNode(object) && isNode(property) && object.type === "Identifier"
		? `${String(object.name)}.${String(property.name)}`
		: null;
}

/** Reads imports and words out of a source, whatever stands in its comments and strings. */
export function readSource(path: string, source: string): Reading {
	const parsed = parseSync(path, source);
	const arrows: Arrow[] = [];
	const words = new Set<string>();
	const walk = (value: unknown): void => {
		if (Array.isArray(value)) for (const item of value) walk(item);
		if (!isNode(value)) return;
		const arrow = arrowOf(value);
		if (arrow !== null) arrows.push(arrow);
		const word = wordOf(value);
		if (word !== null) words.add(word);
		for (const child of Object.values(value)) walk(child);
	};
	walk(parsed.program);
	return { arrows, words };
}

/** The room a path lies in: the longest that fits, or null. */
export function roomOf(path: string): string | null {
	const fitting = Object.keys(ROOMS).filter((room) =>
		path.startsWith(`${room}/`),
	);
	return fitting.sort((a, b) => b.length - a.length)[0] ?? null;
}

const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);

/** Name of the package in a specifier: `@a/b/c` is `@a/b`, `ws/lib` is `ws`. */
const packageOf = (to: string): string =>
	to
		.split("/")
		.slice(0, to.startsWith("@") ? 2 : 1)
		.join("/");

/** Why `path` may not have this arrow, or null when it may. */
function refusal(path: string, arrow: Arrow): string | null {
	const roomName = roomOf(path);
	const room = roomName === null ? undefined : ROOMS[roomName];
	if (roomName === null || room === undefined)
		return "it lies in no room; see the table in main/testkit/walls.ts";
	if (arrow.to.startsWith("node:"))
		return room.node || isTest(path) ? null : room.why;
	if (!arrow.to.startsWith("."))
		return packageRefusal(path, room, packageOf(arrow.to), arrow.typeOnly);
	const target = normalize(`${dirname(path)}/${arrow.to}`);
	const targetRoom = roomOf(target);
	if (targetRoom === roomName)
		return roomName === "main/core" ? coreRefusal(path, target, arrow) : null;
	// Stylesheets, pictures and package.json lie in no room of their own.
	if (targetRoom === null) return /\.tsx?$/.test(target) ? room.why : null;
	if (room.rooms.includes(targetRoom)) return null;
	if (isTest(path) && TESTS_ALSO.rooms.includes(targetRoom)) return null;
	if (room.typesOf?.includes(targetRoom))
		return arrow.typeOnly || isTest(path)
			? null
			: `it may take types from there, not values: ${room.why}`;
	return room.why;
}

function packageRefusal(
	path: string,
	room: Room,
	name: string,
	typeOnly: boolean,
): string | null {
	if (name === "electron" && room.packages.includes(name)) {
		const mayTakeValue = path === ELECTRON_VALUE || path.startsWith("preload/");
		return typeOnly || mayTakeValue
			? null
			: `only ${ELECTRON_VALUE} takes electron as a value; its siblings are given objects and import types`;
	}
	if (room.packages.includes(name)) return null;
	if (isTest(path) && TESTS_ALSO.packages.includes(name)) return null;
	return room.why;
}

const rankOf = (path: string): number | null =>
	CORE_RANKS.find(([prefix]) => path.startsWith(prefix))?.[1] ?? null;

function coreRefusal(
	path: string,
	target: string,
	arrow: Arrow,
): string | null {
	const from = rankOf(path);
	const to = rankOf(target);
	if (arrow.typeOnly || isTest(path) || from === null || to === null)
		return null;
	return from > to
		? "inside core the arrows point console -> commands, fleet, jobs, alerts -> link -> transport, agentApi"
		: null;
}

/** What is wrong with the imports of one file. */
function importSentences(path: string, reading: Reading): string[] {
	const sentences: string[] = [];
	for (const arrow of reading.arrows) {
		const why = refusal(path, arrow);
		if (why !== null)
			sentences.push(`${path} may not import ${arrow.to}: ${why}`);
		else if (
			PURE_FILES.test(path) &&
			!arrow.typeOnly &&
			!arrow.to.startsWith(".")
		)
			sentences.push(
				`${path} may not import ${arrow.to}: it decides, so it imports types and pure functions of ours only`,
			);
	}
	return sentences;
}

/** What is wrong with the words of one file: time, chance, and doubles by module name. */
function wordSentences(path: string, words: ReadonlySet<string>): string[] {
	const sentences: string[] = [];
	if (words.has("vi.mock") || words.has("vi.useFakeTimers"))
		sentences.push(
			`${path} replaces modules or global timers: pass a fake as an argument instead`,
		);
	if (TIME_ALLOWED.test(path)) return sentences;
	// A test may measure how long something took; it may not sleep.
	const named = [...TIMERS, ...(isTest(path) ? [] : MEMBERS)].filter(
		(word) => words.has(word) || words.has(`globalThis.${word}`),
	);
	if (named.length > 0)
		sentences.push(
			`${path} names ${named.join(", ")}: time and chance are arguments (Clock of shared/clock.ts, random of main/core/ports.ts)`,
		);
	return sentences;
}

/** What is wrong with the name and the length of one file. */
function shapeSentences(path: string, source: string): string[] {
	const sentences: string[] = [];
	const places = path.split("/").map((place) => place.split(".")[0] ?? "");
	const banned = places
		.flatMap((place) => place.split(/[-_]|(?=[A-Z])/))
		.find((word) => BANNED_WORDS.test(word));
	if (banned !== undefined)
		sentences.push(
			`${path} is named "${banned}", which says nothing: take a word of the domain`,
		);
	if (places.at(-1) === "index")
		sentences.push(`${path} is a barrel: import the file that has the thing`);
	const lines = source.split("\n").length - 1;
	if (lines > LONGEST_FILE_LINES && !isTest(path) && !LONG_TABLES.has(path))
		sentences.push(
			`${path} has ${lines} lines; ${LONGEST_FILE_LINES} is the most`,
		);
	return sentences;
}

/** Everything wrong with these sources (path from the root -> text), as sentences, sorted. No sources is wrong too. */
export function brokenWalls(sources: ReadonlyMap<string, string>): string[] {
	if (sources.size === 0)
		return ["there are no sources: the walls were not looked at"];
	const sentences: string[] = [];
	for (const [path, source] of sources) {
		const reading = readSource(path, source);
		sentences.push(
			...importSentences(path, reading),
			...wordSentences(path, reading.words),
			...shapeSentences(path, source),
		);
	}
	return sentences.sort();
}
