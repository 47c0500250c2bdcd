// The history of a profile in a file of its own, readable by its owner only. A file that cannot be used is refused or set
// aside with a fault, and Foredeck runs on: a history is never a reason not to see the fleet.
import {
	chmodSync,
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	renameSync,
} from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Fault } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import type { Log } from "../ports.ts";
import type { Archive } from "./archive.ts";
import { openArchive } from "./archive.ts";
import type { HistoryPort, Kept, Written } from "./kept.ts";
import type { Store } from "./store.ts";
import { KNOWN_VERSION, migrate, openStore, versionOf } from "./store.ts";

/** Another process that starts at the same moment is done with its migrations by then. */
const OPENING_MS = 2_000;

/** SQLite's result codes, without their extensions. */
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

const NOTHING: Kept = { jobs: [], hosts: [] };

interface Opened {
	readonly db: DatabaseSync;
	readonly store: Store;
	readonly archive: Archive;
}

/**
 * Opens the file at `path`, which is made when it is absent; `:memory:` keeps nothing.
 * A damaged file is set aside and a new one begun (`history.broken`); one of a later Foredeck, or one that cannot be opened,
 * is left as it is and nothing is kept (`history.newer`, `history.refused`). Never throws.
 */
export function openHistory(path: string, log: Log): HistoryPort {
	let opened: Opened | null = null;
	let why: Fault | null = null;

	const told = (one: Fault): Fault => {
		log("warn", "the history", { code: one.code, sentence: one.sentence });
		why = one;
		return one;
	};
	const close = (): void => {
		const { db } = opened ?? {};
		opened = null;
		try {
			db?.close();
		} catch {
			// It is not used any more, and what was written is written.
		}
	};
	/** Not usable any more. What is damaged stays beside for who can read it. */
	const giveUp = (error: unknown): Fault => {
		close();
		return told(isBroken(error) ? setAside(path, error) : refused(path, error));
	};
	/** A damaged file shows only when it is read; then a new one is begun, once. */
	const open = (isSecond: boolean): void => {
		try {
			opened = openFile(path);
			if (opened === null) told(newer(path));
		} catch (error) {
			if (giveUp(error).code === "history.broken" && !isSecond) open(true);
		}
	};
	open(false);

	return {
		get why() {
			return why;
		},
		load(since, runsMost) {
			try {
				return opened?.store.load(since, runsMost) ?? NOTHING;
			} catch (error) {
				if (giveUp(error).code === "history.broken") open(true);
				return NOTHING;
			}
		},
		write(rows, patienceMs): Written {
			if (opened === null) return why ?? fault("history.refused");
			try {
				if (patienceMs !== undefined)
					opened.db.exec(`PRAGMA busy_timeout = ${patienceMs}`);
				opened.store.write(rows);
				return "kept";
			} catch (error) {
				if (isBusy(error)) return "busy";
				return isBroken(error) ? giveUp(error) : refused(path, error);
			}
		},
		prune(now, retention) {
			try {
				return opened?.store.prune(now, retention) ?? false;
			} catch (error) {
				if (isBroken(error)) giveUp(error);
				return false;
			}
		},
		get archive() {
			return opened?.archive ?? null;
		},
		close,
	};
}

/** Null: a later Foredeck wrote it. */
function openFile(path: string): Opened | null {
	if (path !== ":memory:") {
		mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
		// Made here, so that nobody else can read it for a moment; SQLite gives its other files the same mode.
		closeSync(openSync(path, "a", 0o600));
		chmodSync(path, 0o600);
	}
	// Asked for and not imported: whoever built this runtime may have left it out, and the fleet is to be seen all the same.
	const sqlite = process.getBuiltinModule("node:sqlite");
	if (sqlite === undefined) throw new Error("this runtime has no SQLite");
	const db = new sqlite.DatabaseSync(path, { timeout: OPENING_MS });
	try {
		if (versionOf(db) > KNOWN_VERSION) {
			db.close();
			return null;
		}
		migrate(db);
		// From now on nobody waits: who finds another one writing tries again later.
		db.exec("PRAGMA busy_timeout = 0");
		return { db, store: openStore(db), archive: openArchive(db) };
	} catch (error) {
		db.close();
		throw error;
	}
}

/** SQLite's own code, or null when the error is none of SQLite's. */
function codeOf(error: unknown): number | null {
	const { errcode } = error as { readonly errcode?: unknown };
	return typeof errcode === "number" ? errcode & 0xff : null;
}

const isBusy = (error: unknown): boolean =>
	codeOf(error) === BUSY || codeOf(error) === LOCKED;

const isBroken = (error: unknown): boolean =>
	codeOf(error) === CORRUPT || codeOf(error) === NOT_A_DATABASE;

const messageOf = (error: unknown): string =>
	error instanceof Error ? error.message : "unknown reason";

const newer = (path: string): Fault =>
	fault("history.newer", {
		sentence: `the history ${path} was written by a later Foredeck and is left as it is`,
	});

const refused = (path: string, error: unknown): Fault =>
	fault("history.refused", {
		sentence: isBusy(error)
			? `the history ${path} is locked by another program`
			: `the history ${path} cannot be kept: ${messageOf(error)}`,
	});

function setAside(path: string, error: unknown): Fault {
	const aside = `${path}.broken`;
	try {
		renameSync(path, aside);
		for (const more of ["-wal", "-shm"])
			if (existsSync(path + more)) renameSync(path + more, aside + more);
	} catch (failure) {
		return refused(path, failure);
	}
	return fault("history.broken", {
		sentence: `the history ${path} is damaged (${messageOf(error)}); it was set aside as ${aside}`,
	});
}
