// What a generated agent says: its runs, their pushed events as ready WebSocket frames, and its REST answers as ready
// bodies, all as 02-AGENT-PROTOCOL has them. Every agent says the same, because a fleet-wide job looks like that and because
// frames made once leave the generator's time to sending.

/** The life of each run: one `pending`, `running` with rising progress, one `completed`. */
export interface ScriptOptions {
	/** Parts are sent one after the other: the first warms up, the second is measured. */
	readonly parts: readonly { readonly runs: number }[];
	/** Events of one run; 3 at least. */
	readonly eventsPerRun: number;
	/** Events that a flooding agent writes at a time, and so in one TLS record. */
	readonly eventsPerRecord: number;
}

/** One part, ready to send. */
export interface Part {
	/** One WebSocket frame for each event, in order. */
	readonly frames: readonly Buffer[];
	/** The same frames, as a flood writes them. */
	readonly records: readonly Buffer[];
	readonly runs: number;
}

export interface Script {
	readonly parts: readonly Part[];
	readonly eventsPerRun: number;
	readonly connected: Buffer;
	/** The REST answer to a GET on this path; `ended`: parts whose runs are over. Null: there is none. */
	body(path: string, ended: number): string | null;
}

const AT = "2026-11-21T03:00:00.518204771+00:00";
const PACKAGES = ["openssl", "curl", "systemd", "libc6", "bind9", "sudo"];

/** An unmasked text frame, as servers send them (RFC 6455 section 5.2). */
export function textFrame(text: string): Buffer {
	const payload = Buffer.from(text, "utf8");
	const head =
		payload.length < 126
			? Buffer.from([0x81, payload.length])
			: Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]);
	return Buffer.concat([head, payload]);
}

/** The id of a run, the same on every agent. */
export const runId = (part: number, run: number): string =>
	`5d0c7c1e-8a53-4f0e-9a3e-${String(part).padStart(4, "0")}${String(run).padStart(8, "0")}`;

function eventsOf(part: number, run: number, many: number): Buffer[] {
	const last = many - 1;
	return Array.from({ length: many }, (_, index) =>
		textFrame(
			JSON.stringify({
				event: "job_status",
				job_id: runId(part, run),
				status:
					index === 0 ? "pending" : index === last ? "completed" : "running",
				progress: Math.floor((100 * index) / last),
				message: "Job created",
				timestamp: AT.replace("518", String(index % 1_000).padStart(3, "0")),
			}),
		),
	);
}

function joined(frames: readonly Buffer[], perRecord: number): Buffer[] {
	const records: Buffer[] = [];
	for (let at = 0; at < frames.length; at += perRecord)
		records.push(Buffer.concat(frames.slice(at, at + perRecord)));
	return records;
}

/** Makes everything an agent of this bench will ever say. */
export function makeScript({
	parts,
	eventsPerRun,
	eventsPerRecord,
}: ScriptOptions): Script {
	const summary = (part: number, run: number, ended: number) => ({
		job_id: runId(part, run),
		operation: "patchapply",
		status: part < ended ? "completed" : "pending",
		created_at: AT,
		completed_at: part < ended ? AT : null,
		packages: [PACKAGES[run % PACKAGES.length], `part-${part}-${run}`],
	});
	const list = (ended: number): unknown => {
		const jobs = parts.flatMap(({ runs }, part) =>
			Array.from({ length: runs }, (_, run) => summary(part, run, ended)),
		);
		return { jobs, total: jobs.length };
	};
	const detail = (id: string, ended: number): unknown => ({
		// No further than the list: an end is told by its event, or the console would know it before it was sent.
		...summary(Number(id.slice(24, 28)), Number(id.slice(28)), ended),
		progress: 0,
		message: "Job created",
		logs: ["Reading package lists...", "Job completed successfully"],
		error: null,
		rollback_job_id: null,
		exclusive_mode: true,
	});
	const lists = Array.from({ length: parts.length + 1 }, (_, ended) =>
		envelope(list(ended)),
	);
	return {
		eventsPerRun,
		parts: parts.map(({ runs }, part) => {
			const frames = Array.from({ length: runs }, (_, run) =>
				eventsOf(part, run, eventsPerRun),
			).flat();
			return { frames, records: joined(frames, eventsPerRecord), runs };
		}),
		connected: textFrame(
			`{"event":"connected","job_id":"","status":"connected","progress":0,"message":"WebSocket connected: 9f2a","timestamp":"${AT}"}`,
		),
		body(path, ended) {
			if (path === "/api/v1/health") return HEALTH;
			if (path === "/api/v1/system/info") return SYSTEM;
			if (path.startsWith("/api/v1/jobs?")) return lists[ended] ?? null;
			if (path.startsWith("/api/v1/jobs/"))
				return envelope(detail(path.slice("/api/v1/jobs/".length), ended));
			return null;
		},
	};
}

const envelope = (answer: unknown): string =>
	JSON.stringify({
		success: true,
		request_id: "0b9e4d0c-8a53-4f0e-9a3e-0f1f3d1b2c11",
		timestamp: AT,
		data: answer,
		error: null,
	});

const HEALTH = envelope({
	status: "healthy",
	uptime_seconds: 864_000,
	version: "2.5.5",
	last_cache_update: AT,
	cache_status: "fresh",
	crl_status: "valid",
	crl_age_seconds: 3_600,
});

const SYSTEM = envelope({
	hostname: "agent",
	os: "Debian GNU/Linux",
	os_version: "12 (bookworm)",
	kernel: "6.1.0-31-amd64",
	architecture: "x86_64",
	last_update_check: AT,
	last_update_apply: null,
	pending_reboot: false,
});
