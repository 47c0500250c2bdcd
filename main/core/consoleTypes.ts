// What a console is given, and what it gives: the types of `openConsole`.
import type { Pipe } from "../../shared/bridge.ts";
import type { Cancel } from "../../shared/clock.ts";
import type { Fault, Result } from "../../shared/fault.ts";
import type { ChooseSavePath } from "./exporting/exportDesk.ts";
import type { Figures } from "./figures.ts";
import type { Fleet } from "./fleet/fleet.ts";
import type { ImportDesk } from "./fleet/importing/importDesk.ts";
import type { Inventory } from "./fleet/inventory.ts";
import type { HistoryPort } from "./history/kept.ts";
import type { IdentityDesk } from "./identity/desk.ts";
import type { JobBook } from "./jobs/book.ts";
import type { ConsoleListener } from "./listeners.ts";
import type { NotifyPort } from "./notify/notes.ts";
import type { Identity } from "./ports.ts";
import type { SettingsDesk } from "./settings/desk.ts";
import type { ProxyRules } from "./transport/proxyRules.ts";
import type { Lookup } from "./transport/resolve.ts";
import type { UpdateDuty } from "./update/updateCommands.ts";

export interface ConsoleOptions {
	readonly version: string;
	readonly shell: "electron" | "node";
	readonly demo: boolean;
	readonly inventory: Inventory | null;
	readonly identity: Identity | null;
	/** Why there is no fleet or identity, for the window. */
	readonly fault: Fault | null;
	/** Why there is no identity, as the reason of blocked links; absent: `identity.absent`. */
	readonly identityFault?: Fault | null;
	/** A person asks to connect now, after the vault was unlocked perhaps. */
	readonly onRetry?: () => void;
	/** Compare what is shown of each host with its agent's list about this often (ms); off when absent. */
	readonly compareEveryMs?: number;
	/** How inventories are imported from a window; absent: not at all. */
	readonly importDesk?: ImportDesk;
	/** What a person may do with identities; absent: only see the one in use. */
	readonly desk?: IdentityDesk;
	/** Who updates this app; absent, or null when asked: not known here, and nothing is shown. */
	readonly updates?: () => UpdateDuty | null;
	/** Where a person wants an export; absent: windows save by themselves. */
	readonly chooseSavePath?: ChooseSavePath;
	/** How names are resolved; as the system does when absent. */
	readonly lookup?: Lookup;
	/** Which hosts are reached through a proxy; none when absent or null. */
	readonly proxies?: ProxyRules | null;
	/** How the person is told and what of it is remembered; absent: the inbox alone, until the console ends. */
	readonly notify?: NotifyPort;
	/** What is kept of jobs and hosts over restarts; absent: nothing. */
	readonly history?: HistoryPort;
	/** What the person set; absent: the defaults, and changes last until the console ends. */
	readonly settings?: SettingsDesk;
}

export interface Console {
	readonly fleetName: string;
	readonly fleet: Fleet;
	readonly book: JobBook;
	readonly figures: Figures;
	readonly settings: SettingsDesk;
	/** Failures in the inbox that nobody has read. */
	readonly unreadFailures: number;
	/** Of the identity in use, epoch ms; null: there is none. */
	readonly identityExpiresAt: number | null;
	/** Where a click on the first note whose key it is leads, as the hash of the window's address; null: it is no longer kept. */
	placeOfNote(isIt: (key: string) => boolean): string | null;
	/** Serves the contract on this pipe until it closes. Who may speak on it is the shell's to have checked. */
	attach(pipe: Pipe): void;
	listen(listener: ConsoleListener): Cancel;
	/** The computer slept. */
	woke(): void;
	networkReturned(): void;
	/** A person wants every host that is neither live nor paused tried now, blocked ones included. Answers how many are. */
	reconnect(): number;
	/** What `options.updates` answers changed: windows are told. */
	updatesChanged(): void;
	/** A new identity: new dials use it, blocked links are tried again. `why`: the reason there is none. */
	setIdentity(identity: Identity | null, why?: Fault | null): void;
	/** The fleet file was read anew: its hosts replace those that are there; a fault is told beside them. */
	setFleet(inventory: Result<Inventory | null>): void;
	/** Every socket closed and every timer gone within a second. */
	stop(): Promise<void>;
}
