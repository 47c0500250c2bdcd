// Which certificate an agent shows, whose clients it takes and which protocols it speaks: the right ones, or those that
// a switch asks for. Issues what is needed when it is needed first.
import { createAuthority, type Issued } from "./authority.ts";
import type { DialectFacts } from "./dialect.ts";
import type { FaultSet } from "./faultSet.ts";
import type { FaultOf } from "./faults.ts";
import type { DoorPlate } from "./listener.ts";
import type { AgentWorld } from "./world.ts";

const DAY_MS = 86_400_000;

export interface Plates {
	current(): DoorPlate;
	/** A switch changed. */
	refresh(): void;
}

export function createPlates(
	world: AgentWorld,
	servername: string,
	facts: DialectFacts,
	faults: FaultSet,
): Plates {
	const right: Issued = world.authority.issueServer({
		names: [servername],
		ips: ["127.0.0.1", "::1"],
	});
	let plate: DoorPlate | undefined;
	const make = (): DoorPlate => {
		const problem = faults.get("certificate")?.problem;
		const { certPem, keyPem } =
			problem === undefined ? right : wrong(world, servername, problem);
		const refused = faults.get("client-refused");
		const revoked = refused?.why === "revoked";
		return {
			certPem,
			keyPem,
			caPem: refused && !revoked ? foreign(world).caPem : world.authority.caPem,
			...(revoked
				? { crlPem: world.authority.issueCrl(world.clientSerials) }
				: {}),
			minTls: facts.minTls,
			alpn: faults.get("h2-only")
				? ["h2"]
				: faults.get("h2-first")
					? ["h2", "http/1.1"]
					: facts.alpn,
		};
	};
	return {
		current() {
			plate ??= make();
			return plate;
		},
		refresh() {
			plate = undefined;
		},
	};
}

const foreign = (world: AgentWorld) =>
	createAuthority({ clock: world.clock, commonName: "Some other authority" });

function wrong(
	world: AgentWorld,
	servername: string,
	problem: FaultOf<"certificate">["problem"],
): Issued {
	const names = [servername];
	const ips = ["127.0.0.1", "::1"];
	const now = world.clock.wallMs();
	const { issueServer } = world.authority;
	switch (problem) {
		case "expired":
			return issueServer({
				names,
				ips,
				validFrom: now - 366 * DAY_MS,
				validTo: now - DAY_MS,
			});
		case "not-yet-valid":
			return issueServer({
				names,
				ips,
				validFrom: now + DAY_MS,
				validTo: now + 366 * DAY_MS,
			});
		case "wrong-name":
			return issueServer({ names: ["somebody-else.fleet.test"] });
		case "no-san":
			return issueServer({ commonName: "linux-patch-api" });
		case "self-signed":
			return issueServer({ names, ips, selfSigned: true });
		case "other-ca":
			return foreign(world).issueServer({ names, ips });
	}
}
