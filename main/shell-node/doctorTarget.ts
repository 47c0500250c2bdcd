// Reads the HOST of `foredeck doctor`: a name or an address with or without a port, or the id of a host of the fleet file.
// Pure but for the fleet file; says precisely why a text is no host.
import { isIP } from "node:net";
import type { Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";
import { hostId } from "../../shared/model.ts";
import { openFleetFile } from "../core/fleet/openFleetFile.ts";
import type { HostEntry } from "../core/fleet/target.ts";

/** What a person gave. */
export interface DoctorChoice {
	readonly host: string;
	/** The name its certificate must be for; overrides the fleet file's. */
	readonly servername?: string | undefined;
	readonly fleet?: string | undefined;
	readonly profile?: string | undefined;
	readonly data?: string | undefined;
}

/** The host that is meant, and whether a fleet file has it. */
export interface DoctorTarget {
	readonly entry: HostEntry;
	readonly inFleet: boolean;
	/** All hosts of the fleet file; none without one. */
	readonly fleet: readonly HostEntry[];
}

/** A host's address, and its port where one was given. */
export interface HostAndPort {
	readonly address: string;
	readonly port: number | null;
}

/** The agents' default port (02-AGENT-PROTOCOL section 1.1). */
const DEFAULT_PORT = 12443;

/**
 * The host that is meant: by its id in the fleet file, else by an address that the file has (so that its servername is
 * known), else as given. Without `fleet` the profile's file is used where it can be read.
 * @returns `input.invalid` for what is no host, and the faults of a fleet file that was named.
 */
export function doctorTarget(choice: DoctorChoice): Result<DoctorTarget> {
	const { host, servername, fleet } = choice;
	const inventory = openFleetFile(choice, null);
	if (!inventory.ok && fleet !== undefined) return inventory;
	const hosts = inventory.ok ? (inventory.value?.hosts ?? []) : [];
	const found = (entry: HostEntry, inFleet: boolean): Result<DoctorTarget> =>
		ok({
			entry: servername === undefined ? entry : { ...entry, servername },
			inFleet,
			fleet: hosts,
		});
	const byId = hosts.find(({ id }) => id === host);
	if (byId !== undefined) return found(byId, true);
	const read = readHost(host);
	if (!read.ok) return read;
	const { address, port } = read.value;
	const known = hosts.find(
		(entry) =>
			entry.address === address && (port === null || entry.port === port),
	);
	if (known !== undefined) return found(known, true);
	return found(
		{
			id: hostId(address),
			address,
			port: port ?? DEFAULT_PORT,
			servername: address,
			minTls: "1.2",
			labels: {},
		},
		false,
	);
}

/** `HOST`, `HOST:PORT`, an IPv6 address bare or in brackets with or without a port. `input.invalid` for anything else. */
export function readHost(text: string): Result<HostAndPort> {
	const problem = problemOf(text);
	if (problem !== null) return refuse(text, problem);
	if (isIP(text) === 6) return ok({ address: text, port: null });
	const bracketed = /^\[(.*)\](?::(.*))?$/.exec(text);
	if (bracketed !== null) {
		const [, address = "", port] = bracketed;
		return isIP(address) === 6
			? withPort(text, address, port)
			: refuse(text, "has no IPv6 address in its brackets");
	}
	const [address = "", port, ...more] = text.split(":");
	if (more.length > 0)
		return refuse(text, "has too many colons and is no IPv6 address");
	if (isIP(address) === 0) {
		if (/^[\d.]+$/.test(address))
			return refuse(text, "is not a whole IPv4 address");
		if (!NAME.test(address))
			return refuse(text, "is neither a name nor an IP address");
	}
	return withPort(text, address, port);
}

const NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*\.?$/i;

function problemOf(text: string): string | null {
	if (text === "") return "is empty";
	// As long as a name may be, with brackets and a port.
	if (text.length > 261) return "is longer than a name may be";
	if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
		return "is a URL; give HOST or HOST:PORT";
	if (/\/\d+$/.test(text))
		return "has a CIDR suffix; give the address of one host";
	return text.includes("/") ? "holds a slash; give HOST or HOST:PORT" : null;
}

function withPort(
	text: string,
	address: string,
	port: string | undefined,
): Result<HostAndPort> {
	if (port === undefined) return ok({ address, port: null });
	const number = Number(port);
	return /^\d{1,5}$/.test(port) && number >= 1 && number <= 65_535
		? ok({ address, port: number })
		: refuse(text, "has a port that is not a number from 1 to 65535");
}

const refuse = (text: string, why: string): Result<never> =>
	failed(
		fault("input.invalid", {
			sentence: `${JSON.stringify(text.slice(0, 80))} ${why}`,
			nextStep: "Give HOST, HOST:PORT, [IPv6]:PORT or an id of the fleet file.",
		}),
	);
