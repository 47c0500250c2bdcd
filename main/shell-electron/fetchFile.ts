// Fetches one file of a release: no redirect is followed, not a byte more than was signed for is written, and the digest is
// taken on the way. It replaces the updater library's own requests, which measure only what an answer says of its length and
// follow redirects when they ask for parts of a file.
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Fetch } from "../core/update/feed.ts";
import type { ReleaseFile } from "../core/update/manifest.ts";

/** Who is silent for this long is given up. */
const SILENT_MS = 60_000;

export interface FileToFetch {
	readonly fetch: Fetch;
	readonly url: string;
	readonly file: Pick<ReleaseFile, "size" | "sha512">;
	readonly destination: string;
	/** Ends it from outside. */
	readonly signal: AbortSignal;
	/** 0 to 1, once for each hundredth. */
	readonly onProgress: (fraction: number) => void;
}

/** Resolves when the file is there, whole and as it was signed; otherwise rejects with a sentence and leaves nothing behind. */
export async function fetchFile(asked: FileToFetch): Promise<void> {
	const { destination, file, url } = asked;
	const silence = new AbortController();
	const timer = setTimeout(
		() => silence.abort(new Error(`${url} was silent for a minute`)),
		SILENT_MS,
	);
	const signal = AbortSignal.any([asked.signal, silence.signal]);
	try {
		const answer = await asked.fetch(url, {
			redirect: "error",
			signal,
			cache: "no-store",
		});
		if (answer.status !== 200 || answer.body === null)
			throw new Error(`${url} answered ${answer.status}`);
		const meter = measure(file.size, asked.onProgress, () => timer.refresh());
		await pipeline(
			Readable.fromWeb(answer.body as never),
			meter.stream,
			createWriteStream(destination),
			{ signal },
		);
		if (meter.length() !== file.size)
			throw new Error(
				`${url} ended after ${meter.length()} of ${file.size} bytes`,
			);
		if (meter.digest() !== file.sha512)
			throw new Error(`the sha512 of ${url} is not the one that was signed`);
	} catch (error) {
		await rm(destination, { force: true });
		// An aborted request says little of why.
		throw signal.aborted ? signal.reason : error;
	} finally {
		clearTimeout(timer);
	}
}

/** Counts and digests what passes, and breaks the pipe at the first byte too many. */
function measure(
	size: number,
	onProgress: (fraction: number) => void,
	onBytes: () => void,
) {
	const hash = createHash("sha512");
	let length = 0;
	let told = -1;
	const stream = new Transform({
		transform(chunk: Buffer, _encoding, done) {
			onBytes();
			length += chunk.length;
			if (length > size)
				return done(
					new Error(`more came than the ${size} bytes that were signed for`),
				);
			hash.update(chunk);
			const hundredth = Math.floor((100 * length) / size);
			if (hundredth !== told) {
				told = hundredth;
				onProgress(length / size);
			}
			done(null, chunk);
		},
	});
	return { stream, length: () => length, digest: () => hash.digest("base64") };
}
