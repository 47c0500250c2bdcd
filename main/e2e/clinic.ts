// One demo agent with something wrong with it, and the doctor that looks at it, over real sockets on loopback.
import { expect } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import type { DiagnosisStep, Layer } from "../../shared/diagnosis.ts";
import { LAYERS } from "../../shared/diagnosis.ts";
import type { FaultCode } from "../../shared/fault.ts";
import { hostId } from "../../shared/model.ts";
import type { Diagnosis } from "../core/doctor/chart.ts";
import type { DoctorDeadlines, DoctorPorts } from "../core/doctor.ts";
import { DOCTOR_DEADLINES, diagnose } from "../core/doctor.ts";
import type { HostEntry } from "../core/fleet/target.ts";
import type { Identity } from "../core/ports.ts";
import { openTlsContexts } from "../core/transport/tlsContext.ts";
import type { Agent } from "../demo/agent.ts";
import { createAgent } from "../demo/agent.ts";
import type { Authority } from "../demo/authority.ts";
import { createAuthority } from "../demo/authority.ts";
import type { Dialect } from "../demo/dialect.ts";
import type { AgentFault } from "../demo/faults.ts";
import { createPulse } from "../demo/pulse.ts";
import { identityOf } from "./world.ts";

export interface Patient {
	readonly dialect?: Dialect;
	readonly faults?: readonly AgentFault[];
	/** What is shown to the agent; the fleet's own client unless said. */
	readonly identity?: (authority: Authority) => Identity | null;
	/** Deadlines that shall pass soon; the others are long, so that a busy machine is no fault. */
	readonly soon?: Partial<DoctorDeadlines>;
	readonly skewMs?: number;
	readonly lookup?: DoctorPorts["lookup"];
	/** What is dialed instead of the agent. */
	readonly entry?: Partial<HostEntry>;
}

export interface Clinic {
	readonly agent: Agent;
	readonly entry: HostEntry;
	readonly ports: DoctorPorts;
	/** Diagnoses the host; `signal` ends it. */
	look(signal?: AbortSignal): Promise<Diagnosis>;
	/** Resolves when the agent has no socket open. */
	empty(): Promise<void>;
}

const PING_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 10;

/** The step of a layer. */
export function stepOf({ steps }: Diagnosis, layer: Layer): DiagnosisStep {
	const step = steps.find((one) => one.layer === layer);
	if (step === undefined) throw new Error(`${layer} was not told`);
	return step;
}

/** For the messages of a test: what was told of each layer. */
export const verdicts = ({ steps }: Diagnosis): string =>
	steps.map(({ layer, verdict }) => `${layer} ${verdict}`).join(", ");

/** The code, the layer, a whole chart, words for a person; and no layer after it but rest was looked at. */
export function expectFault(
	diagnosis: Diagnosis,
	code: FaultCode,
	layer: Layer,
): void {
	expect(diagnosis.fault?.code, verdicts(diagnosis)).toBe(code);
	expect(diagnosis.steps.map((step) => step.layer)).toEqual([...LAYERS]);
	const step = stepOf(diagnosis, layer);
	expect(step.verdict, verdicts(diagnosis)).toBe("fault");
	expect(step.sentence).toBe(diagnosis.fault?.sentence);
	expect(diagnosis.fault?.nextStep).toBeTruthy();
	const after = LAYERS.slice(LAYERS.indexOf(layer) + 1);
	for (const later of after.filter((name) => name !== "rest"))
		expect(stepOf(diagnosis, later).verdict, later).toBe("skipped");
	for (const before of LAYERS.slice(0, LAYERS.indexOf(layer)))
		expect(stepOf(diagnosis, before).verdict, before).not.toBe("fault");
}

/** Runs `story` with one agent, and stops the agent. */
export async function withClinic(
	patient: Patient,
	story: (clinic: Clinic) => Promise<void>,
): Promise<void> {
	const clock = systemClock();
	const authority = createAuthority({ clock });
	const pulse = createPulse(clock, PING_EVERY_MS);
	const client = authority.issueClient({ commonName: "on-call" });
	const clientSerials = [client.facts.serial];
	const servername = "web-01.fleet.test";
	const agent = createAgent(
		{ clock, pulse, authority, seed: 1, clientSerials, speed: 1 },
		{
			id: "web-01",
			servername,
			dialect: patient.dialect ?? "new",
			port: 0,
			faults: patient.faults ?? [],
		},
	);
	await agent.start();
	const entry: HostEntry = {
		id: hostId("web-01"),
		address: agent.address,
		port: agent.port(),
		servername,
		minTls: "1.2",
		labels: {},
		...patient.entry,
	};
	const identity =
		patient.identity === undefined
			? identityOf(client.certPem, client.keyPem, authority.caPem)
			: patient.identity(authority);
	const ports: DoctorPorts = {
		clock,
		contexts: openTlsContexts(identity),
		consoleVersion: "0.0.0-test",
		deadlines: { ...DOCTOR_DEADLINES, ...patient.soon },
		...(patient.lookup === undefined ? {} : { lookup: patient.lookup }),
	};
	const empty = (): Promise<void> =>
		new Promise((resolve) => {
			const look = (): void => {
				if (agent.openSockets() === 0) resolve();
				else clock.at(clock.monotonicMs() + LOOK_EVERY_MS, look);
			};
			look();
		});
	try {
		await story({
			agent,
			entry,
			ports,
			look: (signal = new AbortController().signal) =>
				diagnose(entry, ports, { signal, skewMs: patient.skewMs ?? null }),
			empty,
		});
	} finally {
		await agent.stop();
		pulse.stop();
	}
}
