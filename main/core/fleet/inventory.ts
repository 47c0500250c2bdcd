// The list of hosts: reads a fleet file (JSON or YAML, 04-INTERFACES section 2), says precisely what is wrong with it,
// and compares two lists. A file with one wrong line is refused whole: a fleet that is silently smaller is a lie.
import { isIP } from "node:net";
import { z } from "zod";
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { HostId } from "../../../shared/model.ts";
import { hostId } from "../../../shared/model.ts";
import { printable } from "../transport/failure.ts";
import type { HostEntry } from "./target.ts";
import { readYaml } from "./yamlText.ts";

/** A validated fleet file. */
export interface Inventory {
	readonly name: string;
	readonly hosts: readonly HostEntry[];
}

/** The agents' default port (02-AGENT-PROTOCOL section 1.1). */
export const DEFAULT_PORT = 12443;
export const DEFAULT_MIN_TLS = "1.2";

/** The most hosts one fleet may have; ten times the largest that is tested. */
const MAX_HOSTS = 100_000;

/** The problems told at once; the rest is counted. */
const PROBLEMS_TOLD = 5;
/** Of one problem, in characters: a key can be a megabyte, and a fault must fit through the contract. */
const PROBLEM_CHARACTERS = 300;
const PROBLEMS_KEPT = 100;

const port = z
	.int({ error: "must be a whole number from 1 to 65535" })
	.min(1)
	.max(65_535);
const minTls = z.enum(["1.2", "1.3"]);
const label = z.string({ error: "must be text (put it in quotes)" }).max(256);

const hostSchema = z.strictObject({
	id: z
		.string()
		.min(1, "must not be empty")
		.max(253)
		// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must not be in an id
		.regex(/^[^\s\u0000-\u001f\u007f/]+$/, "must not hold spaces or slashes"),
	address: z
		.string()
		.max(253, "is longer than a name may be")
		.superRefine((text, context) => {
			const message = addressProblem(text);
			if (message !== null) context.addIssue({ code: "custom", message });
		}),
	port: port.optional(),
	servername: z.string().min(1).max(253).optional(),
	minTls: minTls.optional(),
	labels: z.record(z.string().max(128), label).optional(),
});

const fileSchema = z.strictObject({
	version: z.literal(1, { error: "must be 1" }),
	name: z.string().min(1).max(64),
	defaults: z
		.strictObject({ port: port.optional(), minTls: minTls.optional() })
		.optional(),
	hosts: z.array(hostSchema).max(MAX_HOSTS),
});

/** What is wrong with an address, or null. */
function addressProblem(text: string): string | null {
	if (text === "") return "must not be empty";
	if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
		return `${quoted(text)} is a URL; give the name or the IP address alone`;
	if (/\/\d+$/.test(text))
		return `${quoted(text)} has a CIDR suffix; give the address of one host`;
	if (isIP(text) !== 0) return null;
	if (/^\[.*\](:\d+)?$/.test(text) || /^[^:]+:\d+$/.test(text))
		return `${quoted(text)} holds a port or brackets; give the port in "port"`;
	if (!/^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*\.?$/i.test(text))
		return `${quoted(text)} is neither a name nor an IP address`;
	if (/^[\d.]+$/.test(text))
		return `${quoted(text)} is not a whole IPv4 address`;
	return null;
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 80));

/**
 * Reads the text of a fleet file; `source` is what messages call it.
 * @returns `fleet.invalid` with every problem's line and path, the first few in the sentence.
 */
export function parseInventory(
	text: string,
	source: string,
): Result<Inventory> {
	if (text.trim() === "")
		return failed(invalid(source, [() => "the file is empty"]));
	const read = readYaml(text);
	if (!("lineOf" in read))
		return failed(
			invalid(
				source,
				read.map((words) => () => words),
			),
		);
	const at = (path: readonly PropertyKey[], words: string): string =>
		`line ${read.lineOf(path)}, ${pathText(path)}: ${words}`;

	const parsed = fileSchema.safeParse(read.value);
	if (!parsed.success)
		return failed(
			invalid(
				source,
				parsed.error.issues.flatMap((issue) => problems(issue, at)),
			),
		);
	const duplicates = duplicateIds(parsed.data.hosts, at);
	if (duplicates.length > 0) return failed(invalid(source, duplicates));
	return ok(inventory(parsed.data));
}

type At = (path: readonly PropertyKey[], words: string) => string;

/** A problem with its place, which takes time to find: only those that are told are looked up. */
type Problem = () => string;

function problems(issue: z.core.$ZodIssue, at: At): Problem[] {
	if (issue.code === "unrecognized_keys")
		return issue.keys.map(
			(key) => () => at([...issue.path, key], "unknown key"),
		);
	if (issue.code === "invalid_type" && issue.input === undefined) {
		const words = issue.message.endsWith("received undefined")
			? "is missing"
			: issue.message;
		return [() => at(issue.path, words)];
	}
	return [() => at(issue.path, issue.message)];
}

function duplicateIds(
	hosts: readonly { readonly id: string }[],
	at: At,
): Problem[] {
	const first = new Map<string, number>();
	const found: Problem[] = [];
	for (const [index, { id }] of hosts.entries()) {
		const earlier = first.get(id);
		if (earlier === undefined) first.set(id, index);
		else
			found.push(() =>
				at(
					["hosts", index, "id"],
					`${quoted(id)} is already the id of hosts[${earlier}]`,
				),
			);
	}
	return found;
}

const inventory = ({
	name,
	defaults = {},
	hosts,
}: z.infer<typeof fileSchema>): Inventory => ({
	name,
	hosts: hosts.map((host) => entryOf(host, defaults)),
});

/** A host of a fleet file with what it leaves out filled in. */
const entryOf = (
	host: FileHost,
	defaults: NonNullable<z.infer<typeof fileSchema>["defaults"]>,
): HostEntry => ({
	id: hostId(host.id),
	address: host.address,
	port: host.port ?? defaults.port ?? DEFAULT_PORT,
	// An IP literal is verified as an IP (subjectAltName iPAddress) when no name is given.
	servername: host.servername ?? host.address,
	minTls: host.minTls ?? defaults.minTls ?? DEFAULT_MIN_TLS,
	labels: host.labels ?? {},
});

/** A host as a fleet file may write it, sound by itself. */
export type FileHost = z.infer<typeof hostSchema>;
/** A sound fleet file as it is written. */
export type FleetFile = z.infer<typeof fileSchema>;

/** Checks one host alone. @returns what is wrong with it, by key, as one text when it is not sound. */
export function checkFileHost(
	host: unknown,
	defaults: FleetFile["defaults"],
):
	| { readonly host: FileHost; readonly entry: HostEntry }
	| { readonly wrong: string } {
	const parsed = hostSchema.safeParse(host);
	if (parsed.success)
		return { host: parsed.data, entry: entryOf(parsed.data, defaults ?? {}) };
	const words = parsed.error.issues.flatMap((issue) =>
		problems(issue, (path, what) => `${pathText(path)}: ${what}`),
	);
	return {
		wrong: words
			.slice(0, PROBLEMS_TOLD)
			.map((say) => printable(say(), PROBLEM_CHARACTERS))
			.join("; "),
	};
}

/** The text of a fleet file, a host a line. */
export function fleetFileText({ hosts, ...rest }: FleetFile): string {
	const head = JSON.stringify(rest, null, 2).slice(0, -2);
	const lines = hosts.map((host) => `    ${JSON.stringify(host)}`).join(",\n");
	return `${head},\n  "hosts": [\n${lines}\n  ]\n}\n`;
}

/**
 * A fleet file as it is written, for adding to it.
 * @returns `fleet.invalid` as `parseInventory`.
 */
export function parseFleetFile(
	text: string,
	source: string,
): Result<FleetFile> {
	const sound = parseInventory(text, source);
	if (!sound.ok) return sound;
	const read = readYaml(text);
	return ok(fileSchema.parse("lineOf" in read ? read.value : null));
}

function invalid(source: string, found: readonly Problem[]): Fault {
	const notes = found
		.slice(0, PROBLEMS_KEPT)
		.map((problem) => printable(problem(), PROBLEM_CHARACTERS));
	const told = notes.slice(0, PROBLEMS_TOLD).join("; ");
	const more =
		found.length > PROBLEMS_TOLD
			? `; and ${found.length - PROBLEMS_TOLD} more`
			: "";
	return fault("fleet.invalid", {
		sentence: `${source}: ${told}${more}`,
		evidence: { notes },
	});
}

function pathText(path: readonly PropertyKey[]): string {
	if (path.length === 0) return "the file";
	return path
		.map((part, index) =>
			typeof part === "number"
				? `[${part}]`
				: `${index === 0 ? "" : "."}${String(part)}`,
		)
		.join("");
}

/** What changes when `next` replaces `now`. A host whose address, port, name or TLS changed is `changed`. */
export interface InventoryDiff {
	readonly added: readonly HostEntry[];
	readonly changed: readonly HostEntry[];
	readonly removed: readonly HostId[];
	/** Only labels differ: no reason to redial. */
	readonly relabelled: readonly HostEntry[];
}

export function diffHosts(
	now: Iterable<HostEntry>,
	next: Iterable<HostEntry>,
): InventoryDiff {
	const old = new Map([...now].map((entry) => [entry.id, entry]));
	const added: HostEntry[] = [];
	const changed: HostEntry[] = [];
	const relabelled: HostEntry[] = [];
	for (const entry of next) {
		const before = old.get(entry.id);
		old.delete(entry.id);
		if (before === undefined) added.push(entry);
		else if (dialFacts(before) !== dialFacts(entry)) changed.push(entry);
		else if (JSON.stringify(before.labels) !== JSON.stringify(entry.labels))
			relabelled.push(entry);
	}
	return { added, changed, removed: [...old.keys()], relabelled };
}

const dialFacts = (entry: HostEntry): string =>
	JSON.stringify([entry.address, entry.port, entry.servername, entry.minTls]);
