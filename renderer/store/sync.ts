// How the window follows the core: a snapshot, then deltas, each exactly one further. On any doubt it drops what does not
// fit and asks for a snapshot; when the two disagree on shapes it stops and says so. Knows no socket and no screen.
import type { StoreApi } from "zustand/vanilla";
import { createStore } from "zustand/vanilla";
import type { Client } from "../../shared/bridge.ts";
import type { Clock } from "../../shared/clock.ts";
import type { Answer, Question } from "../../shared/contract.ts";
import type { FleetFrame } from "../../shared/delta.ts";
import { follows } from "../../shared/delta.ts";
import type { Fault, Result } from "../../shared/fault.ts";
import type { CoreHealth } from "../../shared/model.ts";
import type { Settings } from "../../shared/settings.ts";
import type { UpdateTold } from "../../shared/update.ts";
import type { Fleet } from "./replica.ts";
import { EMPTY_FLEET, fleetOf, nextFleet } from "./replica.ts";

/** `waiting`: no snapshot yet on this pipe. `resyncing`: lost track, a snapshot is asked for. `disagreed`: stopped applying. */
export type Following = "waiting" | "following" | "resyncing" | "disagreed";

/** The window's line to its core. `refused` means that no pipe ever opened: probably the cookie is missing. */
export type CoreLine =
	| { readonly kind: "opening" }
	| { readonly kind: "open" }
	| {
			readonly kind: "closed";
			/** When it closed, or when the first attempt failed; epoch ms. */
			readonly sinceAt: number;
			readonly attempt: number;
			/** When the next attempt is due; null when only a reload can help. */
			readonly retryAt: number | null;
			readonly neverOpened: boolean;
	  };

export type Session = Answer<"session.read">;
export type Inbox = Answer<"inbox.read">;
export type InboxEntry = Inbox["entries"][number];

/** All that reached the window from its core. */
export interface CoreView {
	readonly fleet: Fleet;
	readonly following: Following;
	/** Set while `following` is `disagreed`. */
	readonly disagreement: Fault | null;
	readonly line: CoreLine;
	readonly session: Session | null;
	readonly health: CoreHealth | null;
	/** Null before it was read. */
	readonly inbox: Inbox | null;
	/** Null before the core told it. */
	readonly update: UpdateTold | null;
	/** Null before the core told them. */
	readonly settings: Settings | null;
	/** The core's wall clock minus the window's, milliseconds; 0 when they are closer than the noise of a frame's travel. */
	readonly coreAheadMs: number;
}

export type CoreStore = StoreApi<CoreView>;

/** A store that knows nothing yet. */
export const createCoreStore = (): CoreStore =>
	createStore<CoreView>(() => ({
		fleet: EMPTY_FLEET,
		following: "waiting",
		disagreement: null,
		line: { kind: "opening" },
		session: null,
		health: null,
		inbox: null,
		update: null,
		settings: null,
		coreAheadMs: 0,
	}));

/** What one frame makes of what the window knows; `resync` when a snapshot must be asked for. Pure but for the indexes of `Fleet`. */
export function takeFrame(
	fleet: Fleet,
	following: Following,
	frame: FleetFrame,
): {
	readonly fleet: Fleet;
	readonly following: Following;
	readonly resync: boolean;
} {
	if (following === "disagreed") return { fleet, following, resync: false };
	if (frame.kind === "snapshot")
		return {
			fleet: fleetOf(frame, fleet),
			following: "following",
			resync: false,
		};
	if (following === "following" && follows(fleet.replica, frame))
		return { fleet: nextFleet(fleet, frame), following, resync: false };
	// Asked once: further deltas on the way to the snapshot are dropped in silence.
	return {
		fleet,
		following: "resyncing",
		resync: following !== "resyncing",
	};
}

/** Clocks closer than this are taken as one: a frame's travel and parsing are not a difference of clocks. */
const SAME_CLOCK_MS = 2_000;
/** A core sends its snapshot unasked; when none came in this time the window asks. */
const SNAPSHOT_PATIENCE_MS = 3_000;
/** How often the session is read while the keychain cannot be, and else: another identity may be in use. */
const SESSION_SOON_MS = 5_000;
const SESSION_AGAIN_MS = 15_000;
/** Until a question is asked again that came too often, when the core does not say when. */
const TOO_FAST_MS = 1_000;

/** Follows a core over a fresh, open client until it closes. The fleet of a former pipe stays on the screen until the new snapshot. */
export function follow(store: CoreStore, core: Client, clock: Clock): void {
	store.setState({
		following: "waiting",
		disagreement: null,
		line: { kind: "open" },
	});
	const disagree = (why: Fault): void =>
		store.setState({ following: "disagreed", disagreement: why });
	const ask = patiently(core, clock);
	const resync = async (): Promise<void> => {
		const answer = await ask("fleet.resync");
		if (!answer.ok && answer.fault.code !== "pipe.closed")
			disagree(answer.fault);
	};
	const ahead = (at: number): number => {
		const difference = at - clock.wallMs();
		return Math.abs(difference) < SAME_CLOCK_MS ? 0 : difference;
	};
	core.subscribe("fleet", (frame) => {
		const { fleet, following } = store.getState();
		const next = takeFrame(fleet, following, frame);
		store.setState({ fleet: next.fleet, following: next.following });
		if (next.resync) void resync();
	});
	core.subscribe("health", (health) =>
		store.setState({ health, coreAheadMs: ahead(health.at) }),
	);
	core.subscribe("update", (update) => store.setState({ update }));
	core.subscribe("inbox", readInbox(store, ask, disagree));
	core.subscribe("settings", (settings) => store.setState({ settings }));
	core.onMismatch(disagree);
	const stopWaiting = clock.at(
		clock.monotonicMs() + SNAPSHOT_PATIENCE_MS,
		() => {
			if (store.getState().following === "waiting") void resync();
		},
	);
	core.onClose(stopWaiting);
	void readSession(store, core, ask, clock, disagree);
}

/** What the window asks by itself. */
type OwnQuestion = "session.read" | "inbox.read" | "fleet.resync";
type AskPatiently = <N extends OwnQuestion>(
	name: N,
) => Promise<Result<Answer<N>>>;

/** Asks again when it was too often: many windows of one core may come back in the same moment. */
function patiently(core: Client, clock: Clock): AskPatiently {
	return async (name) => {
		for (;;) {
			const answer = await core.ask(name, {} as Question<typeof name>);
			if (answer.ok || answer.fault.code !== "window.too-fast") return answer;
			const { retryAfterMs = TOO_FAST_MS } = answer.fault;
			await new Promise<void>((resolve) => {
				clock.at(clock.monotonicMs() + retryAfterMs, resolve);
			});
		}
	};
}

/** Reads what the core is, again and again: a banner must go when the keychain is unlocked or the identity was renewed. */
async function readSession(
	store: CoreStore,
	core: Client,
	ask: AskPatiently,
	clock: Clock,
	disagree: (why: Fault) => void,
): Promise<void> {
	const answer = await ask("session.read");
	if (answer.ok) {
		const { session } = store.getState();
		// The same words are the same object, so that nothing renders anew for them.
		if (JSON.stringify(session) !== JSON.stringify(answer.value))
			store.setState({ session: answer.value });
		const isWaiting = answer.value.fault?.code.startsWith("vault.") === true;
		const cancel = clock.at(
			clock.monotonicMs() + (isWaiting ? SESSION_SOON_MS : SESSION_AGAIN_MS),
			() => void readSession(store, core, ask, clock, disagree),
		);
		core.onClose(cancel);
	} else if (answer.fault.code !== "pipe.closed") disagree(answer.fault);
}

/** Reads the inbox after each frame that says it changed; one question at a time, and one more when it changed meanwhile. */
function readInbox(
	store: CoreStore,
	ask: AskPatiently,
	disagree: (why: Fault) => void,
): () => void {
	let asking = false;
	let changed = false;
	const read = async (): Promise<void> => {
		asking = true;
		while (changed) {
			changed = false;
			const answer = await ask("inbox.read");
			if (answer.ok) store.setState({ inbox: answer.value });
			else if (answer.fault.code !== "pipe.closed") disagree(answer.fault);
		}
		asking = false;
	};
	return () => {
		changed = true;
		if (!asking) void read();
	};
}
