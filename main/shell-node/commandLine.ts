// The command line: arguments in, one command run, an exit code out. It decides nothing else.
import {
	Command,
	CommanderError,
	InvalidArgumentError,
	Option,
} from "commander";
import { systemClock } from "../../shared/clock.ts";
import type { Fault } from "../../shared/fault.ts";
import { FaultError, fault } from "../../shared/fault.ts";
import { openConsole } from "../core/console.ts";
import { openFleetFile } from "../core/fleet/openFleetFile.ts";
import { openLog } from "../core/log.ts";
import type { LogLevel } from "../core/ports.ts";
import { LOG_LEVELS } from "../core/ports.ts";
import { followSurroundings } from "./browserShell.ts";
import { ASKED_PATIENCE_MS, chooseIdentity } from "./chooseIdentity.ts";
import { agentsCommand, demoCommand } from "./demoCommands.ts";
import type { DoctorOptions } from "./doctor.ts";
import { doctorCommand } from "./doctor.ts";
import { addFleetCommands } from "./fleetCommands.ts";
import { addIdentityCommands } from "./identityCommands.ts";
import type { Io } from "./io.ts";
import { EXIT, sayFault } from "./io.ts";
import type { ConnectOptions, ServeOptions, Wiring } from "./serve.ts";
import { comparison, proxiesOf, serveCommand } from "./serve.ts";
import { VERSION } from "./version.ts";
import type { WatchOptions } from "./watch.ts";
import { watch } from "./watch.ts";

function wholeNumber(least: number, most: number) {
	return (text: string): number => {
		const value = Number(text);
		if (!/^\d+$/.test(text) || value < least || value > most)
			throw new InvalidArgumentError(
				`It must be a whole number from ${least} to ${most}.`,
			);
		return value;
	};
}

function positiveNumber(text: string): number {
	const value = Number(text);
	if (!Number.isFinite(value) || value <= 0)
		throw new InvalidArgumentError("It must be a number above 0.");
	return value;
}

const HOSTS = [
	"--hosts <n>",
	"how many hosts",
	wholeNumber(1, 20_000),
	50,
] as const;
const SEED = [
	"--seed <n>",
	"same seed, same fleet and outcomes",
	wholeNumber(0, 2 ** 32 - 1),
	1,
] as const;
const SPEED = [
	"--speed <x>",
	"how fast the agents work; 1 is lifelike",
	positiveNumber,
	1,
] as const;

interface GlobalOptions {
	readonly profile?: string;
	readonly data?: string;
	readonly logLevel: LogLevel;
}

/** Builds the command line; each action stores its exit code through `done`. */
function commandLine(io: Io, done: (code: number) => void): Command {
	const program = new Command("foredeck")
		.description("Live, truthful status of the patch agents of a fleet.")
		.version(VERSION, "-V, --version")
		.addOption(
			new Option("--profile <name>", "which fleet and identity").env(
				"FOREDECK_PROFILE",
			),
		)
		.addOption(
			new Option("--data <dir>", "keep everything under this folder").env(
				"FOREDECK_DATA",
			),
		)
		.addOption(
			new Option("--log-level <level>", "what goes to stderr")
				.choices(LOG_LEVELS)
				.default("warn")
				.env("FOREDECK_LOG"),
		)
		.showHelpAfterError("(see foredeck --help)")
		.exitOverride()
		.configureOutput({
			writeOut: (text) => io.out(text.trimEnd()),
			writeErr: (text) => io.err(text.trimEnd()),
			outputError: (text, write) =>
				write(
					`${text
						.trimEnd()
						.replace(/^error: /, "foredeck: ")
						.replace(/\.$/, "")} [input.invalid]`,
				),
		});
	const wiring = (command: Command): Wiring & { globals: GlobalOptions } => {
		const globals = command.optsWithGlobals<GlobalOptions>();
		const clock = systemClock();
		return {
			io,
			clock,
			log: openLog(globals.logLevel, clock, (line) => io.err(line)),
			random: Math.random,
			version: VERSION,
			globals,
		};
	};
	// Global options are accepted before and after the command's name.
	const subcommand = (
		name: string,
		description: string,
		parent: Command = program,
	): Command => {
		const command = parent
			.command(name)
			.description(description)
			.copyInheritedSettings(program);
		for (const option of program.options)
			if (option.long !== "--version") command.addOption(hidden(option));
		return command;
	};
	const comparing = (command: Command): Command =>
		command.addOption(
			new Option(
				"--check-consistency <seconds>",
				"compare what is shown of each host with its agent's list about this often",
			)
				.argParser(wholeNumber(10, 86_400))
				.env("FOREDECK_CHECK_CONSISTENCY"),
		);
	const connecting = (command: Command): Command =>
		command
			.option("--fleet <file>", "fleet file to use instead of the profile's")
			.option("--cert <file>", "client certificate, for this run only")
			.option(
				"--key <file>",
				"its private key; passphrase in FOREDECK_PASSPHRASE",
			)
			.option("--pfx <file>", "both in one file (PKCS#12)")
			.option("--ca <file>", "the fleet's authority, unless --pfx brings it");

	subcommand(
		"demo",
		"start a demo fleet on this computer and the console on it",
	)
		.option(...HOSTS)
		.option(...SEED)
		.option(
			"--port <n>",
			"port of the console; 0 is any free one",
			wholeNumber(0, 65_535),
			0,
		)
		.addOption(
			new Option("--shell <shell>", "where to show the window")
				.choices(["auto", "electron", "node"])
				.default("auto"),
		)
		.option("--no-open", "do not open a browser")
		.option(
			"--once",
			"wait until one fleet-wide job ends, print its counts, exit",
		)
		.option(...SPEED)
		.action(async (options, command) =>
			done(await demoCommand(options, wiring(command))),
		);

	subcommand(
		"agents",
		"run only the demo fleet's agents and write what is needed to connect",
	)
		.option(...HOSTS)
		.option(...SEED)
		.option(
			"--port <n>",
			"first port; 0 is any free one for each",
			wholeNumber(0, 65_535),
			0,
		)
		.addOption(
			new Option("--dialect <dialect>", "which agents they are").choices([
				"new",
				"old",
				"stub",
				"extended",
			]),
		)
		.option("--faults <file>", "what shall go wrong, per host (docs/demo.md)")
		.requiredOption(
			"--out <dir>",
			"where fleet.json, ca.pem, client.pem and client.key go",
		)
		.option(...SPEED)
		.action(async (options, command) =>
			done(await agentsCommand(options, wiring(command))),
		);

	comparing(connecting(subcommand("serve", "the console in a browser")))
		.option("--host <address>", "address to listen on", "127.0.0.1")
		.option("--port <n>", "port; 0 is any free one", wholeNumber(0, 65_535), 0)
		.option(
			"--tls-cert <file>",
			"certificate of this server, for addresses beyond this computer",
		)
		.option("--tls-key <file>", "its private key")
		.option("--no-open", "do not open a browser")
		.option(
			"--notify",
			"notifications of the desktop; without it where there is a Linux desktop",
		)
		.option("--no-notify", "none but those in the window")
		.action(async (_options, command) =>
			done(
				await serveCommand(
					command.optsWithGlobals() as ServeOptions,
					wiring(command),
				),
			),
		);

	comparing(connecting(subcommand("watch", "events and links on stdout")))
		.option("--json", "one JSON object a line", false)
		.option(
			"--until-idle",
			"end when every link has settled and no run is open",
			false,
		)
		.option(
			"--timeout <seconds>",
			"end after this long, with exit code 4",
			positiveNumber,
		)
		.action(async (_options, command) =>
			done(await watchCommand(command.optsWithGlobals(), wiring(command))),
		);

	connecting(subcommand("doctor", "one host, layer by layer"))
		.argument("<host>", "HOST, HOST:PORT, or the id of a host of the fleet")
		.option("--servername <name>", "the name its certificate must be for")
		.option("--json", "one JSON object a line", false)
		.option(
			"--timeout <seconds>",
			"end after this long, with exit code 4",
			positiveNumber,
		)
		.action(async (host, _options, command) =>
			done(
				await doctorCommand(
					host,
					command.optsWithGlobals() as DoctorOptions,
					wiring(command),
				),
			),
		);

	addIdentityCommands(subcommand, wiring, done);
	addFleetCommands(subcommand, wiring, done);

	program.addHelpText(
		"after",
		`
Exit codes: 0 ok, 1 error, 2 usage, 3 finished but hosts failed or are blocked, 4 timeout, 130 interrupted.
Environment: FOREDECK_PROFILE, FOREDECK_DATA, FOREDECK_LOG, FOREDECK_PASSPHRASE, FOREDECK_CHECK_CONSISTENCY, NO_COLOR,
HTTPS_PROXY, ALL_PROXY, NO_PROXY.`,
	);
	return program;
}

/** The same option, not shown again in the help of every command and without a default that would hide the global one. */
function hidden(option: Option): Option {
	const copy = new Option(option.flags, option.description).hideHelp();
	if (option.argChoices !== undefined) copy.choices(option.argChoices);
	return copy;
}

async function watchCommand(
	options: ConnectOptions &
		Omit<WatchOptions, "timeoutS"> & { timeout?: number },
	{ io, clock, log, random, version }: Wiring,
): Promise<number> {
	const refuse = (why: Fault): number => {
		sayFault(io, why);
		return EXIT.error;
	};
	const inventory = openFleetFile(options, io.fileLimit());
	if (!inventory.ok) return refuse(inventory.fault);
	if (inventory.value === null)
		return refuse(
			fault("fleet.unreadable", {
				sentence: "there is no fleet to watch",
				nextStep: "Give --fleet FILE.",
			}),
		);
	const { identity, vault } = await chooseIdentity(
		options,
		io,
		clock,
		ASKED_PATIENCE_MS,
	);
	if (!identity.ok) return refuse(identity.fault);
	const proxies = proxiesOf(io);
	if (proxies === null) return EXIT.usage;
	const console = openConsole(
		{
			version,
			shell: "node",
			demo: false,
			inventory: inventory.value,
			identity: identity.value,
			fault: null,
			...comparison(options),
			...proxies,
		},
		{ clock, log, random, vault },
	);
	const unfollow = followSurroundings(clock, console);
	const code = await watch(
		console,
		{
			json: options.json,
			untilIdle: options.untilIdle,
			timeoutS: options.timeout ?? null,
		},
		io,
		clock,
	);
	unfollow();
	await console.stop();
	return code;
}

/** Runs one command line. @returns its exit code; nothing is thrown. */
export async function run(args: readonly string[], io: Io): Promise<number> {
	let code: number = EXIT.ok;
	const program = commandLine(io, (result) => {
		code = result;
	});
	try {
		if (args.length === 0) {
			program.outputHelp();
			return EXIT.usage;
		}
		await program.parseAsync(args, { from: "user" });
		return code;
	} catch (error) {
		if (error instanceof CommanderError)
			return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
		const debug =
			args.join(" ").includes("--log-level debug") ||
			io.env.FOREDECK_LOG === "debug";
		sayFault(
			io,
			error instanceof FaultError
				? error.fault
				: fault("internal.bug", {
						sentence: `something went wrong inside Foredeck: ${error instanceof Error ? error.message : String(error)}`,
					}),
		);
		if (debug && error instanceof Error) io.err(error.stack ?? "");
		return EXIT.error;
	}
}
