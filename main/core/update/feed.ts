// Where updates come from, as the installed app-update.yml says it, and the bounded reading of the two small files that the
// gate judges. Redirects are an error: the answer has to come from the host that was built in.
import { parse } from "yaml";
import { z } from "zod";
import type { Result } from "../../../shared/fault.ts";
import { failed, ok } from "../../../shared/fault.ts";
import { updateFailed } from "./gate.ts";
import type { UpdateChannel } from "./manifest.ts";
import {
	MANIFEST_MOST_BYTES,
	manifestName,
	SIGNATURE_MOST_BYTES,
	signatureName,
} from "./manifest.ts";

export interface Feed {
	/** Folder of the feed, ends with a slash. */
	readonly base: string;
	/** Full names of the publisher's certificate; empty where the file names none. */
	readonly publishers: readonly string[];
}

const feedSchema = z.object({
	provider: z.literal("generic"),
	url: z.url(),
	publisherName: z
		.union([z.string(), z.array(z.string())])
		.optional()
		.transform((given) => (given === undefined ? [] : [given].flat())),
});

/**
 * Reads app-update.yml. https only; plain http is for tests, on loopback and with a port, where `allowLoopback` says so.
 * @returns null when this is no feed that may be used.
 */
export function readFeed(text: string, allowLoopback = false): Feed | null {
	let yaml: unknown;
	try {
		yaml = parse(text);
	} catch {
		return null;
	}
	const parsed = feedSchema.safeParse(yaml);
	if (!parsed.success) return null;
	const url = new URL(parsed.data.url);
	const isLoopback =
		url.protocol === "http:" && url.hostname === "127.0.0.1" && url.port !== "";
	if (url.protocol !== "https:" && !(allowLoopback && isLoopback)) return null;
	if (url.username !== "" || url.search !== "" || url.hash !== "") return null;
	return {
		base: url.href.endsWith("/") ? url.href : `${url.href}/`,
		publishers: parsed.data.publisherName,
	};
}

/** As much of the web's `fetch` as is needed; Electron's follows the system's proxies. */
export type Fetch = (
	url: string,
	options: { redirect: "error"; signal: AbortSignal; cache: "no-store" },
) => Promise<Response>;

/** The manifest of a channel and its signature, as received. */
export interface SignedManifest {
	readonly bytes: Uint8Array;
	readonly signature: Uint8Array;
}

/** Fault: `update.failed`. `signal` ends it when it takes too long. */
export async function fetchManifest(
	fetch: Fetch,
	{ base }: Feed,
	channel: UpdateChannel,
	signal: AbortSignal,
): Promise<Result<SignedManifest>> {
	const read = (name: string, mostBytes: number) =>
		readBounded(fetch, `${base}${name}`, mostBytes, signal);
	try {
		const [bytes, signature] = await Promise.all([
			read(manifestName(channel), MANIFEST_MOST_BYTES),
			read(signatureName(channel), SIGNATURE_MOST_BYTES),
		]);
		return ok({ bytes, signature });
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		return failed(
			updateFailed(`the update feed cannot be read: ${why.slice(0, 200)}`),
		);
	}
}

async function readBounded(
	fetch: Fetch,
	url: string,
	mostBytes: number,
	signal: AbortSignal,
): Promise<Uint8Array> {
	const answer = await fetch(url, {
		redirect: "error",
		signal,
		cache: "no-store",
	});
	if (answer.status !== 200 || answer.body === null)
		throw new Error(`${url} answered ${answer.status}`);
	const chunks: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
		length += chunk.length;
		// Leaving the loop cancels the body; nothing more of it is read.
		if (length > mostBytes)
			throw new Error(`${url} is larger than ${mostBytes} bytes`);
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
