// Adds the hosts of a foreign inventory to a fleet file. Pure: texts in; the new text and a verdict on every line out. A host
// that the file has already keeps what the import does not name, and no host goes away.
import { basename, extname } from "node:path";
import type { Fault, Result } from "../../../../shared/fault.ts";
import { failed, fault, ok } from "../../../../shared/fault.ts";
import { printable } from "../../transport/failure.ts";
import type { FileHost, FleetFile } from "../inventory.ts";
import {
	checkFileHost,
	DEFAULT_MIN_TLS,
	DEFAULT_PORT,
	fleetFileText,
	parseFleetFile,
} from "../inventory.ts";
import type { HostEntry } from "../target.ts";
import type { Found, FoundHost, RawHost } from "./found.ts";
import { MOST_HOSTS } from "./found.ts";
import { readAnsibleIni } from "./readAnsibleIni.ts";
import { readCsv } from "./readCsv.ts";
import { readSshConfig } from "./readSshConfig.ts";
import type { ReadYaml } from "./readYamlHosts.ts";
import {
	isFleetFile,
	readAnsibleYaml,
	readFleetHosts,
	readForeignYaml,
} from "./readYamlHosts.ts";

export const IMPORT_FORMATS = ["ansible", "csv", "json", "ssh-config"] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export const VERDICTS = ["add", "change", "same", "invalid"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Of an id, as it is shown. */
const ID_CHARACTERS = 253;
const shownId = (id: string | null): string | null =>
	id === null ? null : printable(id, ID_CHARACTERS);

/** What becomes of one line. */
export interface ImportRow {
	readonly verdict: Verdict;
	/** Of the imported file, counted from 1. */
	readonly line: number;
	/** Null: the line names no host. */
	readonly id: string | null;
	/** Where a new host is, what changes, or what is wrong. */
	readonly words: string;
}

export interface ImportPlan {
	readonly format: ImportFormat;
	/** In the order of the file. */
	readonly rows: readonly ImportRow[];
	readonly counts: Readonly<Record<Verdict, number>>;
	readonly notes: readonly string[];
	readonly fleetName: string;
	/** Hosts of the fleet afterwards. */
	readonly hosts: number;
	/** The fleet file as it shall be; null when nothing changes. */
	readonly text: string | null;
}

export interface ImportQuestion {
	readonly text: string;
	/** The imported file's path or name; only its last part is told. */
	readonly source: string;
	/** Absent: seen from the name and the text. */
	readonly format?: ImportFormat | undefined;
	/** The profile's fleet file; null when there is none yet. */
	readonly current: { readonly text: string; readonly path: string } | null;
	/** What a new fleet is called, unless the import says; absent: after its file. */
	readonly name?: string | undefined;
}

/** @returns `fleet.invalid` when nothing in it is a host, or when the profile's own file is not sound: nothing is added to that. */
export function planImport(question: ImportQuestion): Result<ImportPlan> {
	const { current } = question;
	const text = question.text.replace(/^\uFEFF/, "");
	const source = basename(question.source);
	const before: Result<FleetFile | null> =
		current === null ? ok(null) : parseFleetFile(current.text, current.path);
	if (!before.ok) return before;
	if (text.includes("\0")) return failed(notText(source));
	const yaml = once(() => readForeignYaml(text));
	const format = question.format ?? formatOf(source, text, yaml);
	const found = readAs(format, source, text, yaml);
	if (found.hosts.length === 0) return failed(noHosts(source, format, found));
	const file: FleetFile = before.value ?? {
		version: 1,
		name: nameOf(found.name ?? question.name ?? stem(source)),
		hosts: [],
	};
	const { rows, hosts } = judge(
		format === "json" ? asFleetFile(found, file) : found,
		file,
	);
	if (hosts.length > MOST_HOSTS) return failed(tooMany(hosts.length));
	const counts = { add: 0, change: 0, same: 0, invalid: 0 };
	for (const { verdict } of rows) counts[verdict]++;
	const changes = counts.add + counts.change > 0;
	return ok({
		format,
		rows,
		counts,
		notes: found.notes,
		fleetName: file.name,
		hosts: hosts.length,
		text: changes ? fleetFileText({ ...file, hosts }) : null,
	});
}

const stem = (source: string): string =>
	basename(source, extname(source)) || "fleet";

const nameOf = (text: string): string => printable(text, 64) || "fleet";

/** The format that a file's name or else its text shows. */
export function formatOf(
	source: string,
	text: string,
	yaml: () => ReadYaml,
): ImportFormat {
	switch (extname(source).toLowerCase()) {
		case ".csv":
		case ".tsv":
			return "csv";
		case ".json":
			return "json";
		case ".yml":
		case ".yaml":
			return yamlFormat(yaml());
		case ".ini":
			return "ansible";
	}
	const isSsh = /^[ \t]*Host([ \t]+|[ \t]*=[ \t]*)\S/im.test(text);
	if (isSsh && !SECTION.test(text)) return "ssh-config";
	if (/^\s*[[{]\s*(["{[\]}]|$)/.test(text)) return "json";
	if (/^(---|[\w-]+:)[ \t]*$/m.test(text)) return yamlFormat(yaml());
	return /^[^\n[\]=]*[,;\t]/.test(text.trimStart()) ? "csv" : "ansible";
}

/** A section of an INI file. Blanks are told from lines' ends, or a file of blank lines would take minutes. */
const SECTION = /^[ \t]*\[/m;

const yamlFormat = (read: ReadYaml): ImportFormat =>
	"lineOf" in read && isFleetFile(read.value) ? "json" : "ansible";

function once<T>(make: () => T): () => T {
	let made: { readonly value: T } | null = null;
	return () => {
		made ??= { value: make() };
		return made.value;
	};
}

function readAs(
	format: ImportFormat,
	source: string,
	text: string,
	yaml: () => ReadYaml,
): Found {
	switch (format) {
		case "csv":
			return readCsv(text);
		case "ssh-config":
			return readSshConfig(text);
		case "json":
			return readFleetHosts(yaml());
		case "ansible":
			return isYaml(source, text)
				? readAnsibleYaml(yaml())
				: readAnsibleIni(text);
	}
}

const isYaml = (source: string, text: string): boolean =>
	/\.ya?ml$|\.json$/i.test(source) ||
	(!SECTION.test(text) && /^[^\s#=][^=\n]*:[ \t]*(#.*)?$/m.test(text));

function noHosts(source: string, format: ImportFormat, { invalid }: Found) {
	const told = invalid
		.slice(0, 5)
		.map(({ line, sentence }) => `line ${line}: ${printable(sentence, 300)}`);
	return fault("fleet.invalid", {
		sentence: [`${source} names no host (read as ${format})`, ...told].join(
			"; ",
		),
		nextStep: `Check the file, or name another format: ${IMPORT_FORMATS.join(", ")}.`,
	});
}

/** In a fleet file that names no port the agents' own is meant, whatever the fleet has that it is added to. */
const asFleetFile = (found: Found, { defaults }: FleetFile): Found =>
	defaults === undefined
		? found
		: {
				...found,
				hosts: found.hosts.map(({ line, host }) => ({
					line,
					host: { port: DEFAULT_PORT, minTls: DEFAULT_MIN_TLS, ...host },
				})),
			};

const notText = (source: string): Fault =>
	fault("fleet.invalid", {
		sentence: `${source} is not text in UTF-8`,
		nextStep: "Save it as UTF-8 and import it again.",
	});

const tooMany = (hosts: number): Fault =>
	fault("fleet.invalid", {
		sentence: `the fleet would have ${hosts} hosts, and ${MOST_HOSTS} is the most`,
		nextStep: "Keep it as several profiles.",
	});

/** Goes through what was found in the order of its lines. */
function judge(
	found: Found,
	file: FleetFile,
): { readonly rows: readonly ImportRow[]; readonly hosts: FileHost[] } {
	const hosts = new Map(file.hosts.map((host) => [host.id, host]));
	const lineOf = new Map<string, number>();
	const rows: ImportRow[] = found.invalid.map(({ line, id, sentence }) => ({
		verdict: "invalid",
		line,
		id: shownId(id),
		words: printable(sentence, 500),
	}));
	for (const one of found.hosts) {
		const { line, host } = one;
		const id = typeof host.id === "string" ? host.id : null;
		const earlier = id === null ? undefined : lineOf.get(id);
		if (earlier !== undefined) {
			const words = `is already on line ${earlier}`;
			rows.push({ verdict: "invalid", line, id: shownId(id), words });
			continue;
		}
		const row = judgeHost(one, file, hosts);
		if (id !== null && row.verdict !== "invalid") lineOf.set(id, line);
		rows.push(row);
	}
	rows.sort((a, b) => a.line - b.line);
	return { rows, hosts: [...hosts.values()] };
}

function judgeHost(
	{ line, host: raw }: FoundHost,
	{ defaults }: FleetFile,
	hosts: Map<string, FileHost>,
): ImportRow {
	const known = hosts.get(raw.id);
	const checked = checkFileHost(asWritten(raw, known), defaults);
	const id =
		typeof raw.id === "string" && raw.id !== "" ? shownId(raw.id) : null;
	if ("wrong" in checked)
		return { verdict: "invalid", line, id, words: checked.wrong };
	const { host, entry } = checked;
	if (known === undefined) {
		hosts.set(host.id, host);
		return { verdict: "add", line, id, words: placeOf(entry) };
	}
	const was = checkFileHost(known, defaults);
	const words = "entry" in was ? differences(was.entry, entry) : "";
	if (words === "") return { verdict: "same", line, id, words: "" };
	hosts.set(host.id, host);
	return { verdict: "change", line, id, words };
}

/** The host as the fleet file shall have it: what the import leaves out stays as it is. */
function asWritten(raw: RawHost, known: FileHost | undefined): object {
	const { port, minTls, labels, address = known?.address ?? raw.id } = raw;
	// A list or a word where labels belong is left as it is, to be refused.
	const areLabels = typeof labels === "object" && !Array.isArray(labels);
	return {
		...known,
		...raw,
		address,
		...(typeof port === "string" && /^\d+$/.test(port)
			? { port: Number(port) }
			: {}),
		...(typeof minTls === "string"
			? { minTls: minTls.replace(/^tlsv?/i, "") }
			: {}),
		...(areLabels ? { labels: { ...known?.labels, ...labels } } : {}),
	};
}

const placeOf = ({ address, port, servername }: HostEntry): string => {
	const at = `${address.includes(":") ? `[${address}]` : address}:${port}`;
	return servername === address ? at : `${at} as ${servername}`;
};

/** A label may be called like something that every object has. */
const ownOf = (
	labels: Readonly<Record<string, string>>,
	key: string,
): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);

/** What differs, in words; empty when nothing does. */
function differences(was: HostEntry, is: HostEntry): string {
	const told: string[] = [];
	const compare = (what: string, a: unknown, b: unknown): void => {
		if (a !== b)
			told.push(`${what} ${a === undefined ? "none" : a} → ${b ?? "none"}`);
	};
	compare("address", was.address, is.address);
	compare("port", was.port, is.port);
	compare("servername", was.servername, is.servername);
	compare("least TLS", was.minTls, is.minTls);
	for (const key of Object.keys({ ...was.labels, ...is.labels }))
		compare(`label ${key}`, ownOf(was.labels, key), ownOf(is.labels, key));
	return printable(told.join(", "), 500);
}
