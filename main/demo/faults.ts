// The switches that make a demo agent misbehave (02-AGENT-PROTOCOL, after Q18): one schema for the file and for tests.
// Says what a switch is called and takes; what it does stands where the agent meets it.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { failed, fault, ok, type Result } from "../../shared/fault.ts";
import { EXTENSIONS } from "./dialect.ts";

const seconds = z.number().min(0).max(86_400);
const count = z.int().min(0).max(1_000_000);
/** When a one-time switch acts: at a moment of this host's n-th job, or so many seconds after the agent started. */
const when = {
	job: z.int().min(1).optional(),
	at: z.enum(["start", "middle", "end"]).optional(),
	afterSeconds: seconds.optional(),
};
/** REST paths a switch applies to, by prefix under /api/v1, such as `/jobs`; absent: all. */
const path = z.string().startsWith("/").optional();

const bare = <const K extends string>(kind: K) =>
	z.strictObject({ kind: z.literal(kind) });

export const faultSchema = z.discriminatedUnion("kind", [
	// The handshake.
	bare("stub-101"),
	bare("wrong-accept"),
	bare("h2-first"),
	bare("h2-only"),
	z.strictObject({
		kind: z.literal("certificate"),
		problem: z.enum([
			"expired",
			"not-yet-valid",
			"wrong-name",
			"no-san",
			"self-signed",
			"other-ca",
		]),
	}),
	z.strictObject({
		kind: z.literal("client-refused"),
		/** Default unknown-ca. */
		why: z.enum(["unknown-ca", "revoked"]).optional(),
	}),
	z.strictObject({
		kind: z.literal("whitelist"),
		how: z.enum(["hang", "reset", "403"]),
	}),
	z.strictObject({
		kind: z.literal("mute"),
		after: z.enum(["tcp", "tls", "101"]),
	}),
	z.strictObject({
		kind: z.literal("upgrade-status"),
		status: z.int().min(200).max(599),
		retryAfterSeconds: seconds.optional(),
	}),
	bare("ipv6-only"),
	// The stream.
	z.strictObject({ kind: z.literal("deaf"), afterEvents: count }),
	z.strictObject({
		kind: z.literal("drop"),
		/** Lets this many events pass first; default 0. */
		afterEvents: count.optional(),
		events: z.int().min(1),
	}),
	z.strictObject({
		kind: z.literal("duplicate"),
		times: z.int().min(2).max(10).optional(),
	}),
	bare("swap"),
	bare("no-ping"),
	z.strictObject({
		kind: z.literal("ping-pause"),
		/** How long the agent is blocked; default 20. It begins this long after each connect; default 5. */
		seconds: seconds.optional(),
		afterSeconds: seconds.optional(),
	}),
	z.strictObject({
		kind: z.literal("close"),
		code: z.int().min(1000).max(4999),
		reason: z.string().max(123).optional(),
		/** After this many job events; default 0: right after the greeting. */
		afterEvents: count.optional(),
	}),
	z.strictObject({
		kind: z.literal("frame"),
		what: z.enum(["oversize", "binary", "bad-json"]),
	}),
	z.strictObject({
		kind: z.literal("status-word"),
		word: z.string().min(1).max(64),
		/** The state it stands for; default running. */
		instead: z.enum(["pending", "running", "completed", "failed"]).optional(),
	}),
	z.strictObject({
		kind: z.literal("timed-out"),
		spelling: z.enum(["timedout", "timed_out", "timeout"]),
	}),
	z.strictObject({
		kind: z.literal("timestamps"),
		zone: z.enum(["Z", "+00:00"]),
		digits: z.int().min(0).max(9),
	}),
	z.strictObject({
		kind: z.literal("clock-skew"),
		seconds: z.number().min(-86_400).max(86_400),
	}),
	z.strictObject({
		kind: z.literal("challenge"),
		how: z.enum(["never", "short-nonce", "twice", "silent", "refuse"]),
	}),
	z.strictObject({
		kind: z.literal("extensions"),
		offer: z.array(z.enum(EXTENSIONS)),
	}),
	// The process.
	z.strictObject({ kind: z.literal("cut"), ...when }),
	z.strictObject({
		kind: z.literal("kill"),
		...when,
		/** Absent: it stays away. */
		backAfterSeconds: seconds.optional(),
	}),
	z.strictObject({
		kind: z.literal("restart"),
		...when,
		/** True: open jobs are gone (404). False: they come back as failed, AGENT_REBOOTED. Default: as the dialect does. */
		forget: z.boolean().optional(),
		/** Default 1. */
		downSeconds: seconds.optional(),
	}),
	z.strictObject({
		kind: z.literal("phantom"),
		everySeconds: z.number().min(0.1).max(86_400),
	}),
	z.strictObject({
		kind: z.literal("flapping"),
		everySeconds: z.number().min(0.1).max(86_400),
	}),
	// REST.
	z.strictObject({
		kind: z.literal("rate-limit"),
		retryAfterSeconds: z.int().min(1).max(86_400),
		path,
	}),
	z.strictObject({ kind: z.literal("empty-405"), path }),
	z.strictObject({ kind: z.literal("success-false"), path }),
	z.strictObject({ kind: z.literal("truncated-json"), path }),
	z.strictObject({
		kind: z.literal("slow-loris"),
		bytesPerSecond: z.number().min(0.1).max(1_000_000),
		path,
	}),
	z.strictObject({
		kind: z.literal("huge-logs"),
		megabytes: z.number().min(0.001).max(64),
	}),
	z.strictObject({
		kind: z.literal("longpoll"),
		answer: z.enum(["instant-204", "empty", "null", "hang", "500"]),
	}),
]);

/** One switch of one agent. */
export type AgentFault = z.infer<typeof faultSchema>;
export type FaultKind = AgentFault["kind"];
/** The switch of this kind. */
export type FaultOf<K extends FaultKind> = Extract<AgentFault, { kind: K }>;

const fileSchema = z.strictObject({
	version: z.literal(1, { error: "must be 1" }),
	/** By host id, or a pattern in which `*` stands for any characters. */
	hosts: z.record(z.string().min(1).max(253), z.array(faultSchema)),
});

/** What a faults file says. */
export type FaultPlan = z.infer<typeof fileSchema>;

/** Problems told in the sentence; the rest is counted. */
const PROBLEMS_TOLD = 5;
/** Of one problem, in characters: a key can be a megabyte. */
const PROBLEM_CHARACTERS = 300;

/**
 * Reads the text of a faults file; `source` is what messages call it.
 * @returns `faults.invalid`, naming the path of each problem.
 */
export function parseFaults(text: string, source: string): Result<FaultPlan> {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (error) {
		return refused(source, [
			`not JSON: ${error instanceof Error ? error.message : String(error)}`,
		]);
	}
	const parsed = fileSchema.safeParse(json);
	if (parsed.success) return ok(parsed.data);
	return refused(
		source,
		parsed.error.issues.map(
			(issue) => `${pathOf(issue.path)}: ${sayIssue(issue)}`,
		),
	);
}

/** Reads a faults file from disk; `faults.invalid` when it cannot be read either. */
export async function readFaults(file: string): Promise<Result<FaultPlan>> {
	let text: string;
	try {
		text = await readFile(file, "utf8");
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		return refused(file, [`cannot be read: ${why}`]);
	}
	return parseFaults(text, file);
}

/** Patterns of a plan that fit no host: almost always a slip of the pen. */
export function patternsWithoutHost(
	plan: FaultPlan,
	hostIds: readonly string[],
): string[] {
	return Object.keys(plan.hosts).filter(
		(pattern) => !hostIds.some((id) => fits(pattern, id)),
	);
}

/** The switches of one host: of every pattern that fits, in the order of the file. */
export function faultsOf(plan: FaultPlan, hostId: string): AgentFault[] {
	return Object.entries(plan.hosts).flatMap(([pattern, faults]) =>
		fits(pattern, hostId) ? faults : [],
	);
}

/** Piece by piece from the left, which is right for `*` alone; a regular expression of many of them may never end. */
function fits(pattern: string, hostId: string): boolean {
	const [first = "", ...pieces] = pattern.split("*");
	const last = pieces.pop();
	if (last === undefined) return pattern === hostId;
	if (!hostId.startsWith(first)) return false;
	let at = first.length;
	for (const piece of pieces) {
		const found = hostId.indexOf(piece, at);
		if (found < 0) return false;
		at = found + piece.length;
	}
	return hostId.length - last.length >= at && hostId.endsWith(last);
}

function refused(source: string, problems: readonly string[]): Result<never> {
	const told = problems
		.slice(0, PROBLEMS_TOLD)
		.map((problem) => problem.slice(0, PROBLEM_CHARACTERS))
		.join("; ");
	const more = problems.length - PROBLEMS_TOLD;
	return failed(
		fault("faults.invalid", {
			sentence: `${source}: ${told}${more > 0 ? `; and ${more} more` : ""}`,
		}),
	);
}

/** `hosts.web-01[0].afterEvents`; ids that hold dots stay readable, since only they follow `hosts`. */
function pathOf(path: readonly PropertyKey[]): string {
	const words = path.map((step) =>
		typeof step === "number" ? `[${step}]` : `.${String(step)}`,
	);
	return words.join("").replace(/^\./, "") || "the file";
}

function sayIssue(issue: z.core.$ZodIssue): string {
	if (issue.code === "invalid_union" && "discriminator" in issue)
		return `no such switch; one of ${faultSchema.options
			.map((option) => option.shape.kind.value)
			.join(", ")}`;
	if (issue.code === "unrecognized_keys")
		return `unknown key ${issue.keys.join(", ")}`;
	return issue.message;
}
