// The core's figures as OpenMetrics (04-INTERFACES section 4). Labels are bounded: channels and fault codes are closed
// lists, hosts are the fleet's.
import type { Metric } from "prom-client";
import { Counter, Gauge, Registry } from "prom-client";
import { CHANNELS } from "../../shared/model.ts";
import type { Console } from "../core/console.ts";

export interface Metrics {
	read(): Promise<{ contentType: string; text: string }>;
}

export function openMetrics(console: Console): Metrics {
	const registry = new Registry();
	registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
	const registers = [registry];
	const { figures, fleet } = console;

	const counter = (
		name: string,
		help: string,
		label: string,
		values: ReadonlyMap<string, number>,
	): Metric =>
		new Counter({
			name,
			help,
			labelNames: [label],
			registers,
			// The core counts; the library only spells. So a reading sets the absolute figures anew.
			collect() {
				this.reset();
				for (const [value, count] of values)
					this.inc({ [label]: value }, count);
			},
		});

	new Gauge({
		name: "foredeck_links",
		help: "Hosts by channel.",
		labelNames: ["channel"],
		registers,
		collect() {
			const channels = fleet.channels();
			for (const channel of CHANNELS) this.set({ channel }, channels[channel]);
		},
	});
	counter(
		"foredeck_events_total",
		"Activity told, by kind.",
		"kind",
		figures.events,
	);
	counter(
		"foredeck_decode_faults_total",
		"Messages and answers that could not be read, by fault.",
		"code",
		figures.decodeFaults,
	);
	counter(
		"foredeck_reconnects_total",
		"Attempts to reconnect, by the fault that led to them.",
		"fault",
		figures.reconnects,
	);
	counter(
		"foredeck_refused_total",
		"Messages of windows that were refused, by fault.",
		"code",
		figures.refused,
	);
	counter(
		"foredeck_comparisons_total",
		"Agents' lists compared with what is shown (--check-consistency), and what was found, by result.",
		"result",
		figures.comparisons,
	);
	new Gauge({
		name: "foredeck_loop_lag_seconds",
		help: "Largest delay of the core's event loop in the last second.",
		registers,
		collect() {
			this.set(figures.loopLagMs() / 1_000);
		},
	});
	new Counter({
		name: "foredeck_frames_sent_total",
		help: "Snapshots and deltas sent to windows.",
		registers,
		collect() {
			this.reset();
			this.inc(figures.framesSent());
		},
	});
	new Gauge({
		name: "foredeck_clock_skew_seconds",
		help: "Each agent's clock minus this computer's.",
		labelNames: ["host"],
		registers,
		collect() {
			this.reset();
			for (const { entry, reader } of fleet.members())
				if (reader.facts.skewMs !== null)
					this.set({ host: entry.id }, reader.facts.skewMs / 1_000);
		},
	});

	return {
		read: async () => ({
			contentType: registry.contentType,
			text: await registry.metrics(),
		}),
	};
}
