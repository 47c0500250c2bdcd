// Who signed an installer on Windows, asked of the system. Fails closed: what cannot be asked, read or compared is no
// signature. The updater library's own check lets a file pass when PowerShell cannot be used.
import { execFile } from "node:child_process";

/** Answers what a program wrote; rejects when it fails, cannot be started or takes too long. */
export type RunProgram = (
	file: string,
	args: readonly string[],
	env: Readonly<Record<string, string | undefined>>,
) => Promise<string>;

/** PowerShell starts slowly on a laptop that just woke; a minute is not a hang yet. */
const WITHIN_MS = 60_000;
/** `Valid` of System.Management.Automation.SignatureStatus. */
const VALID = 0;
/**
 * The path comes by the environment: no quoting, so no way out of it. Windows' own modules only. Without the encoding a name
 * or a path with an umlaut would come in the console's code page, and no such publisher could ever be matched.
 */
const SCRIPT =
	"$ErrorActionPreference='Stop'; [Console]::OutputEncoding=[System.Text.UTF8Encoding]::new($false); $s = Get-AuthenticodeSignature -LiteralPath $env:FOREDECK_INSTALLER; " +
	"@{status=[int]$s.Status; subject=[string]$s.SignerCertificate.Subject; path=[string]$s.Path} | ConvertTo-Json -Compress";

/** Null: signed by one of `publishers` (the certificate's full name, exactly). Otherwise why it is not taken, one sentence. */
export async function whyNotPublisher(
	publishers: readonly string[],
	installer: string,
	run: RunProgram = runProgram,
	env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string | null> {
	if (publishers.length === 0) return "no publisher is named to compare with";
	const { SystemRoot } = env;
	if (!SystemRoot) return "the system’s folder is not known";
	const powerShell = `${SystemRoot}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;
	let told: { status?: unknown; subject?: unknown; path?: unknown } | null;
	try {
		const text = await run(
			powerShell,
			["-NoProfile", "-NonInteractive", "-Command", SCRIPT],
			// PSModulePath of a newer PowerShell would bring another Get-AuthenticodeSignature along.
			{ ...env, PSModulePath: "", FOREDECK_INSTALLER: installer },
		);
		told = JSON.parse(text);
	} catch (error) {
		return `its signature could not be asked for: ${String(error).slice(0, 200)}`;
	}
	if (told?.status !== VALID) return "its signature is not valid";
	if (told.path !== installer) return "another file was looked at";
	return typeof told.subject === "string" && publishers.includes(told.subject)
		? null
		: "it is signed by somebody else";
}

const runProgram: RunProgram = (file, args, env) =>
	new Promise((resolve, reject) => {
		execFile(
			file,
			[...args],
			{ env: { ...env }, timeout: WITHIN_MS, windowsHide: true },
			(error, stdout) => (error === null ? resolve(stdout) : reject(error)),
		);
	});
