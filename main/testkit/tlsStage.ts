// What tests of real mTLS connections start from: one authority, an agent's and a console's certificate, and peers and
// proxies that are closed after each test.
import { systemClock } from "../../shared/clock.ts";
import type { HostId } from "../../shared/model.ts";
import {
	openTlsContexts,
	type TlsContexts,
} from "../core/transport/tlsContext.ts";
import type { Target } from "../core/transport/transport.ts";
import {
	createTestAuthority,
	type Issued,
	identityOf,
	type TestAuthority,
} from "./certificates.ts";
import { type FaultProxy, openFaultProxy } from "./faultProxy.ts";
import { openRawPeer, type RawPeer, type RawPeerWish } from "./rawPeer.ts";

/** The name in the agent's certificate. */
export const AGENT_NAME = "agent.fleet.test";

export interface TlsStage {
	readonly authority: TestAuthority;
	/** For AGENT_NAME and 127.0.0.1. */
	readonly server: Issued;
	/** `CN=console`. */
	readonly client: Issued;
	/** Of the console. */
	readonly contexts: TlsContexts;
	/** A peer that demands a client certificate, unless wished otherwise. */
	peer(wish?: Partial<RawPeerWish>): Promise<RawPeer>;
	proxy(peer: RawPeer): Promise<FaultProxy>;
	target(port: number, more?: Partial<Target>): Target;
	/** Run by `close`, last one first. */
	later(close: () => unknown): void;
	/** For `afterEach`. */
	close(): Promise<void>;
}

export function openTlsStage(): TlsStage {
	const authority = createTestAuthority();
	const server = authority.issue({ names: [AGENT_NAME], ips: ["127.0.0.1"] });
	const client = authority.issue({ commonName: "console", purpose: "client" });
	const closing: (() => unknown)[] = [];
	return {
		authority,
		server,
		client,
		contexts: openTlsContexts(identityOf(client, authority.certPem)),
		async peer(wish = {}) {
			const peer = await openRawPeer({
				identity: server,
				clientCa: authority.certPem,
				...wish,
			});
			closing.push(peer.close);
			return peer;
		},
		async proxy(peer) {
			const proxy = await openFaultProxy(peer.port, systemClock());
			closing.push(proxy.close);
			return proxy;
		},
		target: (port, more = {}) => ({
			hostId: `h-${port}` as HostId,
			address: "127.0.0.1",
			port,
			servername: AGENT_NAME,
			minTls: "1.2",
			...more,
		}),
		later: (close) => closing.push(close),
		async close() {
			for (const close of closing.splice(0).reverse()) await close();
		},
	};
}
