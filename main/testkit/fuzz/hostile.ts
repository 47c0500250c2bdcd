// Values and texts that break decoders: the ones that a random walk would take years to meet.

const MIB = 1_048_576;

/** Stands in a JSON value where `written` puts a number that JSON.stringify cannot write. */
const RAW = "\u0001raw:";

/** Numbers that are legal JSON and no number that a program expects. */
const NUMBERS: readonly string[] = [
	"1e400",
	"-1e400",
	"-0",
	"9007199254740993",
	"-9007199254740993",
	"1e-400",
	"0.1e1",
	"9".repeat(400),
	"1.7976931348623157e308",
	"4294967296",
	"2147483648",
	"-1",
];

/** Names that a careless assignment turns into something else than a field. */
export const KEYS: readonly string[] = [
	"__proto__",
	"constructor",
	"prototype",
	"hasOwnProperty",
	"toString",
	"valueOf",
	"toJSON",
	"then",
	"length",
	"",
	"\u0000",
	"0",
];

/** Times that a calendar does not have or a clock cannot mean. */
const TIMES: readonly string[] = [
	"0000-00-00T00:00:00Z",
	"9999-12-31T23:59:60Z",
	"2026-02-30T00:00:00Z",
	"1969-12-31T23:59:59.999999999Z",
	"1970-01-01T00:00:00+23:59",
	"+275760-09-13T00:00:00.000Z",
	"2026-01-05T00:00:00.1234567890Z",
	"2026-01-05 00:00:00 ",
];

/** Texts that forge lines, hide, or are no Unicode at all. */
export const TEXTS: readonly string[] = [
	"",
	" ",
	"\u0000",
	"\ud800",
	"\udc00x",
	"a\ud83d",
	"\u202egnp.exe\u202c",
	"\u2066\u2069",
	"\ufeff{}",
	"\u001b[2J\u001b[1;1H",
	"\r\nHTTP/1.1 200 OK\r\n\r\n",
	"..",
	"../../../etc/passwd",
	"%2e%2e%2f",
	"\u2028\u2029",
	"İ".repeat(80),
	"ß".repeat(80),
	"💥".repeat(100),
	"x".repeat(5_000),
	...TIMES,
	...NUMBERS,
	...KEYS,
];

/** Values of every other type than a text. Fresh at each call, because mutations change them. */
export const values = (): readonly unknown[] => [
	null,
	true,
	false,
	[],
	{},
	[[]],
	[null],
	{ length: 1e9 },
	{ toString: null, valueOf: null },
	JSON.parse('{"__proto__":{"polluted":true}}'),
	JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
	...NUMBERS.map((number) => RAW + number),
	Array.from({ length: 50 }, (_, index) => index),
];

const RAW_TEXT = /"\\u0001raw:([^"]*)"/g;

/** JSON text of a value, in which raw numbers stand as they are. */
export const written = (value: unknown): string =>
	(JSON.stringify(value) ?? "null").replaceAll(RAW_TEXT, "$1");

/** A huge text with its name. */
export interface Monster {
	readonly name: string;
	/** Made when it is needed: they are megabytes. */
	text(): string;
}

const nested = (open: string, close: string, levels: number): string =>
	`${open.repeat(levels)}1${close.repeat(levels)}`;

/**
 * Texts that make a decoder slow or large if it is anything but linear: at a mebibyte a quadratic one does not end within
 * any patience. `field` is a text field that the decoder reads, `list` a list that it reads.
 */
export const monsters = (field: string, list: string): readonly Monster[] => [
	{ name: "100,000 open brackets", text: () => "[".repeat(100_000) },
	{ name: "100,000 nested lists", text: () => nested("[", "]", 100_000) },
	{
		name: "100,000 nested objects",
		text: () => nested('{"a":', "}", 100_000),
	},
	{
		name: "100,000 nested lists in a field",
		text: () => `{"${field}":${nested("[", "]", 100_000)}}`,
	},
	{
		name: "a text of 1 MiB",
		text: () => JSON.stringify({ [field]: "x".repeat(MIB) }),
	},
	{
		name: "a text of 1 MiB of backslashes",
		text: () => JSON.stringify({ [field]: "\\".repeat(MIB / 2) }),
	},
	{
		name: "a text of 1 MiB of quotes that never ends",
		text: () => `{"${field}":"${'\\"'.repeat(MIB / 2)}`,
	},
	{
		name: "a text of 1 MiB of lone surrogates",
		text: () => `{"${field}":"${"\\ud800".repeat(MIB / 6)}"}`,
	},
	{ name: "1 MiB of NUL", text: () => "\u0000".repeat(MIB) },
	{ name: "1 MiB of blanks", text: () => `${" ".repeat(MIB)}{}` },
	{ name: "a number of 1 MiB of digits", text: () => "9".repeat(MIB) },
	{
		name: "100,000 keys",
		text: () =>
			`{${Array.from({ length: 100_000 }, (_, at) => `"k${at}":0`).join()}}`,
	},
	{
		name: "100,000 times the same key",
		text: () => `{${`"${field}":"a",`.repeat(100_000)}"${field}":"b"}`,
	},
	{
		name: "8 MB of a list with 200,000 rows",
		text: () =>
			`{"success":true,"data":{"${list}":[${'{"job_id":"a","status":"running"},'.repeat(200_000)}0]}}`,
	},
	{
		name: "8 MB of a bare list with 200,000 rows",
		text: () => `[${'{"job_id":"a","status":"running"},'.repeat(200_000)}0]`,
	},
];
