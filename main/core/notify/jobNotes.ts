// The words of the notes about jobs: what a first failure, a summary and many summaries in one say. Pure; `rules.ts` decides
// what is told when.
import type { HostId, Job } from "../../../shared/model.ts";
import type { HeldEnd, Note, NoteEnv } from "./note.ts";
import {
	countsInWords,
	durationInWords,
	failuresIn,
	keyOf,
	subjectOf,
	titleOf,
} from "./note.ts";

export function failingNote(job: Job, host: HostId | null, env: NoteEnv): Note {
	const failures = failuresIn(job.counts);
	const where =
		host === null ? "" : failures > 1 ? ` · first ${host}` : `: ${host}`;
	return {
		key: keyOf(env, job.id, "failing"),
		kind: "failing",
		title: titleOf(job, env.settings.profile),
		body: withSubject(
			`${failures} of ${job.counts.host} failed${where}, still running`,
			job,
		),
		isFailure: true,
		target: { jobId: job.id, hostId: host },
		at: env.now,
	};
}

export function endNote(job: Job, host: HostId | null, env: NoteEnv): Note {
	const isFailure = failuresIn(job.counts) > 0;
	const lastedMs = (job.endedAt ?? env.now) - job.startedAt;
	return {
		key: keyOf(env, job.id, "ended"),
		kind: "ended",
		title: titleOf(job, env.settings.profile),
		body: withSubject(
			`${countsInWords(job.counts)} · ${durationInWords(lastedMs)}`,
			job,
		),
		isFailure,
		target: { jobId: job.id, hostId: isFailure ? host : null },
		at: env.now,
	};
}

export function rollup(held: readonly HeldEnd[], env: NoteEnv): Note {
	const bad = held.filter(({ job }) => failuresIn(job.counts) > 0);
	const first = bad[0];
	const names = (bad.length > 0 ? bad : held)
		.slice(0, 3)
		.map(({ job }) => job.label);
	const good = held.length - bad.length;
	return {
		key: keyOf(env, String(env.now), "rollup"),
		kind: "rollup",
		title: `${held.length} jobs ended · ${env.settings.profile}`,
		body: `${[
			...(good > 0 ? [`${good} ok`] : []),
			...(bad.length > 0 ? [`${bad.length} with failures`] : []),
		].join(", ")}\n${names.join("; ")}`,
		isFailure: bad.length > 0,
		target: {
			jobId: first?.job.id ?? null,
			hostId: first?.firstFailed ?? null,
		},
		at: env.now,
	};
}

function withSubject(words: string, job: Job): string {
	const subject = subjectOf(job);
	return subject === "" ? words : `${words}\n${subject}`;
}
