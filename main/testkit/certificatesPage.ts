// Writes docs/certificates.md from the table that the matrix is tested by, so that the page can never promise anything else.
import type { CertificateRow, Verdict } from "./certificateRow.ts";
import { CERTIFICATE_TABLE } from "./certificateTable.ts";

/** The whole page as Markdown. */
export const certificatesPage = (): string =>
	[
		"# Certificates",
		"",
		"What becomes of a link by the kind of certificate that the agent or the console shows, over TLS 1.2 and TLS 1.3 alike unless it",
		"says otherwise. Codes are explained in [faults.md](faults.md). Every row is tested on real sockets, in both roles and over both",
		"versions, by `main/e2e/certificateMatrix.test.ts`, with OpenSSL as Node 24 has it. In the Electron window BoringSSL judges, which",
		"has no security levels: there SHA-1 signatures and RSA keys of 1024 bits have not been tried.",
		"",
		"- **agent’s**: the agent shows it, and the console judges it.",
		"- **from files**: what `--cert` and `--key` say to it before anything is dialed.",
		"- **console’s**: the console shows it (out of a keychain, where files would have refused it), and an agent judges it that closes",
		"  the connection without a word, as Node’s do. The first such close is told as `tcp.reset`, the second by its name, and after",
		"  the third the link is blocked. Agents that send an alert are understood at the first.",
		"",
		"Revocation lists (PEM, `X509 CRL`) are put into the CA file beside the authorities. As soon as there is one, every issuer of an",
		"agent’s chain needs a current one; an expired list blocks, because it does not know the newest revocations.",
		"",
		...CERTIFICATE_TABLE.flatMap(([title, rows]) => section(title, rows)),
	].join("\n");

const said = (verdict: Verdict | "ok"): string =>
	verdict === "live" || verdict === "ok" ? verdict : `\`${verdict}\``;

const both = (verdict: CertificateRow["server"]): string =>
	typeof verdict === "string"
		? said(verdict)
		: `${said(verdict[0])} (1.2), ${said(verdict[1])} (1.3)`;

const section = (
	title: string,
	rows: readonly CertificateRow[],
): readonly string[] => [
	`## ${title}`,
	"",
	"| certificate | agent’s | from files | console’s | why |",
	"| --- | --- | --- | --- | --- |",
	...rows.map(
		({ kind, server, files, client, why }) =>
			`| ${kind} | ${both(server)} | ${said(files)} | ${both(client)} | ${why} |`,
	),
	"",
];
