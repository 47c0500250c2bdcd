// Every fault that a host's link can have, provoked for real, all in one fleet at once: the code and the words that a person
// gets, the evidence, what Foredeck does about it, and that the link comes back when the cause is gone. Faults that need a
// fleet of their own are in `faultStories.test.ts`; that no code is forgotten is held by `main/testkit/faultCodes.test.ts`.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Evidence, Fault, FaultCode } from "../../shared/fault.ts";
import { FAULTS } from "../../shared/fault.ts";
import type { Channel, LinkStatus } from "../../shared/model.ts";
import { hostId } from "../../shared/model.ts";
import { lookupOnce } from "../core/transport/resolve.ts";
import type { AgentFault, FaultOf } from "../demo/faults.ts";
import { openFullBacklog } from "../testkit/fullBacklog.ts";
import { openNameServer } from "../testkit/nameServer.ts";
import type { StandIn } from "../testkit/standIn.ts";
import { openStandIn } from "../testkit/standIn.ts";
import type { HostWish, World } from "./world.ts";
import { openWorld } from "./world.ts";

interface Row {
	readonly code: FaultCode;
	/** How it is provoked. */
	readonly by: string;
	readonly channel: Channel;
	/** What the fault must carry beside its words. */
	readonly seen: readonly (keyof Evidence)[];
	readonly wish?: Omit<HostWish, "id">;
	/** Before the console starts. */
	readonly before?: (at: Place) => void;
	/** When the link is live. */
	readonly provoke?: (at: Place) => void;
	/** Takes the cause away; the agent's switches are taken back when absent. */
	readonly mend?: (at: Place) => unknown;
	/** A person asks to try again after mending. Else the link comes back by itself within seconds. */
	readonly retry?: boolean;
	readonly says?: RegExp;
}

/** One row's host. */
interface Place {
	readonly id: string;
	readonly agent: ReturnType<World["agent"]>;
	readonly world: World;
}

const DIALED = ["causes", "timingsMs"] as const;
const SHOWN = [...DIALED, "certificate"] as const;
const ANSWERED = ["timingsMs", "httpStatus", "firstBytes"] as const;
const CLOSED = ["timingsMs", "closeCode"] as const;

const names = await openNameServer();
const full = await openFullBacklog();
const opened: { close(): Promise<void> }[] = [names];

/** Dials a stand-in of the agent, which passes on to it once it is mended. */
async function standIn(
	serve: Parameters<typeof openStandIn>[0],
	port?: number,
): Promise<StandIn> {
	const one = await openStandIn(serve, port);
	opened.push(one);
	return one;
}
const through = (one: StandIn): Pick<Row, "wish" | "mend"> => ({
	wish: { dial: { port: one.port } },
	mend: ({ agent }) => one.mend(agent.port()),
});
/** A server that answers the first bytes it gets, and hangs up. */
const answering = (bytes: Buffer | string): Promise<StandIn> =>
	standIn((socket) => socket.once("data", () => socket.end(bytes)));
/** A TLS alert in the clear, as a server answers a ClientHello (RFC 8446 section 6). */
const alert = (number: number): Buffer =>
	Buffer.from([21, 3, 3, 0, 2, 2, number]);

const ofAgent = (...faults: AgentFault[]): Pick<Row, "wish"> => ({
	wish: { faults },
});
const challenge = (how: FaultOf<"challenge">["how"]): Pick<Row, "wish"> => ({
	wish: { dialect: "extended", faults: [{ kind: "challenge", how }] },
});
const CHANNELS_OF = {
	never: "blocked",
	poll: "polling",
	soon: "reconnecting",
} as const;

const upgradeRow = (code: FaultCode, number: number): Row => {
	const { retry } = FAULTS[code];
	const wait = retry === "soon" ? { retryAfterSeconds: 2 } : {};
	return {
		code,
		by: `an agent that answers ${number} to the upgrade`,
		...ofAgent({ kind: "upgrade-status", status: number, ...wait }),
		channel: CHANNELS_OF[retry],
		seen: ANSWERED,
		retry: retry !== "soon",
	};
};
const certificateRow = (
	code: FaultCode,
	problem: FaultOf<"certificate">["problem"],
): Row => ({
	code,
	by: `an agent whose certificate is ${problem}`,
	...ofAgent({ kind: "certificate", problem }),
	channel: "blocked",
	seen: SHOWN,
	retry: true,
});
const alertRow = async (
	code: FaultCode,
	number: number,
	says: RegExp,
): Promise<Row> => ({
	code,
	says,
	by: `a server that answers the handshake with alert ${number}`,
	...through(await answering(alert(number))),
	channel: "blocked",
	seen: DIALED,
	retry: true,
});

/** getaddrinfo knows without asking anybody that 64 characters are no label (RFC 1035 section 2.3.4). */
const NO_LABEL = `${"a".repeat(64)}.test`;
/** The broadcast address of the loopback: connecting to it is ENETUNREACH at once on Linux, and no packet is sent. */
const NO_NETWORK = "127.255.255.255";
names.set("offline.fleet.test", NO_NETWORK);
const elsewhere = await standIn(() => {});

const ROWS: readonly Row[] = [
	{
		code: "dns.not-found",
		by: "a name server that denies the name",
		wish: { dial: { address: "unnamed.fleet.test" } },
		channel: "reconnecting",
		seen: ["causes"],
		mend: () => names.set("unnamed.fleet.test", "127.0.0.1"),
	},
	{
		code: "dns.not-found",
		by: "an address that can be no name, and the system’s resolver",
		wish: { dial: { address: NO_LABEL } },
		channel: "reconnecting",
		seen: ["causes"],
		mend: ({ id, world: { console } }) =>
			console.fleet.apply(
				[...console.fleet.members()].map(({ entry }) =>
					entry.id === id ? { ...entry, address: "127.0.0.1" } : entry,
				),
			),
	},
	{
		code: "net.offline",
		by: "an address to which there is no network",
		wish: { dial: { address: "offline.fleet.test" } },
		channel: "offline",
		seen: DIALED,
		mend: () => names.set("offline.fleet.test", "127.0.0.1"),
	},
	{
		code: "tcp.refused",
		by: "an agent that is not running",
		channel: "reconnecting",
		seen: DIALED,
		before: ({ agent }) => agent.kill(),
		mend: ({ agent }) => agent.revive(),
	},
	{
		code: "tcp.timeout",
		by: "a port that swallows packets",
		wish: { dial: { port: full.port } },
		channel: "reconnecting",
		seen: DIALED,
		async mend({ agent }) {
			await full.close();
			(await standIn(() => {}, full.port)).mend(agent.port());
		},
	},
	{
		code: "tcp.reset",
		by: "a server that resets connections",
		...through(await standIn((socket) => socket.resetAndDestroy())),
		channel: "reconnecting",
		seen: DIALED,
	},
	{
		code: "tls.timeout",
		by: "an agent that swallows whom it does not list",
		...ofAgent({ kind: "whitelist", how: "hang" }),
		channel: "reconnecting",
		seen: DIALED,
	},
	{
		code: "tls.protocol",
		by: "a server that speaks plain HTTP",
		...through(await answering("HTTP/1.1 400 Bad Request\r\n\r\n")),
		channel: "reconnecting",
		seen: DIALED,
	},
	{
		code: "tls.protocol",
		by: "a server that has no TLS version in common with us",
		...through(await answering(alert(40))),
		channel: "reconnecting",
		seen: DIALED,
	},
	certificateRow("tls.server-expired", "expired"),
	certificateRow("tls.server-not-yet-valid", "not-yet-valid"),
	certificateRow("tls.name-mismatch", "wrong-name"),
	certificateRow("tls.name-mismatch", "no-san"),
	certificateRow("tls.self-signed", "self-signed"),
	certificateRow("tls.unknown-ca", "other-ca"),
	{
		code: "host.mismatch",
		by: "an address that leads to another host of the fleet",
		wish: { dial: { port: elsewhere.port } },
		channel: "blocked",
		seen: SHOWN,
		before: ({ world }) => elsewhere.mend(world.agent("neighbour").port()),
		mend: ({ agent }) => elsewhere.mend(agent.port()),
		retry: true,
		says: /^neighbour answered at this address: the certificate is for neighbour\.fleet\.test, not for /,
	},
	await alertRow("tls.client-required", 116, /and got none$/),
	await alertRow("tls.client-expired", 45, /agent says .* has expired/),
	await alertRow("tls.client-rejected", 42, /\(bad_certificate\)$/),
	await alertRow("tls.client-rejected", 44, /says .* is revoked/),
	await alertRow("tls.client-rejected", 48, /does not trust the authority/),
	{
		code: "tls.client-rejected",
		by: "an agent that does not know our authority, over TLS 1.3",
		...ofAgent({ kind: "client-refused" }),
		channel: "blocked",
		seen: SHOWN,
		retry: true,
	},
	{
		code: "tls.client-rejected",
		by: "an agent that has revoked our certificate, over TLS 1.3",
		...ofAgent({ kind: "client-refused", why: "revoked" }),
		channel: "blocked",
		seen: SHOWN,
		retry: true,
	},
	{
		code: "alpn.h2",
		by: "an agent that insists on HTTP/2",
		...ofAgent({ kind: "h2-only" }),
		channel: "polling",
		seen: DIALED,
		retry: true,
	},
	upgradeRow("proxy.refused", 407),
	upgradeRow("http.401", 401),
	upgradeRow("http.403", 403),
	upgradeRow("http.404", 404),
	upgradeRow("http.426", 426),
	upgradeRow("http.429", 429),
	upgradeRow("http.503", 503),
	upgradeRow("http.unexpected", 500),
	upgradeRow("ws.not-upgraded", 200),
	{
		code: "ws.accept-missing",
		by: "an agent that answers 101 without proof",
		...ofAgent({ kind: "stub-101" }),
		channel: "polling",
		seen: DIALED,
		retry: true,
	},
	{
		code: "ws.accept-wrong",
		by: "an agent that answers 101 with a wrong proof",
		...ofAgent({ kind: "wrong-accept" }),
		channel: "polling",
		seen: DIALED,
		retry: true,
	},
	{
		code: "ws.protocol-error",
		by: "an agent that says we broke the protocol",
		...ofAgent({ kind: "close", code: 1002 }),
		channel: "reconnecting",
		seen: CLOSED,
	},
	{
		code: "ws.too-big",
		by: "an agent that sends more than 1 MiB at once",
		...ofAgent({ kind: "frame", what: "oversize" }),
		channel: "polling",
		seen: CLOSED,
		retry: true,
	},
	{
		code: "ws.bad-frame",
		by: "an agent that sends broken JSON time and again",
		channel: "reconnecting",
		seen: ["firstBytes"],
		provoke({ agent }) {
			for (let n = 0; n < 5; n++) agent.push('{"event":');
		},
	},
	{
		code: "live.silent",
		by: "an agent that is mute after TLS",
		...ofAgent({ kind: "mute", after: "tls" }),
		channel: "reconnecting",
		seen: DIALED,
	},
	{
		code: "auth.failed",
		by: "an agent that refuses our answer to its challenge",
		...challenge("refuse"),
		channel: "blocked",
		seen: ["timingsMs"],
		retry: true,
	},
	{
		code: "auth.timeout",
		by: "an agent that never ends its challenge",
		...challenge("silent"),
		channel: "reconnecting",
		seen: ["timingsMs"],
	},
	{
		code: "agent.draining",
		by: "an agent that is being deployed",
		...ofAgent({ kind: "close", code: 1001, reason: "drain:deploy" }),
		channel: "reconnecting",
		seen: [...CLOSED, "closeReason"],
	},
	{
		code: "session.replaced",
		by: "an agent that gave our session to another console",
		...ofAgent({ kind: "close", code: 1000, reason: "replaced" }),
		channel: "reconnecting",
		seen: [...CLOSED, "closeReason"],
		retry: true,
	},
];

/** What came of one row. */
interface Outcome {
	readonly status: LinkStatus;
	readonly fault: Fault | null;
	/** When the cause was gone. */
	readonly after: LinkStatus;
	readonly faultAfter: Fault | null;
}
const outcomes = new Map<Row, Outcome | Error>();
const idOf = (row: Row): string => `host-${ROWS.indexOf(row)}`;
let world: World;

async function live(row: Row): Promise<Outcome> {
	const id = idOf(row);
	const at: Place = { id, world, agent: world.agent(id) };
	const link = () => {
		const member = world.console.fleet.member(hostId(id));
		if (member === undefined) throw new Error(`there is no ${id}`);
		return member.link;
	};
	if (row.provoke !== undefined) {
		await world.untilChannel(id, "live");
		row.provoke(at);
	}
	await world.untilChannel(id, row.channel, row.code);
	const { status } = link();
	const { fault } = link().history();
	await (row.mend === undefined ? at.agent.clearFault() : row.mend(at));
	if (row.retry === true) world.console.fleet.retry([hostId(id)]);
	await world.untilChannel(id, "live");
	return {
		status,
		fault,
		after: link().status,
		faultAfter: link().history().fault,
	};
}

beforeAll(async () => {
	world = await openWorld({
		hosts: [
			...ROWS.map((row) => ({ id: idOf(row), ...row.wish })),
			{ id: "neighbour" },
		],
		lookup: (name, family, done) =>
			(name === NO_LABEL ? lookupOnce : names.lookup)(name, family, done),
		before(agents) {
			const early = { agent: (id: string) => agents.get(id) } as World;
			for (const row of ROWS) {
				const agent = agents.get(idOf(row));
				if (agent !== undefined)
					row.before?.({ id: idOf(row), agent, world: early });
			}
		},
	});
	await Promise.all(
		ROWS.map(async (row) => {
			outcomes.set(
				row,
				await live(row).catch((error: unknown) => error as Error),
			);
		}),
	);
});
afterAll(async () => {
	await world.stop();
	for (const one of opened.reverse()) await one.close();
});

describe("each fault is named, explained, shown with evidence, and survived", () => {
	test.each(ROWS.map((row) => [row.code, row.by, row] as const))(
		"%s: %s",
		(code, _by, row) => {
			const outcome = outcomes.get(row);
			if (outcome === undefined || outcome instanceof Error) throw outcome;
			const { status, fault, after, faultAfter } = outcome;
			expect(status.sentence).toBeTruthy();
			expect(status.nextStep).toMatch(/\.$/);
			expect(status.sentence).toMatch(row.says ?? /./);
			expect(fault?.code).toBe(code);
			expect(fault?.retry).toBe(FAULTS[code].retry);
			expectEvidence(fault?.evidence ?? {}, row.seen);
			expect(after).toMatchObject({ channel: "live", fault: null });
			expect(faultAfter).toBeNull();
		},
	);

	/** By area of the code: the phases that were over when it failed. */
	const FINISHED: Readonly<Record<string, readonly string[]>> = {
		dns: [],
		tcp: [],
		tls: ["tcp"],
		alpn: ["tcp"],
		http: ["tcp", "tls"],
		auth: ["tcp", "tls", "greeting"],
	};
	test.each(Object.entries(FINISHED))(
		"C32: a failure of the layer %s is named after it, and its evidence says how far it came",
		(layer, phases) => {
			const faults = ROWS.filter(({ code }) => code.startsWith(`${layer}.`))
				.map((row) => outcomes.get(row))
				.map((outcome) => (outcome instanceof Error ? null : outcome?.fault));
			expect(faults.length).toBeGreaterThan(0);
			for (const fault of faults) {
				const { timingsMs = {} } = fault?.evidence ?? {};
				expect(Object.keys(timingsMs)).toEqual(
					expect.arrayContaining([...phases]),
				);
			}
		},
	);

	test("the neighbour of them all is live", () => {
		expect(world.link("neighbour").channel).toBe("live");
	});
});

function expectEvidence(
	evidence: Evidence,
	seen: readonly (keyof Evidence)[],
): void {
	expect(Object.keys(evidence)).toEqual(expect.arrayContaining([...seen]));
	if (seen.includes("causes"))
		expect(evidence.causes?.join(" "), "a cause").toMatch(/\w/);
	if (seen.includes("certificate"))
		expect(evidence.certificate).toMatchObject({
			subject: expect.stringMatching(/^CN=/),
			validFrom: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
			validTo: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
			fingerprint256: expect.stringMatching(/^([0-9A-F]{2}:){31}/),
		});
}
