// The agent's REST endpoints that a console uses (02-AGENT-PROTOCOL section 1.4): a request in, an answer out. Knows no
// sockets; misbehaviour on the way out is `httpFace.ts`'s.
import {
	type HostFacts,
	health,
	jobDetail,
	jobSummary,
	packageRow,
	patches,
	systemInfo,
} from "./bodies.ts";
import { ENDED, restWord } from "./dialect.ts";
import {
	JSON_HEADERS,
	notAllowed,
	notFound,
	nothing,
	type RestAnswer,
	refusal,
	success,
	text,
} from "./envelope.ts";
import type { EventLog } from "./eventLog.ts";
import type { FaultSet } from "./faultSet.ts";
import type { JobSpec, JobTable } from "./jobTable.ts";
import { CATALOGUE } from "./packages.ts";
import { seeded } from "./seeded.ts";
import type { Voice } from "./voice.ts";

/** A request, read to its end. */
export interface RestRequest {
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	readonly body: string;
	/** Aborted when the client has gone. */
	readonly signal: AbortSignal;
}

export interface RestPorts {
	readonly voice: Voice;
	readonly faults: FaultSet;
	readonly jobs: JobTable;
	readonly host: HostFacts;
	readonly log: EventLog;
	/** Takes on a job that a client asked for. */
	submit(spec: JobSpec): { readonly id: string };
}

const LIST_LIMIT = 50;
/** Jobs pending or running beyond which an agent takes no more. */
const QUEUE_LIMIT = 100;
const LONGEST_WAIT_S = 60;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.:~-]*$/;
/** How long a job takes that was asked for over REST, in seconds at normal speed. */
const ASKED_RUN_S = { from: 3, to: 8 };

/** Answers one request as a healthy agent does. */
export async function answerRest(
	ports: RestPorts,
	request: RestRequest,
): Promise<RestAnswer> {
	const { method, path } = request;
	if (path === "/health" && method === "GET")
		return success(ports.voice, health(ports.host, ports.voice));
	if (!path.startsWith("/api/v1/")) return notFound;
	const [area, id, more, ...rest] = path.slice("/api/v1/".length).split("/");
	if (rest.length > 0) return notAllowed;
	const key = `${method} ${area}${id === undefined ? "" : "/"}${more === undefined ? "" : `*/${more}`}`;
	const name = decoded(id ?? "");
	switch (key) {
		case "GET health":
			return success(ports.voice, health(ports.host, ports.voice));
		case "GET system/":
			return name === "info"
				? success(ports.voice, systemInfo(ports.host, ports.voice))
				: notAllowed;
		case "GET jobs":
			return listJobs(ports, request.query);
		case "GET jobs/":
			return readJob(ports, name);
		case "DELETE jobs/":
			return deleteJob(ports, name);
		case "GET patches":
			return success(ports.voice, patches(ports.host));
		case "POST patches/":
			return name === "apply" ? applyPatches(ports, request.body) : notAllowed;
		case "GET packages":
			return listPackages(ports, request.query);
		case "GET packages/":
			return readPackage(ports, name);
		case "GET ws/":
			return name === "jobs" ? streamWithoutUpgrade(ports) : notAllowed;
		case "GET events":
			return events(ports, request);
		default:
			return notAllowed;
	}
}

function decoded(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		return segment;
	}
}

function listJobs({ jobs, voice }: RestPorts, query: URLSearchParams) {
	const limit = query.get("limit") ?? String(LIST_LIMIT);
	if (!/^\d+$/.test(limit))
		return text(400, "Query deserialize error: invalid digit found in string");
	const all = jobs.list();
	const wanted = query.get("status");
	const matching = all.filter((job) => restWord(job.state) === wanted);
	const known = ["pending", "running", "completed", "failed"].concat(
		"cancelled",
		"timedout",
	);
	// An unknown status word silently means all.
	const rows = wanted !== null && known.includes(wanted) ? matching : all;
	const page = rows
		.slice(0, Number(limit))
		.map((job) => jobSummary(job, voice));
	return success(voice, { jobs: page, total: page.length });
}

function readJob({ jobs, voice, faults }: RestPorts, id: string): RestAnswer {
	if (!UUID.test(id))
		return refusal(voice, 400, "INVALID_JOB_ID", "Invalid job ID format");
	const job = jobs.get(id);
	return job === undefined
		? refusal(voice, 404, "JOB_NOT_FOUND", `Job ${id} not found`)
		: success(voice, jobDetail(job, voice, faults));
}

/** Deletes history; it is not a cancel. */
function deleteJob({ jobs, voice }: RestPorts, id: string): RestAnswer {
	if (!UUID.test(id))
		return refusal(voice, 400, "INVALID_JOB_ID", "Invalid job ID format");
	const job = jobs.get(id);
	if (job === undefined)
		return refusal(voice, 404, "JOB_NOT_FOUND", `Job ${id} not found`);
	if (!ENDED.has(job.state))
		return refusal(
			voice,
			409,
			"DELETE_NOT_ALLOWED",
			"Only jobs that have ended can be deleted",
			{ status: restWord(job.state) },
		);
	jobs.remove(id);
	return success(voice, { deleted: true, job_id: id });
}

interface ApplyRequest {
	readonly packages: readonly string[] | null;
	readonly allowReboot: boolean;
}

/** @returns the request, or the answer that refuses it. */
function readApply(voice: Voice, body: string): ApplyRequest | RestAnswer {
	let json: unknown;
	try {
		json = JSON.parse(body);
	} catch {
		return text(400, "Json deserialize error: expected value at line 1");
	}
	if (typeof json !== "object" || json === null || Array.isArray(json))
		return text(400, "Json deserialize error: invalid type, expected struct");
	const given = json as Record<string, unknown>;
	const names: unknown = given.packages ?? null;
	if (names !== null && !Array.isArray(names))
		return text(400, "Json deserialize error: packages: expected a sequence");
	const allowReboot = given.allow_reboot === true || given.reboot === true;
	if (names === null) return { packages: null, allowReboot };
	const bad = names.find(
		(name) => typeof name !== "string" || !PACKAGE_NAME.test(name),
	);
	return bad === undefined
		? { packages: names as string[], allowReboot }
		: refusal(
				voice,
				400,
				"VALIDATION_ERROR",
				`Invalid package name: ${String(bad)}`,
			);
}

function applyPatches(ports: RestPorts, body: string): RestAnswer {
	const { voice, jobs, host } = ports;
	const asked = readApply(voice, body);
	if ("status" in asked) return asked;
	if (jobs.openCount() >= QUEUE_LIMIT)
		return refusal(voice, 429, "QUEUE_FULL", "The job queue is full");
	const packages = asked.packages ?? host.waiting().map(({ name }) => name);
	const chance = seeded(jobs.list().length, host.hostname, "asked");
	const job = ports.submit({
		operation: "patchapply",
		packages,
		startAfterMs: 200,
		runMs: chance.between(ASKED_RUN_S.from, ASKED_RUN_S.to) * 1000,
		outcome: { state: "completed" },
		rebootAfter: asked.allowReboot,
	});
	return success(
		voice,
		{
			job_id: job.id,
			status: "pending",
			operation: "patch_apply",
			packages: [`${packages.length} packages`],
			package: null,
		},
		202,
	);
}

function listPackages({ voice, host }: RestPorts, query: URLSearchParams) {
	const waiting = new Set(host.waiting());
	const pattern = query.get("name")?.replaceAll("*", "");
	const status = query.get("status");
	const rows = CATALOGUE.filter(
		(each) =>
			(pattern === undefined || each.name.includes(pattern)) &&
			(status !== "upgradable" || waiting.has(each)) &&
			(query.get("upgradable") !== "true" || waiting.has(each)),
	).map((each) => packageRow(each, waiting.has(each)));
	return success(voice, { packages: rows, total: rows.length });
}

function readPackage({ voice, host }: RestPorts, name: string): RestAnswer {
	const found = CATALOGUE.find((each) => each.name === name);
	if (found === undefined)
		return refusal(voice, 404, "PKG_NOT_FOUND", `Package ${name} not found`);
	return success(voice, packageRow(found, host.waiting().includes(found)));
}

/** The stream's address without an upgrade: a complaint, or a stub's description of itself. */
function streamWithoutUpgrade({ voice }: RestPorts): RestAnswer {
	if (voice.facts.live) return text(400, "WebSocket upgrade is expected");
	return {
		status: 200,
		headers: JSON_HEADERS,
		body: JSON.stringify({
			endpoint: "/api/v1/ws/jobs",
			description: "WebSocket endpoint for job status updates",
			polling_alternative: "/api/v1/jobs",
		}),
	};
}

/** events.v1 and longpoll.v1. An agent that offers neither does not know the path. */
async function events(
	{ voice, log, faults }: RestPorts,
	{ query, signal }: RestRequest,
): Promise<RestAnswer> {
	if (!voice.offers("events.v1")) return notAllowed;
	const [since, limit, wait] = ["since", "limit", "wait"].map((name) =>
		query.get(name),
	);
	if ([since, limit, wait].some((number) => number && !/^\d+$/.test(number)))
		return text(400, "Query deserialize error: invalid digit found in string");
	const from = Number(since ?? 0);
	const page = (): RestAnswer =>
		success(voice, log.since(from, Math.min(1000, Number(limit ?? 1000))));
	if (!wait || !voice.offers("longpoll.v1")) return page();
	const ms = Math.min(LONGEST_WAIT_S, Number(wait)) * 1000;
	switch (faults.get("longpoll")?.answer) {
		case "instant-204":
			return nothing;
		case "empty":
			return { status: 200, headers: JSON_HEADERS, body: null };
		case "null":
			return { status: 200, headers: JSON_HEADERS, body: "null" };
		case "500":
			return refusal(voice, 500, "INTERNAL_ERROR", "The event log failed");
		case "hang":
			await new Promise((gone) => signal.addEventListener("abort", gone));
			return nothing;
		case undefined:
			return (await log.wait(from, ms, signal)) ? page() : nothing;
	}
}
