// Serves the built page under app://console/ with its security headers. Gives out only files below its root whose kind is
// in a fixed table; what is odd in an address is refused rather than repaired.
import { readFile, realpath, stat } from "node:fs/promises";
import { extname, isAbsolute, join, relative, sep } from "node:path";
import type { CustomScheme } from "electron";
import { APP_ORIGIN, isOurPage } from "../core/senderPolicy.ts";

/** To be registered before the app is ready. Standard and secure, so that the page has a real origin; no further privilege. */
export const APP_SCHEME: CustomScheme = {
	scheme: "app",
	privileges: { standard: true, secure: true, supportFetchAPI: true },
};

/** What the page may load: itself. No network, no inline script, no frames, no string that becomes script. */
export const CONTENT_SECURITY_POLICY = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data:",
	"font-src 'self'",
	"connect-src 'none'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
	"object-src 'none'",
	"require-trusted-types-for 'script'",
].join("; ");

/** The kinds of file a page is made of. Anything else in the folder is not given out. */
const KINDS: Readonly<Record<string, string>> = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
	".ico": "image/x-icon",
	".woff2": "font/woff2",
};

const HEADERS = {
	"Content-Security-Policy": CONTENT_SECURITY_POLICY,
	// A file is only ever what the table says: a picture cannot be run as script.
	"X-Content-Type-Options": "nosniff",
	"Referrer-Policy": "no-referrer",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	// The files change with an update under the same names.
	"Cache-Control": "no-cache",
};

/** The names below the root that an address asks for, or null when the address is not one that our page would make. */
export function namesIn(address: string): readonly string[] | null {
	if (!isOurPage(address)) return null;
	const path = address.slice(APP_ORIGIN.length).split(/[?#]/, 1)[0] ?? "/";
	// An encoded slash, dot, backslash or percent sign never occurs in our names; in a hostile address it hides a step.
	if (/%2f|%5c|%2e|%25|%00|\\/i.test(path)) return null;
	let decoded: string;
	try {
		decoded = decodeURIComponent(path);
	} catch {
		return null;
	}
	if (decoded === "/") return ["index.html"];
	const names = decoded.slice(1).split("/");
	// A leading dot covers `.`, `..` and hidden files; a colon is a drive or a stream on Windows.
	const isOdd = (name: string): boolean =>
		name === "" || name.startsWith(".") || /[:\p{Cc}]/u.test(name);
	return names.some(isOdd) ? null : names;
}

/** Path of the file, or null when it is none, or lies outside of the root once links are followed. */
async function fileBelow(
	root: string,
	names: readonly string[],
): Promise<string | null> {
	try {
		const realRoot = await realpath(root);
		const file = await realpath(join(realRoot, ...names));
		const inside = relative(realRoot, file);
		if (inside.startsWith(`..${sep}`) || inside === ".." || isAbsolute(inside))
			return null;
		return (await stat(file)).isFile() ? file : null;
	} catch {
		return null;
	}
}

const refusal = (status: number, sentence: string): Response =>
	new Response(sentence, {
		status,
		headers: { ...HEADERS, "Content-Type": "text/plain; charset=utf-8" },
	});

/** Answers requests of the scheme from the built page in `root`. Never throws; every answer carries the security headers. */
export function answerFrom(
	root: string,
): (request: Request) => Promise<Response> {
	return async (request) => {
		if (request.method !== "GET" && request.method !== "HEAD")
			return refusal(405, "only reading is possible");
		const names = namesIn(request.url);
		if (names === null) return refusal(400, "no such address");
		const kind = KINDS[extname(names.at(-1) ?? "").toLowerCase()];
		if (kind === undefined) return refusal(404, "no such file");
		const file = await fileBelow(root, names);
		if (file === null) return refusal(404, "no such file");
		try {
			const bytes = await readFile(file);
			return new Response(
				request.method === "HEAD" ? null : new Uint8Array(bytes),
				{
					headers: { ...HEADERS, "Content-Type": kind },
				},
			);
		} catch {
			return refusal(404, "no such file");
		}
	};
}
