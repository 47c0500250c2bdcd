// A terminal for tests of the command line: what was written to it, and a way to interrupt what runs.
import type { VaultChoice } from "../core/ports.ts";
import type { Io } from "../shell-node/io.ts";
import { openMemoryVault } from "../vault/memory.ts";
import type { Tally } from "./tally.ts";
import { openTally } from "./tally.ts";

export interface Terminal extends Io {
	/** Lines of stdout and stderr so far. */
	readonly lines: Tally<string>;
	readonly errors: Tally<string>;
	/** What redrew the last line; stays empty where stdout is no terminal. */
	readonly drawn: Tally<string>;
	/** Ctrl-C. */
	interrupt(): void;
}

export interface TerminalWish {
	readonly env?: Readonly<Record<string, string>>;
	/** Whether the last line can be redrawn; default no, as when the output goes into a file. */
	readonly isTty?: boolean;
	/** How many files may be open; default as many as it likes. */
	readonly files?: number;
	/** What its computer keeps identities in; default an empty vault. */
	readonly vault?: () => VaultChoice;
	/** What the person types when asked for a secret; default nobody is there. */
	readonly secret?: string;
}

export function openTerminal({
	env = {},
	isTty = false,
	files,
	vault = () => ({ vault: openMemoryVault(), why: null }),
	secret,
}: TerminalWish = {}): Terminal {
	const lines = openTally<string>();
	const errors = openTally<string>();
	const drawn = openTally<string>();
	const stopping = new AbortController();
	return {
		lines,
		errors,
		drawn,
		out: lines.add,
		err: errors.add,
		redraw(line) {
			if (isTty) drawn.add(line);
			return isTty;
		},
		signal: stopping.signal,
		env,
		fileLimit: () => files ?? null,
		openVault: async () => vault(),
		askSecret: async () => secret ?? null,
		interrupt: () => stopping.abort(),
	};
}
