// A name server on 127.0.0.1 that knows the names a test gives it and denies all others (RFC 1035), and a lookup that asks
// it: names that do not resolve, or resolve to something else than before, without a question leaving this machine.

import { createSocket } from "node:dgram";
import { Resolver } from "node:dns";
import type { Lookup } from "../core/transport/resolve.ts";

export interface NameServer {
	/** From now on the name is at this IPv4 address; null: there is no such name. */
	set(name: string, address: string | null): void;
	/** Asks this server, for every name. */
	readonly lookup: Lookup;
	close(): Promise<void>;
}

const HEADER_BYTES = 12;
const TYPE_A = 1;
/** Flags of an answer with recursion; the second says that there is no such name (RFC 1035 section 4.1.1). */
const FOUND = 0x8180;
const NO_SUCH_NAME = 0x8183;
/** The question's name (a pointer to it), type A, class IN, to be kept for 0 s, four bytes of address to follow. */
const RECORD = Buffer.from([0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);

/** Opens a name server that knows no name. */
export async function openNameServer(): Promise<NameServer> {
	const names = new Map<string, string>();
	const server = createSocket("udp4", (query, { port, address }) =>
		server.send(answer(query, names), port, address),
	);
	await new Promise<void>((bound) => server.bind(0, "127.0.0.1", bound));
	const resolver = new Resolver({ timeout: 5_000, tries: 1 });
	resolver.setServers([`127.0.0.1:${server.address().port}`]);
	return {
		set(name, address) {
			if (address === null) names.delete(name);
			else names.set(name, address);
		},
		lookup(name, family, done) {
			const told = (error: Error | null, found: string[] = []): void =>
				done(error, found[0] ?? "");
			if (family === 4) resolver.resolve4(name, told);
			else resolver.resolve6(name, told);
		},
		close: () => new Promise((closed) => server.close(() => closed())),
	};
}

function answer(query: Buffer, names: ReadonlyMap<string, string>): Buffer {
	const { name, end } = questionOf(query);
	const address = names.get(name);
	const reply = Buffer.from(query.subarray(0, end));
	reply.writeUInt16BE(address === undefined ? NO_SUCH_NAME : FOUND, 2);
	// No records but ours, whatever came with the question.
	reply.writeUInt32BE(0, 8);
	const isAnswered =
		address !== undefined && query.readUInt16BE(end - 4) === TYPE_A;
	reply.writeUInt16BE(isAnswered ? 1 : 0, 6);
	return isAnswered
		? Buffer.concat([
				reply,
				RECORD,
				Buffer.from(address.split(".").map(Number)),
			])
		: reply;
}

/** The name of the only question, and where its type and class end. */
function questionOf(query: Buffer): { name: string; end: number } {
	const labels: string[] = [];
	let at = HEADER_BYTES;
	for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
		labels.push(query.toString("latin1", at + 1, at + 1 + length));
		at += 1 + length;
	}
	return { name: labels.join(".").toLowerCase(), end: at + 5 };
}
