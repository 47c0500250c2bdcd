// Failure as a value. A Fault has a stable code that people grep and alert on, a sentence, what to do next, and retry
// advice. Every code Foredeck can say is in FAULTS, once; `docs/faults.md` is written from it.

/** What the code that met the fault should do: try again with back-off, ask over HTTPS instead, or wait for a person. */
export type Retry = "soon" | "poll" | "never";

interface FaultKind {
	readonly retry: Retry;
	/** One sentence for a person, without the host's name and without a full stop. */
	readonly sentence: string;
	/** What the person can do now, one sentence. */
	readonly nextStep: string;
}

const kind = (retry: Retry, sentence: string, nextStep: string): FaultKind => ({
	retry,
	sentence,
	nextStep,
});

/**
 * Every fault there is, by code (`area.reason`, kebab case, stable: a rename is a breaking change).
 * Areas up to `net` concern one host's link (03-BEHAVIOUR section 4); the others concern Foredeck's own input and doors.
 */
export const FAULTS = {
	"dns.not-found": kind(
		"soon",
		"the name does not resolve",
		"Check the address in the fleet file, and that the VPN’s DNS is in use.",
	),
	"tcp.refused": kind(
		"soon",
		"nothing listens on that port",
		"Check that the agent is running on the host and that the port is right.",
	),
	"tcp.timeout": kind(
		"soon",
		"no answer to the TCP connection in time",
		"Check the route, the firewall and the agent’s address allow list.",
	),
	"tcp.reset": kind(
		"soon",
		"the connection was cut without a goodbye",
		"If it repeats, look at the agent’s log and at anything between you and the host.",
	),
	"tls.timeout": kind(
		"soon",
		"TCP connected, but the TLS handshake did not finish in time",
		"The agent may be overloaded, or may drop addresses that are not on its allow list.",
	),
	"tls.server-expired": kind(
		"never",
		"the agent’s certificate has expired",
		"Renew the agent’s certificate on the host.",
	),
	"tls.server-not-yet-valid": kind(
		"never",
		"the agent’s certificate is not valid yet",
		"Check the clocks of this computer and of the host.",
	),
	"tls.name-mismatch": kind(
		"never",
		"the agent’s certificate is for another name",
		"Set the host’s servername to a name in its certificate, or issue the certificate for this name.",
	),
	"tls.unknown-ca": kind(
		"never",
		"the agent’s certificate was issued by an authority this profile does not trust",
		"Check that you reached the right host, and that the profile’s CA is the fleet’s.",
	),
	"tls.self-signed": kind(
		"never",
		"the agent’s certificate is self-signed",
		"Have the fleet’s authority issue the agent’s certificate, or trust exactly this one as the profile’s CA.",
	),
	"tls.server-revoked": kind(
		"never",
		"the agent’s certificate is revoked",
		"Issue a new certificate for the agent; if nobody knows why it was revoked, do not trust the host.",
	),
	"tls.revocation-unknown": kind(
		"never",
		"whether the agent’s certificate is revoked cannot be checked",
		"Put a current revocation list of every issuer into the profile’s CA file, or none at all.",
	),
	"tls.server-invalid": kind(
		"never",
		"the agent’s certificate is not fit for a server",
		"Issue the agent’s certificate anew: for servers, within its issuer’s constraints, with a strong key and SHA-256 or better.",
	),
	"tls.client-required": kind(
		"never",
		"the agent asks for a client certificate and got none",
		"Import an identity for this profile.",
	),
	"tls.client-expired": kind(
		"never",
		"your client certificate has expired",
		"Import a renewed identity for this profile.",
	),
	"tls.client-rejected": kind(
		"never",
		"the agent closed the connection right after TLS: the client certificate is not accepted or revoked, or this address is not on its allow list",
		"Check that the identity was issued by the fleet’s authority and is not revoked, and the agent’s allow list.",
	),
	"tls.protocol": kind(
		"soon",
		"the TLS handshake failed",
		"The evidence has the exact alert; a plain-HTTP port, a middlebox or an old TLS version are the usual causes.",
	),
	"alpn.h2": kind(
		"poll",
		"the peer insists on HTTP/2, which cannot carry the agent’s WebSocket",
		"Make the proxy or agent accept http/1.1 in ALPN.",
	),
	"proxy.refused": kind(
		"soon",
		"the proxy refused the tunnel",
		"Check HTTPS_PROXY, NO_PROXY and the proxy’s credentials.",
	),
	"http.401": kind(
		"never",
		"the agent answered 401: not authenticated",
		"Check the identity of this profile.",
	),
	"http.403": kind(
		"never",
		"the agent answered 403: not allowed",
		"Check the agent’s allow list and the rights of this identity.",
	),
	"http.404": kind(
		"poll",
		"the agent has no live stream at this address",
		"An older agent: its jobs are polled. Nothing to do.",
	),
	"http.426": kind(
		"never",
		"the agent demands another protocol version",
		"Update Foredeck or the agent.",
	),
	"http.429": kind(
		"soon",
		"the agent asks to slow down",
		"Nothing to do: Foredeck waits as long as the agent asked.",
	),
	"http.503": kind(
		"soon",
		"the agent is not ready yet",
		"Nothing to do: Foredeck waits as long as the agent asked.",
	),
	"http.unexpected": kind(
		"poll",
		"something answered, but not like an agent",
		"A proxy or captive portal may be in between; the evidence has the first bytes of the answer.",
	),
	"ws.accept-missing": kind(
		"poll",
		"the agent answered the upgrade without Sec-WebSocket-Accept; live stream not available",
		"An old agent: its jobs are polled. Update the agent for a live stream.",
	),
	"ws.accept-wrong": kind(
		"poll",
		"the answer to the upgrade carries a wrong Sec-WebSocket-Accept",
		"A proxy that does not understand WebSockets is the usual cause.",
	),
	"ws.not-upgraded": kind(
		"poll",
		"the agent answered the upgrade like a plain request",
		"An old agent or a proxy that drops the Upgrade header; its jobs are polled.",
	),
	"ws.protocol-error": kind(
		"soon",
		"the agent broke the WebSocket protocol",
		"If it repeats, something between you and the host alters the stream.",
	),
	"ws.too-big": kind(
		"poll",
		"a message larger than 1 MiB",
		"The host is polled instead; look at what the agent logs.",
	),
	"ws.bad-frame": kind(
		"soon",
		"the agent sent messages Foredeck cannot read",
		"Check that the agent’s version is supported; the evidence has the first bytes.",
	),
	"live.silent": kind(
		"soon",
		"the socket was open but silent, and a ping was not answered",
		"Nothing to do at first: Foredeck reconnects. If it repeats, the host or the network is stuck.",
	),
	"auth.failed": kind(
		"never",
		"the agent refused our answer to its challenge",
		"Check the identity of this profile and the host’s servername.",
	),
	"auth.timeout": kind(
		"soon",
		"the challenge was not completed in time",
		"The agent may be overloaded; Foredeck tries again.",
	),
	"agent.draining": kind(
		"soon",
		"the agent is being stopped or deployed",
		"Nothing to do: Foredeck reconnects when it is back.",
	),
	"agent.restarted": kind(
		"soon",
		"the agent restarted",
		"Nothing to do: its jobs are read again.",
	),
	"session.replaced": kind(
		"soon",
		"another console took over this identity’s session",
		"Close the other console, or use an identity of your own.",
	),
	"vault.locked": kind(
		"never",
		"the keychain is locked",
		"Unlock the keychain, then try again.",
	),
	"vault.missing": kind(
		"never",
		"there is no keychain on this computer",
		"Start a Secret Service, or give --cert, --key and --ca for this run only.",
	),
	"vault.damaged": kind(
		"never",
		"the identity in the keychain cannot be read",
		"Nothing was removed. Import the identity again from its files: foredeck identity import.",
	),
	"vault.refused": kind(
		"never",
		"the keychain refuses what Foredeck asks of it",
		"Look at the keychain’s own program; what was stored before is still there.",
	),
	"identity.absent": kind(
		"never",
		"this profile has no identity to connect with",
		"Give --cert, --key and --ca, or import an identity.",
	),
	"host.mismatch": kind(
		"never",
		"another host answered at this address",
		"Check the address and servername in the fleet file.",
	),
	"net.offline": kind(
		"soon",
		"this computer has no network",
		"Connect to a network; Foredeck goes on by itself.",
	),

	"identity.unreadable": kind(
		"never",
		"the certificate, key or CA file cannot be read",
		"Check the path and that the file is PEM.",
	),
	"identity.mismatch": kind(
		"never",
		"the key does not belong to the certificate",
		"Give the key that was made for this certificate.",
	),
	"identity.passphrase": kind(
		"never",
		"the key is encrypted and the passphrase is missing or wrong",
		"Give the right one in FOREDECK_PASSPHRASE.",
	),
	"identity.invalid": kind(
		"never",
		"the identity cannot be used",
		"See the sentence for what is wrong with it.",
	),
	"profile.invalid": kind(
		"never",
		"that cannot be the name of a profile",
		"Take 1 to 64 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit.",
	),
	"fleet.unreadable": kind(
		"never",
		"the fleet file cannot be read",
		"Check the path and the permissions.",
	),
	"fleet.invalid": kind(
		"never",
		"the fleet file is not valid",
		"Mend the places named; nothing was loaded.",
	),
	"history.broken": kind(
		"never",
		"the history is damaged",
		"It was set aside, and a new one was begun. Everything works, without what was before.",
	),
	"history.newer": kind(
		"never",
		"the history was written by a later Foredeck",
		"Start that one, or move the file away. Until then nothing is kept, and everything else works.",
	),
	"history.refused": kind(
		"soon",
		"the history cannot be kept",
		"Check the folder, its permissions and the free space. Everything else works.",
	),
	"faults.invalid": kind(
		"never",
		"the faults file is not valid",
		"Mend the places named; see docs/demo.md for the switches.",
	),
	"input.invalid": kind(
		"never",
		"an option has a value that cannot be used",
		"See foredeck --help.",
	),
	"port.in-use": kind(
		"never",
		"the port is in use",
		"Choose another with --port, or 0 for any free one.",
	),
	"limits.files": kind(
		"never",
		"this process may not open enough files for that many connections",
		"Raise the limit: ulimit -n.",
	),
	"build.missing": kind(
		"never",
		"Foredeck is not built yet",
		"Run npm run build.",
	),
	"electron.missing": kind(
		"never",
		"the Electron program is not installed and cannot be downloaded here",
		"Run npx foredeck serve for the same console in a browser.",
	),
	"display.missing": kind(
		"never",
		"there is no display to show a window on",
		"Run npx foredeck serve for the same console in a browser.",
	),
	"sender.refused": kind(
		"never",
		"a message from a sender that is not Foredeck’s own window",
		"Nothing to do; it was refused and counted.",
	),
	"contract.unknown": kind(
		"never",
		"the message names a command this core does not have",
		"Reload the window: core and window are of different versions.",
	),
	"contract.mismatch": kind(
		"never",
		"core and window disagree on the shape of a message",
		"Reload the window; if it repeats, report it with both versions.",
	),
	"contract.too-big": kind(
		"never",
		"a message larger than the agreed limit",
		"Report it; the message was dropped.",
	),
	"window.too-fast": kind(
		"soon",
		"the window asked for this more often than a person would",
		"Wait a few seconds and try again; if it comes without a click, reload the window and report it.",
	),
	"pipe.closed": kind(
		"soon",
		"the connection between window and core is closed",
		"Nothing to do: the window reconnects.",
	),
	"host.unknown": kind(
		"never",
		"there is no such host in this fleet",
		"Check the host’s id.",
	),
	"run.unknown": kind(
		"never",
		"there is no such run",
		"It may have been forgotten by the agent.",
	),
	"update.refused": kind(
		"never",
		"an update was offered that Foredeck does not accept",
		"Nothing was installed. Tell who publishes Foredeck, and install a release by hand if one is needed.",
	),
	"update.failed": kind(
		"soon",
		"the update could not be fetched",
		"Nothing was installed. It is tried again within six hours.",
	),
	"settings.broken": kind(
		"never",
		"the settings could not be read and were set aside",
		"Defaults are in use. Set what you need in Settings; the old file lies beside it, its name ending in .broken.",
	),
	"settings.unwritable": kind(
		"never",
		"the change is in use, but could not be written",
		"Free some space or mend the folder’s permissions, and change it again; otherwise it ends with this run.",
	),
	"internal.bug": kind(
		"soon",
		"something went wrong inside Foredeck",
		"Please report it with the log.",
	),
} as const satisfies Record<string, FaultKind>;

/** The name of a fault; one of the keys of FAULTS. */
export type FaultCode = keyof typeof FAULTS;

/** Every fault code, in the order of the documentation. */
export const FAULT_CODES = Object.keys(FAULTS) as [FaultCode, ...FaultCode[]];

/** What was seen, for a person who wants to know more. Never holds key material. Each text is bounded by who makes it. */
export interface Evidence {
	/** From the outermost error to the root, each `CODE: message`. */
	readonly causes?: readonly string[];
	/** Milliseconds each finished phase took: dns, tcp, tls, upgrade, greeting. */
	readonly timingsMs?: Readonly<Record<string, number>>;
	/** The peer's certificate as far as it was seen. */
	readonly certificate?: {
		readonly subject: string;
		readonly issuer: string;
		readonly names: readonly string[];
		readonly validFrom: string;
		readonly validTo: string;
		readonly fingerprint256: string;
	};
	/** HTTP status of an unexpected answer. */
	readonly httpStatus?: number;
	/** The first bytes of an unexpected answer, control characters escaped, at most 200 characters. */
	readonly firstBytes?: string;
	/** WebSocket close code and reason (RFC 6455 section 7.4). */
	readonly closeCode?: number;
	readonly closeReason?: string;
	/** Anything else worth saying, one short sentence each. */
	readonly notes?: readonly string[];
}

/** A named failure. `code` is stable; `sentence` and `nextStep` are for people; `retry` is for the link machine. */
export interface Fault {
	readonly code: FaultCode;
	readonly sentence: string;
	readonly nextStep: string;
	readonly retry: Retry;
	/** Wait at least this long before the next attempt: the peer's Retry-After. */
	readonly retryAfterMs?: number;
	readonly evidence?: Evidence;
}

/** What may be said beyond the table's words when a fault is made. */
export interface FaultDetail {
	/** Replaces the table's sentence where the case allows a more precise one. */
	readonly sentence?: string;
	readonly nextStep?: string;
	readonly retry?: Retry;
	readonly retryAfterMs?: number;
	readonly evidence?: Evidence;
}

/** Makes a fault of the table's words; `detail` overrides where the case is known more precisely. */
export function fault(code: FaultCode, detail: FaultDetail = {}): Fault {
	const { retry, sentence, nextStep } = FAULTS[code];
	return { code, sentence, nextStep, retry, ...detail };
}

/** Success with a value, or a fault. */
export type Result<T> =
	| { readonly ok: true; readonly value: T }
	| { readonly ok: false; readonly fault: Fault };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const failed = (why: Fault): Result<never> => ({
	ok: false,
	fault: why,
});

/** A Fault on its way through a `throw`, for the few places that cannot return a Result. */
export class FaultError extends Error {
	readonly fault: Fault;
	constructor(why: Fault) {
		super(why.sentence);
		this.name = "FaultError";
		this.fault = why;
	}
}

/** For the default branch of an exhaustive switch: a type error when a case is missing, a bug when it is reached. */
export function unreachable(value: never): never {
	throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
