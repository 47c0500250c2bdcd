// `foredeck identity import`, `list` and `remove`: what is in the vault. Never shows key material.
import type { Command } from "commander";
import type { Fault } from "../../shared/fault.ts";
import { fault } from "../../shared/fault.ts";
import { leaveChangeMark } from "../core/identity/changeMark.ts";
import { KEYCHAIN_HOME as HOME, storeIdentity } from "../core/identity/desk.ts";
import { identityNotes } from "../core/identity/notes.ts";
import type { IdentityChoice } from "../core/identity/openIdentityFiles.ts";
import {
	isNamed,
	openIdentityFilesAsking,
} from "../core/identity/openIdentityFiles.ts";
import { DEFAULT_PROFILE } from "../core/identity/profileIdentity.ts";
import type { IdentityFacts, ListedIdentity, Vault } from "../core/ports.ts";
import { ASKED_PATIENCE_MS } from "./chooseIdentity.ts";
import type { Io } from "./io.ts";
import { EXIT, sayFault } from "./io.ts";
import type { Wiring } from "./serve.ts";

interface IdentityOptions {
	readonly profile?: string;
	readonly data?: string;
	readonly json: boolean;
}
type ImportOptions = IdentityOptions & IdentityChoice;

/** Adds the commands to the command line; `subcommand` makes one with the global options. */
export function addIdentityCommands(
	subcommand: (name: string, description: string, parent?: Command) => Command,
	wiring: (command: Command) => Wiring,
	done: (code: number) => void,
): void {
	const identity = subcommand("identity", "the identities in the keychain");
	const add = (name: string, description: string): Command =>
		subcommand(name, description, identity).option(
			"--json",
			"one JSON object a line",
			false,
		);
	add("import", "check an identity and store it as the profile's")
		.option("--cert <file>", "client certificate (PEM or DER)")
		.option("--key <file>", "its private key (PEM or DER)")
		.option("--pfx <file>", "both in one file (PKCS#12, or PEM)")
		.option("--ca <file>", "the fleet's authority, unless --pfx brings it")
		.action(async (_options, command) =>
			done(await importCommand(command.optsWithGlobals(), wiring(command))),
		);
	add("list", "whose they are and how long they are valid").action(
		async (_options, command) =>
			done(await listCommand(command.optsWithGlobals(), wiring(command))),
	);
	add("remove", "remove one from the keychain")
		.argument("<name>", "its profile")
		.action(async (name, _options, command) =>
			done(
				await removeCommand(name, command.optsWithGlobals(), wiring(command)),
			),
		);
}

function refuse(io: Io, why: Fault): number {
	sayFault(io, why);
	return EXIT.error;
}

async function importCommand(
	options: ImportOptions,
	{ io, clock }: Wiring,
): Promise<number> {
	if (!isNamed(options)) return refuse(io, NOTHING_NAMED);
	const identity = await openIdentityFilesAsking(options, io.env, io.askSecret);
	if (!identity.ok) return refuse(io, identity.fault);
	const { vault, why } = await io.openVault(clock, ASKED_PATIENCE_MS);
	if (why?.code === "vault.missing") return refuse(io, noKeychain(why));
	const { profile = DEFAULT_PROFILE } = options;
	const stored = await storeIdentity(vault, profile, identity.value, clock);
	if (!stored.ok) return refuse(io, stored.fault);
	leaveChangeMark(options.data);
	const { facts } = stored.value;
	if (options.json)
		io.out(JSON.stringify(jsonRow({ profile, facts, fault: null })));
	else io.out(`stored as ${profile}: ${factsText(facts)}`);
	for (const note of identityNotes(stored.value)) io.err(`foredeck: ${note}`);
	await warnUnprotected(vault, io);
	return EXIT.ok;
}

const NOTHING_NAMED = fault("identity.absent", {
	sentence: "there is nothing to import",
	nextStep: "Give --pfx FILE, or --cert FILE and --key FILE, with --ca FILE.",
});

/** Forgetting at the end of this command is all that memory could do. */
const noKeychain = (why: Fault): Fault => ({
	...why,
	sentence: `${why.sentence}, and an identity kept in memory would be gone when this command ends`,
	nextStep:
		"Start a Secret Service and import again, or give --cert, --key and --ca to serve, watch and doctor for each run.",
});

async function warnUnprotected(vault: Vault, io: Io): Promise<void> {
	const state = await vault.state();
	if (state.ok && state.value.kind === "unprotected")
		io.err(`foredeck: ${state.value.sentence}`);
}

async function listCommand(
	{ json }: IdentityOptions,
	{ io, clock }: Wiring,
): Promise<number> {
	const { vault, why } = await io.openVault(clock, ASKED_PATIENCE_MS);
	if (why !== null) return refuse(io, why);
	const rows = await vault.list();
	if (!rows.ok) return refuse(io, rows.fault);
	if (json) for (const row of rows.value) io.out(JSON.stringify(jsonRow(row)));
	else for (const line of table(rows.value)) io.out(line);
	if (!json && rows.value.length === 0) io.out("no identities");
	return rows.value.some((row) => row.fault !== null) ? EXIT.error : EXIT.ok;
}

async function removeCommand(
	name: string,
	{ json, data }: IdentityOptions,
	{ io, clock }: Wiring,
): Promise<number> {
	const { vault, why } = await io.openVault(clock, ASKED_PATIENCE_MS);
	if (why !== null) return refuse(io, why);
	const removed = await vault.remove(name);
	if (!removed.ok)
		return refuse(
			io,
			removed.fault.code === "identity.absent"
				? {
						...removed.fault,
						sentence: `there is no identity called ${name}`,
						nextStep: "See foredeck identity list.",
					}
				: removed.fault,
		);
	leaveChangeMark(data);
	io.out(
		json ? JSON.stringify({ profile: name, removed: true }) : `removed ${name}`,
	);
	return EXIT.ok;
}

const dayOf = (epochMs: number): string =>
	new Date(epochMs).toISOString().slice(0, 10);
const factsText = ({ subject, expiresAt }: IdentityFacts): string =>
	`${subject}, valid until ${dayOf(expiresAt)}`;

const jsonRow = ({ profile, facts, fault: why }: ListedIdentity): object =>
	facts === null
		? { profile, fault: why.code, sentence: why.sentence }
		: {
				profile,
				subject: facts.subject,
				issuer: facts.issuer,
				fingerprint_256: facts.fingerprint256,
				names: facts.names,
				key: facts.keyKind,
				valid_from: new Date(facts.validFrom).toISOString(),
				expires_at: new Date(facts.expiresAt).toISOString(),
				home: facts.home,
				fault: null,
			};

/** Columns as wide as their widest cell; the fingerprint is last because it is long. */
function table(rows: readonly ListedIdentity[]): readonly string[] {
	if (rows.length === 0) return [];
	const cells = [
		["PROFILE", "EXPIRES", "WHERE", "SUBJECT", "SHA-256"],
		...rows.map(({ profile, facts, fault: why }) =>
			facts === null
				? [profile, "-", HOME, `${why.sentence} [${why.code}]`, ""]
				: [
						profile,
						dayOf(facts.expiresAt),
						facts.home,
						facts.subject,
						facts.fingerprint256,
					],
		),
	];
	const width = (column: number): number =>
		Math.max(...cells.map((row) => row[column]?.length ?? 0));
	return cells.map((row) =>
		row
			.map((cell, column) => cell.padEnd(width(column)))
			.join("  ")
			.trimEnd(),
	);
}
