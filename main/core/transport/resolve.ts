// Names to addresses, in the order that agents need. It caches nothing and has no deadline of its own.
import { lookup as systemLookup } from "node:dns";

/** Resolves a name to one address of a family, like `dns.lookup`; told later, never before it returned. */
export type Lookup = (
	name: string,
	family: 4 | 6,
	done: (error: Error | null, address: string) => void,
) => void;

/** The system's resolver. */
export const lookupOnce: Lookup = (name, family, done) => {
	systemLookup(name, { family }, done);
};

/** IPv4 first, because the agents listen on IPv4 only and a host with an AAAA record would be refused; IPv6 when the name has no A record. */
export function resolve(
	address: string,
	lookup: Lookup,
	done: (error: Error | null, address: string) => void,
): void {
	lookup(address, 4, (error, found) => {
		const code = error !== null && "code" in error ? error.code : null;
		if (error === null) done(null, found);
		else if (code !== "ENOTFOUND" && code !== "ENODATA") done(error, "");
		else
			lookup(address, 6, (error6, found6) =>
				error6 === null ? done(null, found6) : done(error, ""),
			);
	});
}
