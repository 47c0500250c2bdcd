// What a handshake says about the layers dns, tcp, tls, certificate and alpn: which of them work, which one is to blame,
// and how long the two certificates last. It is given what was seen and looks at nothing itself.
import type { DiagnosisEvidence, Layer } from "../../../shared/diagnosis.ts";
import { LAYERS } from "../../../shared/diagnosis.ts";
import type { Fault, FaultCode } from "../../../shared/fault.ts";
import type { IdentityFacts } from "../ports.ts";
import { authority } from "../transport/httpFacts.ts";
import type { PeerCertificate } from "../transport/peerCertificate.ts";
import type { Phase, ProxyFacts, Target } from "../transport/transport.ts";
import type { Chart } from "./chart.ts";
import type { Broken, Established } from "./handshake.ts";

/** What is known beside the handshake itself. */
export interface Surroundings {
	readonly target: Target;
	/** The IP address that was dialed, the proxy's where there is one; null: the name did not resolve. */
	readonly address: string | null;
	/** Ours towards it; null: no route. */
	readonly from: string | null;
	/** Of our certificate; null: there is none to show. */
	readonly identity: IdentityFacts | null;
	readonly wallMs: number;
	/** On the way; null: directly to the host. */
	readonly proxy: ProxyFacts | null;
}

/** Below this many days a certificate is warned of: renewals need people. */
export const DAYS_WARNED = 30;
const DAY_MS = 86_400_000;

/** Faults whose layer is not the phase they were met in. */
const CERTIFICATE_FAULTS: ReadonlySet<FaultCode> = new Set<FaultCode>([
	"tls.server-expired",
	"tls.server-not-yet-valid",
	"tls.name-mismatch",
	"tls.unknown-ca",
	"tls.self-signed",
	"tls.server-revoked",
	"tls.revocation-unknown",
	"tls.server-invalid",
	"tls.client-required",
	"tls.client-expired",
	"tls.client-rejected",
	"host.mismatch",
	"identity.absent",
	"identity.mismatch",
	"identity.invalid",
	"vault.locked",
	"vault.missing",
	"vault.damaged",
	"vault.refused",
	"profile.invalid",
]);
const PHASE_LAYERS: Readonly<Record<Phase, Layer>> = {
	dns: "dns",
	tcp: "tcp",
	proxy: "proxy",
	tls: "tls",
	// The handshake was done and taken back: that is the verdict on a certificate.
	upgrade: "certificate",
	greeting: "certificate",
	live: "certificate",
	request: "certificate",
};

/** The layer of a fault of the handshake. */
export const layerOf = (code: FaultCode, phase: Phase): Layer => {
	if (CERTIFICATE_FAULTS.has(code)) return "certificate";
	return code === "alpn.h2" ? "alpn" : PHASE_LAYERS[phase];
};

/** Tells the five layers of a handshake that was done. */
export function tellEstablished(
	chart: Chart,
	seen: Established,
	around: Surroundings,
): void {
	tellRoute(chart, "tls", seen.timingsMs, around);
	chart.works("tls", {
		ms: seen.timingsMs.tls ?? null,
		sentence: `${seen.protocol}, ${seen.cipher}`,
		evidence: { protocol: seen.protocol, cipher: seen.cipher },
	});
	chart.works("certificate", certificateFinding(seen, around));
	chart.works("alpn", {
		ms: null,
		sentence:
			seen.alpn === false
				? "the agent has no ALPN, so HTTP/1.1 is spoken"
				: "http/1.1 is agreed on",
		evidence: { negotiated: seen.alpn === false ? "none" : seen.alpn },
	});
}

/** Tells the layers before the fault's, then the fault. `why` may be another one than the handshake's own: no identity. */
export function tellBroken(
	chart: Chart,
	{ failure, tookMs }: Broken,
	why: Fault,
	around: Surroundings,
): void {
	const { timingsMs, certificate, secureForMs } = failure;
	const layer = layerOf(why.code, failure.phase);
	const finished = Object.values(timingsMs).reduce((sum, ms) => sum + ms, 0);
	tellRoute(chart, layer, timingsMs, around);
	for (const before of LAYERS.slice(ROUTE.length, LAYERS.indexOf(layer))) {
		if (before === "tls")
			chart.works("tls", {
				ms: timingsMs.tls ?? null,
				sentence:
					secureForMs === null
						? "the agent answers the handshake"
						: "the handshake was completed",
			});
		else chart.skip(before, "not told: the handshake ended over a later layer");
	}
	chart.fails(layer, why, Math.max(0, tookMs - finished), {
		...(certificate === null || certificate === undefined
			? {}
			: certificateEvidence(certificate, null, around.wallMs)),
		...(ROUTE.includes(layer) ? routeEvidence(around) : {}),
		...(layer === "tls" || layer === "certificate"
			? { ...ourAddress(around), ...identityEvidence(around) }
			: {}),
	});
}

/** Where nobody has heard of TLS yet. */
const ROUTE: readonly Layer[] = ["dns", "tcp", "proxy"];

/** dns, tcp and proxy, as far as they come before `until`. */
function tellRoute(
	chart: Chart,
	until: Layer,
	timingsMs: Readonly<Record<string, number>>,
	around: Surroundings,
): void {
	const { target, address, proxy } = around;
	if (until === "dns") return;
	const literal = timingsMs.dns === undefined;
	const asked = proxy === null ? target.address : `the proxy ${proxy.place}`;
	chart.works("dns", {
		ms: timingsMs.dns ?? null,
		sentence: literal
			? `${asked} is an address: nothing to resolve`
			: `${asked} is ${address ?? "resolved"}`,
		evidence: literal || address === null ? {} : { address },
	});
	if (until === "tcp") return;
	chart.works("tcp", {
		ms: timingsMs.tcp ?? null,
		sentence:
			proxy === null
				? `connected to port ${target.port}`
				: `connected to the proxy ${proxy.place}`,
		evidence: routeEvidence(around),
	});
	if (until === "proxy") return;
	chart.works("proxy", {
		ms: timingsMs.proxy ?? null,
		sentence:
			proxy === null
				? "none: the host is reached directly"
				: `${proxy.place} made a tunnel to ${authority(target.address, target.port)}`,
		evidence: proxyEvidence(around),
	});
}

const routeEvidence = (around: Surroundings): DiagnosisEvidence => ({
	...(around.address === null ? {} : { address: around.address }),
	...(around.proxy === null ? { port: around.target.port } : {}),
	...proxyEvidence(around),
	...ourAddress(around),
});

const proxyEvidence = ({ proxy }: Surroundings): DiagnosisEvidence =>
	proxy === null ? {} : { proxy: proxy.place, proxy_from: proxy.source };

const ourAddress = ({ from }: Surroundings): DiagnosisEvidence =>
	from === null ? {} : { our_address: from };

function certificateFinding(
	{ certificate, key, quietMs, looks }: Established,
	around: Surroundings,
): Parameters<Chart["works"]>[1] {
	const warnings: string[] = [];
	const days =
		certificate === null ? null : daysLeft(certificate, around.wallMs);
	if (days !== null && days < DAYS_WARNED)
		warnings.push(`it expires in ${daysText(days)}`);
	const { identity } = around;
	if (identity !== null) {
		const ours = daysUntil(identity.expiresAt, around.wallMs);
		if (ours < DAYS_WARNED)
			warnings.push(`your own certificate expires in ${daysText(ours)}`);
	}
	if (looks > 1)
		warnings.push(
			"the agent closed the first connection right after TLS and took the second",
		);
	return {
		ms: quietMs,
		sentence: `the agent’s certificate is for ${around.target.servername}${days === null ? "" : `, valid for ${daysText(days)}`}, and yours was not refused`,
		evidence: {
			...(certificate === null
				? {}
				: certificateEvidence(certificate, key, around.wallMs)),
			...identityEvidence(around),
		},
		warnings,
	};
}

const daysUntil = (atMs: number, wallMs: number): number =>
	Math.floor((atMs - wallMs) / DAY_MS);
const daysLeft = (
	{ validTo }: PeerCertificate,
	wallMs: number,
): number | null => {
	const at = Date.parse(validTo);
	return Number.isNaN(at) ? null : daysUntil(at, wallMs);
};
const daysText = (days: number): string =>
	`${days} ${days === 1 ? "day" : "days"}`;

function certificateEvidence(
	certificate: PeerCertificate,
	key: string | null,
	wallMs: number,
): DiagnosisEvidence {
	const days = daysLeft(certificate, wallMs);
	return {
		subject: certificate.subject,
		issuer: certificate.issuer,
		names: [...certificate.names],
		valid_from: certificate.validFrom,
		valid_to: certificate.validTo,
		...(days === null ? {} : { days_left: days }),
		...(key === null ? {} : { key }),
		fingerprint_256: certificate.fingerprint256,
	};
}

/** Of our own certificate what an administrator needs to find it. */
function identityEvidence({
	identity,
	wallMs,
}: Surroundings): DiagnosisEvidence {
	if (identity === null) return {};
	return {
		client_subject: identity.subject,
		client_issuer: identity.issuer,
		client_valid_to: new Date(identity.expiresAt).toISOString(),
		client_days_left: daysUntil(identity.expiresAt, wallMs),
		client_fingerprint_256: identity.fingerprint256,
	};
}

/** Faults by which an agent may say that it does not know us, without saying so. */
const UNSPOKEN: ReadonlySet<FaultCode> = new Set<FaultCode>([
	"tcp.timeout",
	"tls.timeout",
	"tls.client-rejected",
	"http.403",
]);

/** The fault with the facts that its next step needs: which address and which certificate the agent was shown. */
export function advised(why: Fault, around: Surroundings): Fault {
	const cutInTls = why.code === "tcp.reset";
	if (!UNSPOKEN.has(why.code) && !cutInTls) return why;
	const { from, identity, wallMs, proxy } = around;
	const facts = [
		from === null
			? null
			: proxy === null
				? `this computer’s address is ${from}`
				: `the agent sees the address of the proxy ${proxy.place}, not ${from}`,
		identity === null
			? null
			: `your certificate is ${identity.subject}, valid for ${daysText(daysUntil(identity.expiresAt, wallMs))}`,
	].filter((fact) => fact !== null);
	if (facts.length === 0) return why;
	const look = cutInTls
		? "If it repeats, look at the agent’s allow list and log, and at anything between you and the host"
		: why.nextStep.replace(/\.$/, "");
	return { ...why, nextStep: `${look}: ${facts.join("; ")}.` };
}
