// Every kind of certificate, shown by an agent and by the console, over TLS 1.2 and TLS 1.3, on real sockets: a whole console
// per row and side, with a host for each version, until its links have come to their verdict.

import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import type { Fault, Result } from "../../shared/fault.ts";
import type { LinkStatus } from "../../shared/model.ts";
import { hostId } from "../../shared/model.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import { readIdentity } from "../core/identity/fromFiles.ts";
import type { Identity } from "../core/ports.ts";
import {
	type CertificateRow,
	makeIssuers,
	type Shown,
	TOLD_BEFORE_DIALING,
	type Verdict,
	verdictOver,
} from "../testkit/certificateRow.ts";
import { type Issued, identityOf } from "../testkit/certificates.ts";
import { CERTIFICATE_TABLE } from "../testkit/certificateTable.ts";
import type { RawPeer } from "../testkit/rawPeer.ts";
import {
	frame,
	httpAnswer,
	openRawPeer,
	switching,
} from "../testkit/rawPeer.ts";
import { openMemoryVault } from "../vault/memory.ts";

const VERSIONS = ["1.2", "1.3"] as const;
type Version = (typeof VERSIONS)[number];
const SIDES = ["server", "client"] as const;
type Side = (typeof SIDES)[number];
/** How long a link may take to its verdict: two dials and a second between them, among many others. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 20;
/** OpenSSL of today does not even load a certificate that is too weak. */
const ANYTHING = "DEFAULT@SECLEVEL=0";

const clock = systemClock();
const issuers = makeIssuers();
const rows = CERTIFICATE_TABLE.flatMap(([, group]) => group);
const agent = issuers.root.issue({ names: ["agent.fleet.test"] });
const person = issuers.root.issue({ commonName: "console", purpose: "client" });

/** What came of one row, on one side, over one version. */
interface Outcome {
	readonly status: LinkStatus;
	readonly fault: Fault | null;
	readonly dials: number;
	/** What the agent showed. */
	readonly leaf: X509Certificate;
}
const consoles = new Map<string, Console>();
const outcomes = new Map<string, Outcome>();
const closing: (() => unknown)[] = [];
const keyOf = (row: CertificateRow, side: Side, version: Version): string =>
	`${row.kind} ${side} ${version}`;

const nameOf = (row: CertificateRow): string =>
	`host-${rows.indexOf(row)}.fleet.test`;
const made = new Map<string, Shown>();
/** A row's certificate, made once for each side. */
function shownBy(row: CertificateRow, side: Side): Shown {
	const key = `${row.kind} ${side}`;
	const known = made.get(key);
	if (known !== undefined) return known;
	const fresh = row.make(
		issuers,
		side === "server"
			? { names: [nameOf(row)], commonName: nameOf(row) }
			: {
					names: ["console.fleet.test"],
					commonName: "console",
					purpose: "client",
				},
	);
	made.set(key, fresh);
	return fresh;
}

const folder = mkdtempSync(join(tmpdir(), "foredeck-certificates-"));
let files = 0;
function inFile(pem: string): string {
	const path = join(folder, `${files++}.pem`);
	writeFileSync(path, pem);
	return path;
}

/** What the files of a row's client said. */
const readings = new Map<CertificateRow, Result<Identity>>();

/** As a person gives it, in files; what those refuse is used all the same, as if it came out of a keychain. */
function identityFor(row: CertificateRow, side: Side, ca: string): Identity {
	const own = side === "client" ? shownBy(row, "client").issued : person;
	const reading = readIdentity({
		cert: inFile(own.certPem),
		key: inFile(own.keyPem),
		ca: inFile(ca),
	});
	if (side === "client") readings.set(row, reading);
	return reading.ok ? reading.value : identityOf(own, ca);
}

/** An agent that speaks one version of TLS, greets sockets and has no REST. */
async function openAgent(
	version: Version,
	identity: Issued,
	lists: string | undefined,
): Promise<RawPeer> {
	const peer = await openRawPeer({
		identity,
		clientCa: issuers.root.certPem,
		...(lists === undefined ? {} : { clientCrl: lists }),
		...(identity === agent ? {} : { ciphers: ANYTHING }),
		minVersion: `TLSv${version}`,
		maxVersion: `TLSv${version}`,
		request({ socket, head }) {
			if (!head.startsWith("GET /api/v1/ws/jobs"))
				return socket.end(httpAnswer(404));
			socket.write(switching(head));
			socket.write(frame("text", '{"event":"connected"}'));
		},
	});
	closing.push(peer.close);
	return peer;
}

async function judge(row: CertificateRow, side: Side): Promise<void> {
	const { issued, lists } = shownBy(row, side);
	const server = side === "server" ? issued : agent;
	const listsOf = (judged: Side): string | undefined =>
		judged === side ? lists : undefined;
	const peers = await Promise.all(
		VERSIONS.map((version) => openAgent(version, server, listsOf("client"))),
	);
	const name = row.byAddress === true ? "127.0.0.1" : nameOf(row);
	const servername = side === "server" ? name : "agent.fleet.test";
	const console = openConsole(
		{
			version: "0.0.0-test",
			shell: "node",
			demo: false,
			inventory: {
				name: "matrix",
				hosts: VERSIONS.map((version, nth) => ({
					id: hostId(version),
					address: "127.0.0.1",
					port: peers[nth]?.port ?? 0,
					servername,
					minTls: version,
					labels: {},
				})),
			},
			identity: identityFor(
				row,
				side,
				issuers.root.certPem + (listsOf("server") ?? ""),
			),
			fault: null,
		},
		{ clock, log: () => {}, random: () => 0.5, vault: openMemoryVault() },
	);
	closing.push(console.stop);
	consoles.set(`${row.kind} ${side}`, console);
	await Promise.all(
		VERSIONS.map(async (version, nth) => {
			const { status, fault } = await verdictOf(console, version);
			outcomes.set(keyOf(row, side, version), {
				status,
				fault,
				dials: peers[nth]?.connections.all.length ?? 0,
				leaf: new X509Certificate(server.certPem),
			});
		}),
	);
}

/** Resolves when the link is in one of the channels, or has failed twice in a way that it goes on trying after. */
function verdictOf(
	console: Console,
	version: Version,
	channels: readonly LinkStatus["channel"][] = ["live", "blocked"],
): Promise<Pick<Outcome, "status" | "fault">> {
	const untilMs = clock.monotonicMs() + PATIENCE_MS;
	return new Promise((tell, refuse) => {
		const look = (): void => {
			const link = console.fleet.member(hostId(version))?.link;
			if (link === undefined) return refuse(new Error("no such host"));
			const { status } = link;
			const { fault } = link.history();
			const goesOn = fault !== null && fault.retry !== "never";
			// A refusal without a word is a reset until the second one follows soon enough, which a busy machine may put off.
			const enough = fault?.code === "tcp.reset" ? 4 : 1;
			if (
				channels.includes(status.channel) ||
				(goesOn && status.attempt > enough)
			)
				return tell({ status, fault });
			if (clock.monotonicMs() > untilMs)
				return refuse(new Error(`no verdict: ${JSON.stringify(status)}`));
			clock.at(clock.monotonicMs() + LOOK_EVERY_MS, look);
		};
		look();
	});
}

beforeAll(async () => {
	await Promise.all(
		rows.flatMap((row) => SIDES.map((side) => judge(row, side))),
	);
});
afterAll(async () => {
	for (const close of closing.splice(0).reverse()) await close();
	rmSync(folder, { recursive: true });
});

/** Connections until the verdict: none where the console knows it itself, one where the agent's certificate is proof. */
function dialsUntil(verdict: Verdict): number {
	if (TOLD_BEFORE_DIALING.has(verdict)) return 0;
	// A silent refusal is a reset the first time, is named the second time, and is never tried a fourth time.
	if (verdict === "tls.client-rejected") return 3;
	return verdict === "tls.protocol" ? 2 : 1;
}

/** A fault is told with all that was seen: its causes, times, and the agent's certificate where it came that far. */
function expectEvidence(verdict: Verdict, { fault, leaf }: Outcome): void {
	const { causes = [], timingsMs = {}, certificate } = fault?.evidence ?? {};
	expect(causes.length).toBeGreaterThan(0);
	expect(timingsMs).toHaveProperty("tcp");
	if (verdict === "tls.protocol") return;
	expect(certificate?.fingerprint256).toBe(leaf.fingerprint256);
	expect(certificate?.subject).toBe(leaf.subject);
	expect(Date.parse(certificate?.validTo ?? "")).toBe(
		leaf.validToDate.getTime(),
	);
	expect(certificate?.names).toEqual(
		(leaf.subjectAltName?.split(", ") ?? []).slice(0, 20),
	);
}

describe.each(SIDES)("shown by the %s", (side) => {
	const cases = rows.flatMap((row) =>
		VERSIONS.map(
			(version) =>
				[
					row.kind,
					version,
					verdictOver(side === "server" ? row.server : row.client, version),
					row,
				] as const,
		),
	);
	test.each(cases)("%s, TLS %s: %s", (_kind, version, verdict, row) => {
		const outcome = outcomes.get(keyOf(row, side, version));
		if (outcome === undefined) throw new Error("there is no outcome");
		const { status, fault, dials } = outcome;
		expect(fault?.code ?? status.channel, JSON.stringify(fault)).toBe(verdict);
		// A live link asks over further connections.
		if (fault === null) return expect(dials).toBeGreaterThan(0);
		expect(dials).toBe(dialsUntil(verdict));
		expect(status.channel).toBe(
			fault.retry === "never" ? "blocked" : "reconnecting",
		);
		expect(status.sentence).toBe(fault.sentence);
		expect(fault.sentence).not.toMatch(/undefined|null/);
		expect(fault.nextStep).toMatch(/\.$/);
		if (dials > 0) expectEvidence(verdict, outcome);
	});
});

test.each(rows.map((row) => [row.kind, row.files, row] as const))(
	"read from files: %s: %s",
	(_kind, verdict, row) => {
		const reading = readings.get(row);
		expect(reading?.ok === true ? "ok" : reading?.fault.code).toBe(verdict);
	},
);

/** What a person reads, where the kind allows more than the table of faults says. */
const SENTENCES: readonly (readonly [string, RegExp])[] = [
	[
		"with a common name only, not the host’s",
		/has no subject alternative names, only the subject CN=linux-patch-api, and is not for host-\d+\.fleet\.test$/,
	],
	["of another name", /is for DNS:elsewhere\.test, not for host-/],
	["for the other side", /no serverAuth/],
	["signed with SHA-1", /signed with a digest that is too weak, such as SHA-1/],
	["RSA 1024", /key of the agent’s certificate is too weak/],
	["name-constrained, excluded", /name constraints/],
	["name-constrained, not permitted", /name constraints/],
	["below an authority that is no authority", /is no authority/],
	["with an expired list", /list for the agent’s certificate has expired/],
	["below an issuer without a list", /none of an issuer/],
	["RSA-PSS key", /kind of key that both sides support/],
];
test.each(SENTENCES)(
	"%s: the sentence says what is wrong",
	(kind, sentence) => {
		for (const version of VERSIONS)
			expect(
				outcomes.get(`${kind} server ${version}`)?.fault?.sentence,
			).toMatch(sentence);
	},
);

test("C16: a client certificate that is not valid yet is told with its day and the clock as a possible reason", () => {
	const told = outcomes.get("not yet valid client 1.3")?.fault;
	expect(told?.sentence).toMatch(/only valid from \d{4}-\d\d-\d\d$/);
	expect(told?.nextStep).toContain("clock");
});

test("the chain of more than 8 KB is one", () => {
	const row = rows.find(({ kind }) => kind.includes("8 KB"));
	if (row === undefined) throw new Error("there is no such row");
	for (const side of SIDES) {
		const { certPem } = shownBy(row, side).issued;
		expect(certPem.replace(/-----.+-----/g, "").length * 0.75).toBeGreaterThan(
			8_192,
		);
	}
});

test.each(["expired", "revoked", "RSA 1024"])(
	"C15: a link blocked by a client certificate that is %s goes live with a good one, by itself",
	async (kind) => {
		const console = consoles.get(`${kind} client`);
		if (console === undefined) throw new Error("there is no such console");
		console.setIdentity(identityOf(person, issuers.root.certPem));
		for (const version of VERSIONS) {
			const { status } = await verdictOf(console, version, ["live"]);
			expect(status.channel).toBe("live");
		}
	},
);
