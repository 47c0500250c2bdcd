// Composes the whole core: this is the container. Everything else is given what it needs as arguments; only here is it
// decided who gets what.
import { randomUUID } from "node:crypto";
import { every } from "../../shared/clock.ts";
import type { Fault, FaultCode } from "../../shared/fault.ts";
import type { HostId, JobId, LinkStatus, RunKey } from "../../shared/model.ts";
import { openPaces } from "../../shared/pace.ts";
import { openActivityLog } from "./activityLog.ts";
import { handlers } from "./commands.ts";
import type { Console, ConsoleOptions } from "./consoleTypes.ts";
import { openDoctor } from "./doctor/onePerHost.ts";
import { openExport } from "./exporting/exportDesk.ts";
import { openTally } from "./figures.ts";
import { compareLists } from "./fleet/compareLists.ts";
import type { DialGate } from "./fleet/dialGate.ts";
import { openDialGate } from "./fleet/dialGate.ts";
import type { Fleet } from "./fleet/fleet.ts";
import { openFleet } from "./fleet/fleet.ts";
import { holdGroupsUntilListed } from "./fleet/holdGroups.ts";
import { openImportDesk } from "./fleet/importing/importDesk.ts";
import { openOutages } from "./fleet/outages.ts";
import { openFleetSource } from "./fleet/source.ts";
import { openWheel } from "./fleet/wheel.ts";
import { openVitals } from "./health.ts";
import { historyHandlers, retentionOf } from "./history/historyCommands.ts";
import { openMemory } from "./history/memory.ts";
import { identityHandlers } from "./identity/deskCommands.ts";
import { watchExpiry } from "./identity/expiryWatch.ts";
import { identityFault } from "./identity/preflight.ts";
import { answerChallenge } from "./identity/signChallenge.ts";
import { openJobBook } from "./jobs/book.ts";
import { openListeners } from "./listeners.ts";
import { openNotes } from "./notify/notes.ts";
import type { Ports } from "./ports.ts";
import { sessionReader } from "./session.ts";
import { openSettings } from "./settings/desk.ts";
import {
	followSettings,
	notifySettings,
	settingsHandlers,
} from "./settings/settingsCommands.ts";
import { openTlsContexts } from "./transport/tlsContext.ts";
import { overNetwork } from "./transport/wire.ts";
import { updateDesk } from "./update/updateCommands.ts";
import type { Windows } from "./windows.ts";
import { openWindows } from "./windows.ts";

const VITALS_EVERY_MS = 1_000;
/** Old runs go in small slices, of which most find nothing to do. */
const SWEEP_EVERY_MS = 5_000;
/** Lines in the log for each code of a refusal; all are counted. A page that runs away must not fill the disk. */
const REFUSALS_TOLD = { burst: 10, everyMs: 10_000 };

export type { Console, ConsoleOptions } from "./consoleTypes.ts";

export function openConsole(
	options: ConsoleOptions,
	ports: Ports,
	wireOf: typeof overNetwork = overNetwork,
): Console {
	const { clock, log, random } = ports;
	const decodeFaults = openTally();
	const reconnects = openTally();
	const refused = openTally();
	const takeOne = openPaces(() => clock.monotonicMs());
	const events = openTally();
	const comparisons = openTally();
	const activity = openActivityLog();
	const listeners = openListeners(activity);
	const vitals = openVitals(clock);
	const contexts = openTlsContexts(options.identity);
	const wire = wireOf(contexts, clock, options);
	const gate = openDialGate({ clock });
	const source = openFleetSource(options);
	const { importDesk = openImportDesk(null) } = options;
	const { onRetry = () => {}, settings = openSettings(null, log) } = options;
	let absence = options.identityFault ?? null;
	const whyAbsent = (): Fault | null =>
		contexts.identity === null ? absence : null;
	const identities = identityHandlers(
		options.desk ?? null,
		() => contexts.identity,
	);
	const session = sessionReader(
		options,
		{ fleet: source, canImport: importDesk.canImport },
		contexts,
		clock.wallMs(),
		() => whyAbsent() ?? settings.trouble ?? memory.trouble,
	);
	let loopLagMs = 0;

	const doctor = openDoctor({
		clock,
		contexts,
		get identityFault() {
			return whyAbsent();
		},
		consoleVersion: options.version,
		ownerOf: (servername) => fleet.ownerOf(servername),
		lookup: options.lookup,
		proxies: options.proxies,
	});
	const windows: Windows = openWindows({
		clock,
		rows: {
			epoch: randomUUID(),
			fleetName: () => source.name,
			host: (id) => fleet.row(id),
			run: (key) => book.runs.get(key),
			job: (id) => book.jobs.get(id),
			allHosts: () => fleet.rows(),
			allRuns: () => [...book.runs.values()],
			allJobs: () => [...book.jobs.values()],
			recentActivity: activity.recent,
		},
		handlers: (batch) =>
			handlers({
				...toAsk,
				batch,
				notes: notes.handlersOf(batch),
				exports: openExport(options.chooseSavePath),
			}),
		first: () => ({
			inbox: { unread: notes.unread },
			update: updates.told(),
			settings: settings.current,
		}),
		onClosed: (batch) => notes.closed(batch),
		onRefused(why) {
			refused.add(why.code);
			const { code, sentence } = why;
			if (takeOne(code, REFUSALS_TOLD) > 0) return;
			const notes = why.evidence?.notes;
			log("warn", "a window's message was refused", { code, sentence, notes });
		},
	});
	activity.listen((line) => {
		events.add(line.kind);
		windows.activity(line);
		memory.told(line);
		if (line.kind === "host") fleet.runTold(line);
	});
	const book = openJobBook({
		wallMs: () => clock.wallMs(),
		onActivity: activity.tell,
		onTouched(kind, key) {
			if (kind === "job") return windows.touchJob(key as JobId);
			windows.touchRun(key as RunKey);
			memory.touchRun(key as RunKey);
		},
	});
	const tellGap = (
		hostId: HostId | null,
		sentence: string,
		code?: FaultCode,
	): void =>
		activity.tell({
			kind: "gap",
			receivedAt: clock.wallMs(),
			hostId,
			sentence,
			...(code === undefined ? {} : { fault: code }),
		});
	const { history, inventory } = options;
	const hosts = inventory?.hosts ?? [];
	const memory = openMemory({
		...{ clock, history, hosts, tell: tellGap },
		retention: () => retentionOf(settings.current),
	});
	memory.restore(book);
	const outages = openOutages({ clock, tell: tellGap });
	const fleet: Fleet = openFleet({
		clock,
		random,
		log,
		book,
		gate,
		wheel: openWheel(clock),
		transport: wire.transport,
		openRest: (entry) =>
			wire.openRest({ ...entry, hostId: entry.id }, restGate(gate)),
		preflight: () =>
			whyAbsent() ??
			identityFault(contexts.identity, contexts.fault, clock.wallMs()),
		signChallenge: (nonce, servername) =>
			answerChallenge({
				nonce,
				servername,
				identity: contexts.identity,
				consoleVersion: options.version,
			}),
		onEvent: vitals.countEvent,
		takeKept: memory.takeKept,
		onTouched(id) {
			windows.touchHost(id);
			memory.touchHost(id);
		},
		onRemoved(id) {
			book.removeHost(id);
			outages.forget(id);
			windows.touchHost(id);
		},
		onStatus(id, status, before) {
			if (!isNews(status, before)) return;
			outages.note(id, status);
			if (status.channel === "reconnecting" && status.fault !== null)
				reconnects.add(status.fault);
			listeners.link(id, status);
		},
		onGap: tellGap,
		onDecodeFault(host, { code, sentence }) {
			decodeFaults.add(code);
			log("warn", "an agent said something unreadable", {
				host,
				code,
				sentence,
			});
		},
	});

	const notes = openNotes({
		clock,
		profile: () => source.name,
		book,
		fleet,
		port: {
			settings: () => notifySettings(settings.current),
			...options.notify,
		},
		listen: listeners.listen,
		onInbox: (unread) => windows.tell("inbox", { unread }),
	});
	const updates = updateDesk(options.updates);
	const toAsk = {
		...{ fleet, book, doctor, session, onRetry, identities },
		updates: updates.handlers,
		settings: settingsHandlers(settings),
		imports: importDesk.handlers,
		lookups: historyHandlers(history, clock),
	};
	const stopSettings = followSettings(settings, clock, (now) =>
		windows.tell("settings", now),
	);
	const stopVitals = every(clock, VITALS_EVERY_MS, () => {
		const reading = vitals.read();
		loopLagMs = reading.loopLagMs;
		const { inFlight, waiting } = gate;
		const at = clock.wallMs();
		const counts = { dialing: inFlight, queued: waiting };
		const { loss } = notes;
		windows.health({
			...{ at, ...reading, ...counts },
			...(loss === null ? {} : { loss: { ...loss, hosts: fleet.size } }),
		});
	});
	const stopSweep = every(clock, SWEEP_EVERY_MS, () =>
		book.sweep(clock.wallMs()),
	);
	const stopHolding = holdGroupsUntilListed(clock, book, fleet);
	const stopComparing =
		options.compareEveryMs === undefined
			? () => {}
			: compareLists(options.compareEveryMs, {
					...{ clock, fleet, book, log },
					count: comparisons.add,
					tell: tellGap,
				});
	notes.cameBack(memory.cameBack(book));
	memory.record(book, fleet);
	fleet.apply(hosts);
	const expiry = watchExpiry(
		clock,
		() => contexts.identity,
		(news) => {
			log("warn", "the identity expires", { days: news.mark });
			listeners.expiry(news);
		},
		(identity) => notes.identityLooked(identity),
	);

	return {
		get fleetName() {
			return source.name;
		},
		fleet,
		book,
		settings,
		figures: {
			events: events.counts,
			decodeFaults: decodeFaults.counts,
			reconnects: reconnects.counts,
			refused: refused.counts,
			comparisons: comparisons.counts,
			framesSent: windows.framesSent,
			loopLagMs: () => loopLagMs,
		},
		get identityExpiresAt() {
			return contexts.identity?.facts.expiresAt ?? null;
		},
		get unreadFailures() {
			return notes.unread;
		},
		placeOfNote: notes.placeOf,
		attach: windows.attach,
		listen: listeners.listen,
		woke() {
			fleet.woke();
			expiry.look();
		},
		networkReturned: fleet.networkReturned,
		reconnect() {
			onRetry();
			fleet.woke();
			return fleet.retryLost();
		},
		updatesChanged: () => windows.tell("update", updates.told()),
		setIdentity(identity, why = null) {
			absence = why;
			contexts.replace(identity);
			fleet.identityChanged();
			expiry.look();
		},
		setFleet(next) {
			if (source.take(next)) fleet.apply(source.inventory?.hosts ?? []);
		},
		async stop() {
			stopVitals();
			stopSettings();
			stopSweep();
			stopHolding();
			stopComparing();
			// Before the links are hung up: that is no loss of the fleet.
			notes.stop();
			memory.stop();
			expiry.stop();
			vitals.close();
			doctor.close();
			fleet.stop();
			outages.stop();
			windows.close();
			listeners.clear();
		},
	};
}

/** A script is told when the channel, its reason or the attempt changed, not for every new date of the next attempt. */
const isNews = (now: LinkStatus, before: LinkStatus): boolean =>
	now.channel !== before.channel ||
	now.fault !== before.fault ||
	now.attempt !== before.attempt;

/** REST handshakes count in the same cap as sockets, so that a storm of polls does not stall the loop either. */
const restGate =
	(gate: DialGate) =>
	(start: () => void): (() => void) =>
		gate.request({ priority: () => 0, granted: start });
