// One run of the nemesis: episodes of trouble, each followed by a heal and its judgement, then a quiet end at which every
// account must be settled. Everything follows from the seed.
import type { Cancel } from "../../../shared/clock.ts";
import type { HostId } from "../../../shared/model.ts";
import { hash32, type Seeded, seeded } from "../../demo/seeded.ts";
import type { Demand, Exclusions } from "./compare.ts";
import { differencesAt, unsettledRuns } from "./compare.ts";
import type { Operation } from "./operations.ts";
import { OPERATIONS } from "./operations.ts";
import type { Stage } from "./stage.ts";
import { openStage } from "./stage.ts";
import { openWatch } from "./watch.ts";
import { openWorkload } from "./workload.ts";

/** After the heal everything is current (README, promise 1). */
const HEALED_MS = 15_000;
/** Without a word from the system: the longest back-off or reconcile, and then the same. */
const UNHINTED_MS = 72_000 + HEALED_MS;
const EPISODE_MS = { from: 30_000, to: 480_000 };
const CALM_MS = { from: 5_000, to: 60_000 };
/** Jobs that still run when the workload ends take this long at most, one after the other. */
const QUIET_STEP_MS = 60_000;
const QUIET_STEPS_MOST = 180;
/** After this even a host without open runs has been read again. */
const RELIST_MS = 13 * 60_000;
/** Lines kept of each host, for the message of a failure. */
const LINES_KEPT = 40;
const WRONGS_TOLD = 8;

export interface NemesisOptions {
	readonly seed: number;
	readonly agents: number;
	/** Virtual hours of trouble; the quiet end comes on top. */
	readonly hours: number;
	/** Stops after so many steps, without judgement. */
	readonly untilStep?: number;
	/** Each step, heal and judgement as a line; with `host`, all that happens to that host too. */
	readonly trace?: (line: string) => void;
	readonly host?: string;
}

/** What a run came to; it throws a `NemesisFailed` when a promise was broken. */
export interface NemesisReport {
	readonly seed: number;
	readonly agents: number;
	readonly virtualMs: number;
	readonly steps: number;
	readonly heals: { readonly hinted: number; readonly unhinted: number };
	readonly operations: Readonly<Record<string, number>>;
	readonly runs: number;
	readonly linesTold: number;
	readonly endsTold: number;
	readonly excluded: Exclusions;
	readonly dials: number;
	readonly mostDialing: number;
	readonly gets: number;
	/** Of the whole trace: the same for the same seed. */
	readonly hash: string;
}

/** A promise was broken; the message tells how to see it again. */
export class NemesisFailed extends Error {
	constructor(
		options: NemesisOptions,
		wrongs: readonly string[],
		lines: readonly string[],
	) {
		const { seed, agents, hours } = options;
		const more = wrongs.length - WRONGS_TOLD;
		super(
			[
				`the nemesis broke a promise with seed ${seed}`,
				...wrongs.slice(0, WRONGS_TOLD).map((each) => `  ${each}`),
				...(more > 0 ? [`  and ${more} more`] : []),
				"what happened there last:",
				...lines.map((line) => `  ${line}`),
				`replay: npm run nemesis -- --seed ${seed} --agents ${agents} --hours ${hours} --trace`,
			].join("\n"),
		);
		this.name = "NemesisFailed";
	}
}

/** Runs it. Rejects with `NemesisFailed`. */
export async function simulate(
	options: NemesisOptions,
): Promise<NemesisReport> {
	const wrongs: { readonly sentence: string; readonly host: HostId | null }[] =
		[];
	const wrong = (sentence: string, host: HostId | null = null): void => {
		wrongs.push({ sentence, host });
		diary.note(`WRONG ${sentence}`, host);
	};
	const stage = await openStage({
		seed: options.seed,
		agents: options.agents,
		wrong,
		onAnswer(id, path, status) {
			if (id === options.host)
				diary.note(`answer: ${path} ${status ?? "cut off"}`, id);
		},
	});
	const diary = openDiary(options, stage);
	const watch = openWatch(stage, wrong);
	const chance = seeded(options.seed, "nemesis");
	const counts: Record<string, number> = {};
	const heals = { hinted: 0, unhinted: 0 };
	let steps = 0;

	let healedMs = 0;
	const judge = (demand: Demand, most: number): void => {
		for (const host of stage.hosts) {
			if (demand === "honest" && host.isDeafened) continue;
			// A reboot of its own after the heal is a trouble of its own.
			if (host.door.changedMs > healedMs) continue;
			for (const sentence of differencesAt(stage, host, demand).slice(0, most))
				wrong(`${demand}: ${sentence}`, host.id);
		}
	};
	const throwIfWrong = (): void => {
		if (wrongs.length === 0) return;
		const host = wrongs.find((each) => each.host !== null)?.host ?? null;
		throw new NemesisFailed(
			options,
			wrongs.map(({ sentence }) => sentence),
			diary.lastOf(host),
		);
	};
	const isOver = (): boolean =>
		options.untilStep !== undefined && steps >= options.untilStep;

	const episode = async (): Promise<void> => {
		const isHinted = chance.next() < 0.6;
		const lengthMs = chance.between(EPISODE_MS.from, EPISODE_MS.to);
		const undone = plan(stage, chance, lengthMs, (name, hosts) => {
			steps++;
			counts[name] = (counts[name] ?? 0) + 1;
			diary.step(`${name} on ${hosts.length}`, hosts);
		});
		await stage.clock.pass(lengthMs);
		undone();
		healedMs = stage.clock.monotonicMs();
		diary.step(isHinted ? "heal, and the system says so" : "heal", []);
		throwIfWrong();
		if (isHinted) {
			heals.hinted++;
			if (chance.next() < 0.5) stage.console.networkReturned();
			else stage.console.woke();
			await stage.clock.pass(HEALED_MS);
			for (const host of stage.hosts) host.isDeafened = false;
			judge("current", 3);
		} else {
			heals.unhinted++;
			await stage.clock.pass(HEALED_MS);
			judge("honest", 3);
			await stage.clock.pass(UNHINTED_MS - HEALED_MS);
			judge("current", 3);
		}
		throwIfWrong();
		await stage.clock.pass(chance.between(CALM_MS.from, CALM_MS.to));
	};

	let excluded: Exclusions = { unknowable: 0, history: 0, undated: 0 };
	const startMs = stage.clock.monotonicMs();
	const stopWork = openWorkload(stage, options.seed);
	try {
		await stage.clock.pass(HEALED_MS * 2);
		judge("current", 3);
		throwIfWrong();
		const untilMs = startMs + options.hours * 3_600_000;
		while (stage.clock.monotonicMs() < untilMs && !isOver()) await episode();
		stopWork();
		if (!isOver()) {
			healedMs = stage.clock.monotonicMs();
			await quiet(stage);
			healedMs = stage.clock.monotonicMs();
			const settled = unsettledRuns(stage, watch);
			excluded = settled.excluded;
			for (const sentence of settled.wrong)
				wrong(`account: ${sentence}`, hostOf(sentence));
			judge("current", 3);
			throwIfWrong();
		}
	} finally {
		stopWork();
		await stage.stop();
		await stage.clock.pass(60_000);
	}
	if (stage.laptop.timers > 0)
		wrong(`${stage.laptop.timers} timers of the console are left`);
	if (stage.book.held > 0) wrong(`${stage.book.held} sockets are left`);
	throwIfWrong();
	return {
		seed: options.seed,
		agents: options.agents,
		virtualMs: stage.clock.monotonicMs() - startMs,
		steps,
		heals,
		operations: counts,
		runs: stage.ledger.size,
		linesTold: watch.lines,
		endsTold: watch.ends,
		excluded,
		dials: stage.book.dials,
		mostDialing: stage.book.mostDialing,
		gets: stage.book.gets,
		hash: diary.hash(),
	};
}

const hostOf = (sentence: string): HostId =>
	(sentence.split("/")[0] ?? "") as HostId;

/** Puts an episode's operations on the clock; the returned function undoes what is not undone yet. */
function plan(
	stage: Stage,
	chance: Seeded,
	lengthMs: number,
	onBegin: (name: string, hosts: readonly { readonly id: HostId }[]) => void,
): Cancel {
	const undo = new Set<Cancel>();
	for (let left = chance.between(2, 9); left > 0; left--) {
		const operation = anyOperation(chance);
		const lastMs = lengthMs - (operation.settleMs ?? 0);
		if (lastMs <= 1_000) continue;
		const atMs = chance.between(0, lastMs);
		const forMs = Math.round((lastMs - atMs) * chance.next() ** 2);
		const share =
			operation.reach === "all" ? 1 : chance.pick([0.02, 0.1, 0.3, 0.7]);
		const staysToTheEnd =
			operation.settleMs === undefined && chance.next() < 0.4;
		stage.clock.at(stage.clock.monotonicMs() + atMs, () => {
			const hosts = stage.hosts.filter(() => chance.next() < share);
			onBegin(operation.name, hosts);
			const end = operation.begin(stage, hosts, chance);
			if (end === undefined) return;
			const once = (): void => {
				if (undo.delete(once)) end();
			};
			undo.add(once);
			if (!staysToTheEnd)
				stage.clock.at(stage.clock.monotonicMs() + forMs, once);
		});
	}
	return () => {
		for (const one of [...undo]) one();
		for (const { agent } of stage.hosts)
			if (!agent.alive()) void agent.revive();
	};
}

function anyOperation(chance: Seeded): Operation {
	const total = OPERATIONS.reduce((sum, { weight }) => sum + weight, 0);
	let at = chance.next() * total;
	for (const operation of OPERATIONS) {
		at -= operation.weight;
		if (at < 0) return operation;
	}
	return OPERATIONS[0] as Operation;
}

/** Waits until no agent has work, and then as long as the slowest news may take. */
async function quiet(stage: Stage): Promise<void> {
	const isBusy = (): boolean =>
		stage.hosts.some(
			({ agent }) =>
				!agent.alive() ||
				agent.truth().some(({ completedAt }) => completedAt === null),
		);
	for (let step = 0; isBusy(); step++) {
		if (step === QUIET_STEPS_MOST) throw new Error("the agents never finish");
		await stage.clock.pass(QUIET_STEP_MS);
	}
	await stage.clock.pass(RELIST_MS);
	for (const host of stage.hosts) host.isDeafened = false;
}

/** What happened, hashed, and the last of it for each host. */
function openDiary(options: NemesisOptions, stage: Stage) {
	const startMs = stage.clock.monotonicMs();
	const last = new Map<HostId, string[]>();
	let hash = 0;
	const note = (what: string, host: HostId | null): void => {
		const seconds = ((stage.clock.monotonicMs() - startMs) / 1000).toFixed(3);
		const line = `${seconds} ${host ?? "-"} ${what}`;
		hash = hash32(`${hash}/${line}`);
		if (host === null) options.trace?.(line);
		else {
			const lines = last.get(host) ?? [];
			last.set(host, lines);
			lines.push(line);
			if (lines.length > LINES_KEPT) lines.shift();
			if (host === options.host) options.trace?.(line);
		}
	};
	for (const { id, agent } of stage.hosts)
		agent.onJob(({ jobId, state }) => note(`agent: ${jobId} is ${state}`, id));
	stage.console.listen({
		link: (host, { channel, fault, attempt }) =>
			note(`link: ${channel} ${fault ?? ""} ${attempt}`, host),
		activity(line) {
			if (line.kind === "host")
				note(
					`told: ${line.agentJobId} is ${line.status} (${line.source})`,
					line.hostId,
				);
			if (line.kind === "gap") note(`gap: ${line.sentence}`, line.hostId);
		},
	});
	return {
		note,
		step(what: string, hosts: readonly { readonly id: HostId }[]) {
			note(what, null);
			for (const { id } of hosts) note(`nemesis: ${what}`, id);
		},
		lastOf: (host: HostId | null): readonly string[] =>
			host === null ? [] : (last.get(host) ?? []),
		hash: () => hash.toString(16).padStart(8, "0"),
	};
}
