// Sets the stage of one measurement: a generator with its script and one subject after the other, each in a fresh process,
// and takes them down again whatever happens. Knows how to pair a baseline with a subject; knows no target.
import { systemClock } from "../../shared/clock.ts";
import { createAuthority } from "../demo/authority.ts";
import type { Remote } from "./child.ts";
import { startChild } from "./child.ts";
import type {
	ConnectOrder,
	Credentials,
	GeneratorCalls,
	Mark,
	Role,
	SubjectCalls,
} from "./orders.ts";
import { SERVERNAME } from "./orders.ts";
import type { ScriptOptions } from "./script.ts";

/** How the bench was called. */
export interface Setting {
	/** Smaller: for development. */
	readonly quick: boolean;
	/** Pairs of baseline and subject; the median counts. */
	readonly rounds: number;
	/** Most connections that one process may have, from the limit on open files. */
	readonly mostLinks: number;
	/** Where subjects leave CPU profiles; null: nowhere. */
	readonly profiles: string | null;
}

/** A generator and a subject that is connected to it. */
export interface Scene {
	readonly generator: Remote<GeneratorCalls>;
	readonly subject: Remote<SubjectCalls>;
	readonly connected: Awaited<ReturnType<SubjectCalls["connect"]>>;
}

export interface SceneOptions {
	readonly role: Role;
	readonly links: number;
	/** Of these, connected before anything is measured. */
	readonly warmLinks: number;
	/** Whether memory is measured: garbage is then collected before each mark. */
	readonly collect?: boolean;
	/** For roles without a gate. */
	readonly atOnce: number;
	readonly script: ScriptOptions;
}

/** As many as the product's dial gate lets through, for baselines that have none. */
export const AT_ONCE = 32;
/** Two handshakes a link at the slowest, on a machine that is busy. */
const CONNECT_MS = 150_000;

/** A script that says nothing, for links that stay idle. */
export const SILENT: ScriptOptions = {
	parts: [],
	eventsPerRun: 3,
	eventsPerRecord: 1,
};

/** Of the run's throw-away authority. */
export const credentials = makeCredentials();

function makeCredentials(): { server: Credentials; client: Credentials } {
	const authority = createAuthority({ clock: systemClock() });
	const { caPem } = authority;
	const server = authority.issueServer({ names: [SERVERNAME] });
	const client = authority.issueClient({ commonName: "bench" });
	return {
		server: { caPem, certPem: server.certPem, keyPem: server.keyPem },
		client: { caPem, certPem: client.certPem, keyPem: client.keyPem },
	};
}

/** Runs `act` on a fresh generator and a fresh subject with all its links open. */
export async function withScene<T>(
	setting: Setting,
	{ role, links, warmLinks, atOnce, script, collect = false }: SceneOptions,
	act: (scene: Scene) => Promise<T>,
): Promise<T> {
	const generator = startChild<GeneratorCalls>("generator.ts");
	const profiling =
		setting.profiles === null
			? []
			: [
					"--cpu-prof",
					`--cpu-prof-dir=${setting.profiles}`,
					`--cpu-prof-name=${role}-${links}.cpuprofile`,
				];
	const subject = startChild<SubjectCalls>("subject.ts", [
		"--expose-gc",
		...profiling,
	]);
	try {
		const { ports } = await generator.call("listen", {
			server: credentials.server,
			script,
		});
		const order: ConnectOrder = {
			role,
			client: credentials.client,
			ports,
			links,
			warmLinks,
			atOnce,
			collect,
		};
		const connected = await subject.call("connect", order, CONNECT_MS);
		const done = await act({ generator, subject, connected });
		const open = await subject.call("open", null);
		if (open !== links)
			throw new Error(`${links - open} of ${links} links of ${role} were lost`);
		return done;
	} finally {
		await Promise.all([subject.stop(), generator.stop()]);
	}
}

/** Request connections are kept for 12 s; open or just closing they would count for a link's memory and an event's CPU. */
const CLOSED_WITHIN_MS = 40_000;
const LOOK_EVERY_MS = 250;

/** Resolves when nothing but the links is connected. */
export async function untilOnlyLinks(
	{ generator }: Scene,
	links: number,
): Promise<void> {
	for (
		let waitedMs = 0;
		waitedMs < CLOSED_WITHIN_MS;
		waitedMs += LOOK_EVERY_MS
	) {
		const { connections } = await generator.call("count", null);
		if (connections <= links) return;
		await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
	}
	throw new Error("request connections stayed open on idle links");
}

/** Microseconds of CPU between two marks. */
export const cpuBetween = (from: Mark, to: Mark): number =>
	to.cpuMicros - from.cpuMicros;

/** A figure measured on both sides, round by round. */
export interface Pairs {
	readonly baseline: readonly number[];
	readonly subject: readonly number[];
}

/** Measures both sides in turn, so that a machine that grows slower or faster does it to both. */
export async function interleave(
	rounds: number,
	measureBaseline: () => Promise<number>,
	measureSubject: () => Promise<number>,
): Promise<Pairs> {
	const baseline: number[] = [];
	const subject: number[] = [];
	for (let round = 0; round < rounds; round++) {
		baseline.push(await measureBaseline());
		subject.push(await measureSubject());
	}
	return { baseline, subject };
}
