import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { ask, type ClientAnswer } from "../testkit/agentClient.ts";
import {
	type DemoWorld,
	handClock,
	openDemoWorld,
	SHORT_JOB,
} from "../testkit/demoWorld.ts";
import { failureOf } from "./aptOutput.ts";
import { DIALECTS } from "./dialect.ts";

let demo: DemoWorld | undefined;
afterEach(() => demo?.stop());

const open = (speed = 1) => {
	const clock = handClock();
	demo = openDemoWorld(clock, speed);
	return { clock, demo };
};

// The shapes of 02-AGENT-PROTOCOL, written down a second time: strict, so that a field too many is found as well.
const moment = z.iso.datetime({ offset: true });
const envelope = z.discriminatedUnion("success", [
	z.strictObject({
		success: z.literal(true),
		request_id: z.uuid(),
		timestamp: moment,
		data: z.unknown(),
		error: z.null(),
	}),
	z.strictObject({
		success: z.literal(false),
		request_id: z.uuid(),
		timestamp: moment,
		data: z.null(),
		error: z.strictObject({
			code: z.string().regex(/^[A-Z_]+$/),
			message: z.string().min(1),
			details: z.record(z.string(), z.unknown()).nullable(),
			retryable: z.boolean(),
		}),
	}),
]);
const status = z.enum([
	"pending",
	"running",
	"completed",
	"failed",
	"cancelled",
	"timedout",
]);
const summary = {
	job_id: z.uuid(),
	operation: z.enum(["install", "update", "patchapply", "reboot"]),
	status,
	created_at: moment,
	completed_at: moment.nullable(),
	packages: z.array(z.string()),
	error_code: z.string().optional(),
};
const jobPage = z.strictObject({
	jobs: z.array(z.strictObject(summary)),
	total: z.int(),
});
const jobDetail = z.strictObject({
	...summary,
	progress: z.int().min(0).max(100),
	message: z.string(),
	logs: z.array(z.string()),
	error: z.string().nullable(),
	exit_code: z.int().optional(),
	command_stdout: z.string().optional(),
	command_stderr: z.string().optional(),
	rollback_job_id: z.string().nullable(),
	exclusive_mode: z.boolean(),
});
const health = z.strictObject({
	status: z.enum(["healthy", "degraded"]),
	uptime_seconds: z.int(),
	version: z.string(),
	last_cache_update: moment.nullable(),
	cache_status: z.enum(["fresh", "stale", "unknown", "failed"]),
	crl_status: z.enum(["valid", "expired", "missing", "invalid", "degraded"]),
	crl_age_seconds: z.int(),
	crl_next_update: moment.optional(),
	gpg_key_status: z.enum(["valid", "expired", "missing", "revoked"]).optional(),
	gpg_key_expires_at: moment.optional(),
	repo_config_synced: z.boolean().optional(),
	repo_config_last_sync: moment.optional(),
	extensions: z.array(z.string()).optional(),
});
const system = z.strictObject({
	hostname: z.string(),
	os: z.string(),
	os_version: z.string(),
	kernel: z.string(),
	architecture: z.string(),
	last_update_check: moment.nullable(),
	last_update_apply: moment.nullable(),
	pending_reboot: z.boolean(),
});
const patchPage = z.strictObject({
	patches: z.array(
		z.strictObject({
			name: z.string(),
			current_version: z.string(),
			available_version: z.string(),
			severity: z.enum(["critical", "high", "medium", "low"]),
			description: z.string(),
			cve_ids: z.array(z.string()),
			requires_reboot: z.boolean(),
		}),
	),
	total: z.int(),
	security_updates: z.int(),
	requires_reboot: z.boolean(),
});

const enveloped = (answer: ClientAnswer) => {
	expect(answer.headers["content-type"]).toBe("application/json");
	return envelope.parse(answer.json());
};
const code = (answer: ClientAnswer) => {
	const body = enveloped(answer);
	return body.success ? null : body.error.code;
};

test.each(DIALECTS)(
	"every answer of a %s agent has the documented shape",
	async (dialect) => {
		const { clock, demo } = open();
		const agent = await demo.agent({ dialect });
		const good = agent.submit(SHORT_JOB);
		const bad = agent.submit({
			...SHORT_JOB,
			outcome: failureOf("NETWORK_ERROR", ["openssl"]),
		});
		const waits = agent.submit({ ...SHORT_JOB, startAfterMs: 1e6 });
		clock.advance(1000);
		const read = async <T>(path: string, shape: z.ZodType<T>): Promise<T> => {
			const answer = await ask(demo.target(agent), path);
			expect(answer.status).toBe(200);
			return shape.parse(enveloped(answer).data);
		};
		await read("/health", health);
		expect((await read("/api/v1/health", health)).version).toMatch(/\d\.\d/);
		expect(await read("/api/v1/system/info", system)).toMatchObject({
			hostname: "web-01",
		});
		const page = await read("/api/v1/jobs?limit=200", jobPage);
		expect(page.jobs.map(({ job_id }) => job_id)).toEqual([
			waits.id,
			bad.id,
			good.id,
		]);
		expect((await read("/api/v1/jobs?limit=2", jobPage)).total).toBe(2);
		const failed = await read(`/api/v1/jobs/${bad.id}`, jobDetail);
		expect(failed).toMatchObject({
			status: "failed",
			error_code: "NETWORK_ERROR",
			exit_code: 100,
			command_stderr: expect.stringContaining("E: "),
		});
		const done = await read(`/api/v1/jobs/${good.id}`, jobDetail);
		expect(done.logs.at(-1)).toBe("Job completed successfully");
		expect(done).not.toHaveProperty("exit_code");
		const patches = await read("/api/v1/patches", patchPage);
		expect(patches.patches.map(({ name }) => name)).not.toContain("openssl");
		await read("/api/v1/packages", z.object({ total: z.int().positive() }));
		await read("/api/v1/packages/curl", z.object({ name: z.literal("curl") }));
	},
);

test("what is not there is told in the agent's own ways", async () => {
	const { demo } = open();
	const target = demo.target(await demo.agent());
	const unknown = "5d0c7c1e-8a53-4f0e-9a3e-0f1f3d1b2c11";
	expect(code(await ask(target, `/api/v1/jobs/${unknown}`))).toBe(
		"JOB_NOT_FOUND",
	);
	expect(code(await ask(target, "/api/v1/jobs/nonsense"))).toBe(
		"INVALID_JOB_ID",
	);
	expect(code(await ask(target, "/api/v1/packages/nope"))).toBe(
		"PKG_NOT_FOUND",
	);
	const odd = await ask(target, "/api/v1/nothing/here");
	expect([odd.status, odd.text]).toEqual([405, ""]);
	expect(odd.headers.allow).toBe("GET, POST, PUT, DELETE");
	expect((await ask(target, "/elsewhere")).status).toBe(404);
	expect((await ask(target, "//")).status).toBe(404);
	expect((await ask(target, "/api/v1/jobs/%zz")).status).toBe(400);
	const badLimit = await ask(target, "/api/v1/jobs?limit=x");
	expect(badLimit.status).toBe(400);
	expect(badLimit.headers["content-type"]).toContain("text/plain");
	const stream = await ask(target, "/api/v1/ws/jobs");
	expect(stream.status).toBe(400);
	expect(stream.headers["content-type"]).toContain("text/plain");
});

test("an unknown status filter means all, a known one filters", async () => {
	const { clock, demo } = open();
	const agent = await demo.agent();
	agent.submit(SHORT_JOB);
	clock.advance(500);
	agent.submit({ ...SHORT_JOB, startAfterMs: 1e6 });
	const total = async (word: string) =>
		(await ask(demo.target(agent), `/api/v1/jobs?status=${word}`)).data().total;
	expect(await total("completed")).toBe(1);
	expect(await total("timedout")).toBe(0);
	expect(await total("timed_out")).toBe(2);
});

test("deleting removes what has ended and refuses what has not", async () => {
	const { clock, demo } = open();
	const agent = await demo.agent();
	const job = agent.submit(SHORT_JOB);
	const remove = () =>
		ask(demo.target(agent), `/api/v1/jobs/${job.id}`, { method: "DELETE" });
	const early = await remove();
	expect(early.status).toBe(409);
	expect(code(early)).toBe("DELETE_NOT_ALLOWED");
	clock.advance(500);
	expect((await remove()).data()).toEqual({ deleted: true, job_id: job.id });
	expect((await remove()).status).toBe(404);
});

test("applying patches takes on a job, runs it, and reboots when that is allowed and needed", async () => {
	const { clock, demo } = open();
	const agent = await demo.agent();
	const apply = (body: string) =>
		ask(demo.target(agent), "/api/v1/patches/apply", { method: "POST", body });
	expect(code(await apply('{"packages":["rm -rf"]}'))).toBe("VALIDATION_ERROR");
	expect((await apply("{")).status).toBe(400);
	expect((await apply("[]")).status).toBe(400);
	const answer = await apply(
		'{"packages":["linux-image-amd64"],"allow_reboot":true}',
	);
	expect(answer.status).toBe(202);
	expect(answer.data()).toMatchObject({
		status: "pending",
		operation: "patch_apply",
		packages: ["1 packages"],
		package: null,
	});
	clock.advance(10_000);
	const [reboot, patch] = agent.truth();
	expect(patch).toMatchObject({ state: "completed" });
	expect(reboot?.spec.operation).toBe("reboot");
	expect(agent.alive()).toBe(false);
});

test("a client that asks for HTTP/1.1 only gets it, and one that offers h2 as well gets h2", async () => {
	const { handshake } = await import("../testkit/agentClient.ts");
	const { demo } = open();
	const target = demo.target(await demo.agent());
	expect((await handshake(target, ["http/1.1"])).alpn).toBe("http/1.1");
	expect((await handshake(target, ["http/1.1", "h2"])).alpn).toBe("h2");
	expect((await handshake(target)).alpn).toBe(false);
	const stub = demo.target(await demo.agent({ id: "web-02", dialect: "stub" }));
	expect((await handshake(stub, ["h2", "http/1.1"])).alpn).toBe(false);
});

test("HTTP/2 works for those who insist on it", async () => {
	const { connect } = await import("node:http2");
	const { demo } = open();
	const target = demo.target(await demo.agent());
	const session = connect(`https://${target.address}:${target.port}`, {
		ca: target.caPem,
		cert: target.certPem,
		key: target.keyPem,
		servername: target.servername,
	});
	try {
		const status = await new Promise((resolve, reject) => {
			session.on("error", reject);
			const stream = session.request({ ":path": "/api/v1/health" });
			stream.on("response", (headers) => resolve(headers[":status"]));
			stream.on("error", reject);
			stream.resume();
			stream.end();
		});
		expect(status).toBe(200);
	} finally {
		session.destroy();
	}
});

test("new agents speak TLS 1.3 only, old ones TLS 1.2 as well", async () => {
	const { connect } = await import("node:tls");
	const { demo } = open();
	const version12 = async (dialect: "new" | "old") => {
		const target = demo.target(await demo.agent({ id: dialect, dialect }));
		return new Promise((resolve) => {
			const socket = connect(
				{
					host: target.address,
					port: target.port,
					servername: target.servername,
					ca: target.caPem,
					cert: target.certPem,
					key: target.keyPem,
					maxVersion: "TLSv1.2",
				},
				() => {
					resolve(socket.getProtocol());
					socket.destroy();
				},
			);
			socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
		});
	};
	expect(await version12("old")).toBe("TLSv1.2");
	expect(await version12("new")).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
});
