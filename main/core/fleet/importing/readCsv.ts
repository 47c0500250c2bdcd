// A table with a header line: one column names the host, others say how it is reached, and the rest become labels.
import Papa from "papaparse";
import type { Found, FoundHost, InvalidLine, RawHost } from "./found.ts";
import { labelKey, looksSecret } from "./found.ts";

/** What people call the columns, the likelier name first. */
const COLUMNS = {
	id: ["id", "host_id", "name", "host", "hostname", "host_name", "server"],
	address: ["address", "ip", "ip_address", "ipv4", "fqdn", "dns_name"],
	port: ["port", "agent_port"],
	servername: ["servername", "server_name", "tls_name"],
	minTls: ["min_tls", "mintls"],
	labels: ["labels", "tags"],
} as const;
type Column = keyof typeof COLUMNS;

/** What each column is for: the likeliest name of each kind wins, and what is left over becomes labels. */
function columnsOf(header: readonly string[]): readonly (Column | null)[] {
	const names = header.map((name) => labelKey(name).replace(/-/g, "_"));
	const columns: (Column | null)[] = names.map(() => null);
	for (const [column, known] of Object.entries(COLUMNS)) {
		const name = known.find((one) => names.includes(one));
		if (name !== undefined) columns[names.indexOf(name)] = column as Column;
	}
	return columns;
}

/** Reads comma, semicolon or tab separated text. Rows that are empty are no rows. */
export function readCsv(text: string): Found {
	const rows: { readonly line: number; readonly cells: readonly string[] }[] =
		[];
	const invalid: InvalidLine[] = [];
	const lineAt = lineCounter(text);
	let from = 0;
	// Excel's own first line, which names the separator.
	const [separator, mark] = /^sep=(.)\r?\n/i.exec(text) ?? [];
	Papa.parse<string[]>(text, {
		...(mark === undefined ? {} : { delimiter: mark }),
		delimitersToGuess: [",", ";", "\t"],
		step({ data, errors, meta }) {
			const line = lineAt(from);
			from = meta.cursor;
			for (const { message } of errors)
				if (!/auto-detect/.test(message))
					invalid.push({ line, id: null, sentence: message });
			if (separator !== undefined && line === 1) return;
			if (data.some((cell) => cell.trim() !== ""))
				rows.push({ line, cells: data.map((cell) => cell.trim()) });
		},
	});
	const [header, ...body] = rows;
	if (header === undefined) return { hosts: [], invalid, notes: [] };
	const columns = columnsOf(header.cells);
	if (!columns.includes("id") && !columns.includes("address"))
		return {
			hosts: [],
			invalid: [
				...invalid,
				{
					line: header.line,
					id: null,
					sentence:
						"the first line must name the columns, one of them “id” or “address”",
				},
			],
			notes: [],
		};
	const secret = header.cells.filter(
		(name, at) => columns[at] === null && looksSecret(name),
	);
	const hosts: FoundHost[] = [];
	for (const { line, cells } of body) {
		const extra = cells.slice(header.cells.length).some((cell) => cell !== "");
		const host = hostOf(header.cells, columns, cells);
		if (extra)
			invalid.push({
				line,
				id: host.id || null,
				sentence: `has ${cells.length} cells, the first line ${header.cells.length}`,
			});
		else hosts.push({ line, host });
	}
	return {
		hosts,
		invalid,
		notes: secret.map(
			(name) =>
				`the column “${name}” was left out: it may hold what must not be on a screen`,
		),
	};
}

function hostOf(
	header: readonly string[],
	columns: readonly (Column | null)[],
	cells: readonly string[],
): RawHost {
	const given: Partial<Record<Column, string>> = {};
	const labels: Record<string, string> = {};
	for (const [at, cell] of cells.entries()) {
		const column = columns[at];
		const name = header[at];
		if (cell === "" || name === undefined) continue;
		if (column === null) {
			if (!looksSecret(name) && labelKey(name) !== "")
				labels[labelKey(name)] = cell;
		} else if (column !== undefined) given[column] = cell;
	}
	for (const pair of (given.labels ?? "").split(/[;,\s]+/)) {
		const [key = "", ...value] = pair.split("=");
		if (labelKey(key) !== "") labels[labelKey(key)] = value.join("=") || "yes";
	}
	const { port, servername, minTls } = given;
	return {
		id: given.id ?? given.address ?? "",
		...(given.address === undefined ? {} : { address: given.address }),
		...(port === undefined ? {} : { port }),
		...(servername === undefined ? {} : { servername }),
		...(minTls === undefined ? {} : { minTls }),
		labels,
	};
}

/** Line of an offset, asked in rising order. */
function lineCounter(text: string): (offset: number) => number {
	let line = 1;
	let at = 0;
	return (offset) => {
		for (; at < offset; at++) if (text[at] === "\n") line++;
		return line;
	};
}
