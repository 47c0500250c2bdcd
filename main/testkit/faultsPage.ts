// Writes docs/faults.md from the table of faults, so that the page can never say anything else than the product.
import type { FaultCode, Retry } from "../../shared/fault.ts";
import { FAULT_CODES, FAULTS } from "../../shared/fault.ts";

const RETRY_WORDS: Readonly<Record<Retry, string>> = {
	soon: "tries again, with back-off",
	poll: "asks over HTTPS instead, and tries the socket again later",
	never:
		"waits for a person (a blocked host is tried once more every 10 minutes)",
};

const AREAS: readonly (readonly [string, string])[] = [
	["dns", "Finding the host"],
	["tcp", "Reaching it"],
	["tls", "TLS and certificates"],
	["alpn", "Choosing the protocol"],
	["proxy", "Proxies"],
	["http", "HTTP answers"],
	["ws", "The WebSocket"],
	["live", "A link that was up"],
	["auth", "The signed challenge"],
	["agent", "The agent itself"],
	["session", "Other consoles"],
	["vault", "The keychain"],
	["identity", "Identities"],
	["profile", "Profiles"],
	["host", "Which host it is"],
	["net", "This computer"],
	["fleet", "The fleet file"],
	["history", "The history"],
	["run", "Runs"],
	["settings", "Settings"],
	["faults", "The demo fleet’s faults file"],
];

/** The whole page as Markdown. */
export function faultsPage(): string {
	const named = new Set(AREAS.map(([area]) => area));
	const rest = FAULT_CODES.filter((code) => !named.has(areaOf(code)));
	const sections = AREAS.map(([area, title]) =>
		section(
			title,
			FAULT_CODES.filter((code) => areaOf(code) === area),
		),
	);
	return [
		"# Fault codes",
		"",
		"Every failure that Foredeck can name. Codes are stable: grep for them, alert on them. A host that is not well shows one of",
		"them with its evidence, and so do `watch --json` (`fault`) and every error on the command line (in brackets).",
		"",
		...sections,
		section("The command line, the window and its pipe", rest),
	].join("\n");
}

const areaOf = (code: FaultCode): string => code.split(".")[0] ?? "";

function section(title: string, codes: readonly FaultCode[]): string {
	const rows = codes.map((code) => {
		const { sentence, nextStep, retry } = FAULTS[code];
		return `| \`${code}\` | ${sentence} | ${nextStep} | ${RETRY_WORDS[retry]} |`;
	});
	return [
		`## ${title}`,
		"",
		"| code | what it means | what to do | what Foredeck does |",
		"| --- | --- | --- | --- |",
		...rows,
		"",
	].join("\n");
}
