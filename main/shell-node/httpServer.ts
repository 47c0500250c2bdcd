// The browser shell's server: the built renderer, the token gate, health and metrics, and the upgrade to the pipe. It
// serves files of one folder, read when asked, and nothing else.
import { X509Certificate } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { extname, join, sep } from "node:path";
import type { Duplex } from "node:stream";
import type { Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";
import type { Access, OwnAuthority } from "./access.ts";
import {
	hostAllowed,
	openableHost,
	originAllowed,
	ownAuthorities,
} from "./access.ts";

/** No remote content at all, no inline code, our own socket only. */
const CSP =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'";

const HEADERS = {
	"Content-Security-Policy": CSP,
	"X-Content-Type-Options": "nosniff",
	"Referrer-Policy": "no-referrer",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control": "no-store",
};

const TYPES: Readonly<Record<string, string>> = {
	".html": "text/html; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
	".ico": "image/x-icon",
	".woff2": "font/woff2",
	".json": "application/json; charset=utf-8",
};

export interface HttpServerOptions {
	readonly host: string;
	/** 0: any free one. */
	readonly port: number;
	/** PEM texts that were checked: a certificate that cannot be read throws. */
	readonly tls: { readonly cert: string; readonly key: string } | null;
	/** Folder of the built renderer. */
	readonly root: string;
	readonly version: string;
	readonly access: Access;
	metrics(): Promise<{ contentType: string; text: string }>;
	/** An upgrade that passed every check. */
	onPipe(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface RunningServer {
	/** `http://127.0.0.1:41234` */
	readonly origin: string;
	stop(): Promise<void>;
}

/** @returns `port.in-use`, or `input.invalid` for an address that cannot be bound. */
export async function startHttpServer(
	options: HttpServerOptions,
): Promise<Result<RunningServer>> {
	const { tls, access } = options;
	const scheme = tls === null ? "http" : "https";
	const certificate = tls === null ? null : new X509Certificate(tls.cert);
	let port = 0;
	let isOurs: OwnAuthority = () => false;
	const hasSession = ({ headers }: IncomingMessage): boolean =>
		access.hasCookie(headers, port);

	const handle = (request: IncomingMessage, response: ServerResponse): void => {
		respond(request, response).catch(() => {
			if (!response.headersSent) response.writeHead(500, HEADERS);
			response.end();
		});
	};
	const respond = async (
		request: IncomingMessage,
		response: ServerResponse,
	): Promise<void> => {
		const { headers } = request;
		if (
			!hostAllowed(headers, isOurs) ||
			!originAllowed(headers, scheme, isOurs, false)
		)
			return say(response, 403, "Wrong Host or Origin.");
		if (request.method !== "GET" && request.method !== "HEAD")
			return say(response, 405, "GET only.", { Allow: "GET, HEAD" });
		const url = new URL(request.url ?? "/", `${scheme}://${headers.host}`);
		if (url.pathname === "/healthz")
			return json(response, { ok: true, version: options.version });
		if (url.pathname === "/metrics") {
			if (!hasSession(request) && !access.hasBearer(headers))
				return say(response, 401, NO_SESSION);
			const { contentType, text } = await options.metrics();
			response.writeHead(200, { ...HEADERS, "Content-Type": contentType });
			response.end(text);
			return;
		}
		const token = url.searchParams.get("token");
		if (url.pathname === "/" && token !== null) {
			// HEAD changes nothing (RFC 9110 section 9.2.1): a preview of the address must not use the token up.
			const cookie =
				request.method === "GET" ? access.exchange(token, port) : null;
			if (cookie !== null) return redirect(response, { "Set-Cookie": cookie });
			// The same address opened again by the browser that owns the session: let it in.
			if (hasSession(request)) return redirect(response, {});
		}
		if (!hasSession(request)) return say(response, 401, NO_SESSION);
		await sendFile(options.root, url.pathname, response);
	};

	const server: Server =
		tls === null ? createServer(handle) : createTlsServer(tls, handle);
	const disconnectAll = followSockets(server);
	server.on("upgrade", (request, socket: Duplex, head) => {
		const { headers } = request;
		const refuse = (status: string): void => {
			socket.end(
				`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
				() => socket.destroy(),
			);
		};
		socket.on("error", () => socket.destroy());
		if (
			!hostAllowed(headers, isOurs) ||
			!originAllowed(headers, scheme, isOurs, true)
		)
			return refuse("403 Forbidden");
		if (!hasSession(request)) return refuse("401 Unauthorized");
		if (request.url !== "/pipe") return refuse("404 Not Found");
		options.onPipe(request, socket, head);
	});

	const listening = await listen(server, options);
	if (!listening.ok) return listening;
	({ port } = server.address() as AddressInfo);
	const { host } = options;
	isOurs = ownAuthorities({ scheme, host, port, certificate });
	return ok({
		origin: `${scheme}://${openableHost({ host, certificate })}:${port}`,
		stop: () =>
			new Promise<void>((resolve) => {
				server.close(() => resolve());
				disconnectAll();
			}),
	});
}

const NO_SESSION =
	"Open the address that Foredeck printed when it started. It works once; after that this browser is remembered until Foredeck ends. [401]";

/**
 * Knows every open connection, also those Node's HTTP server has let go (upgrades) or has not seen yet (a handshake that
 * is not over). @returns ends them all at once.
 */
function followSockets(server: Server): () => void {
	const open = new Set<Socket>();
	server.on("connection", (socket: Socket) => {
		open.add(socket);
		socket.once("close", () => open.delete(socket));
	});
	return () => {
		for (const socket of open) socket.destroy();
	};
}

function listen(
	server: Server,
	{ host, port }: HttpServerOptions,
): Promise<Result<void>> {
	return new Promise((resolve) => {
		server.once("error", (error: NodeJS.ErrnoException) =>
			resolve(
				failed(
					error.code === "EADDRINUSE"
						? fault("port.in-use", {
								sentence: `port ${port} on ${host} is in use`,
							})
						: fault("input.invalid", {
								sentence: `cannot listen on ${host}:${port}: ${error.code ?? "unknown reason"}`,
							}),
				),
			),
		);
		server.listen(port, host, () => resolve(ok(undefined)));
	});
}

function say(
	response: ServerResponse,
	status: number,
	text: string,
	more: Record<string, string> = {},
): void {
	response.writeHead(status, {
		...HEADERS,
		...more,
		"Content-Type": "text/plain; charset=utf-8",
	});
	response.end(`${text}\n`);
}

function json(response: ServerResponse, body: unknown): void {
	response.writeHead(200, {
		...HEADERS,
		"Content-Type": TYPES[".json"] as string,
	});
	response.end(JSON.stringify(body));
}

function redirect(
	response: ServerResponse,
	more: Record<string, string>,
): void {
	response.writeHead(303, { ...HEADERS, ...more, Location: "/" });
	response.end();
}

/** Only regular files below the root, links resolved first; everything else is 404. */
async function sendFile(
	root: string,
	pathname: string,
	response: ServerResponse,
): Promise<void> {
	const file = await within(root, pathname === "/" ? "/index.html" : pathname);
	const type = file === null ? undefined : TYPES[extname(file)];
	if (file === null || type === undefined)
		return say(response, 404, "There is nothing at this address.");
	const body = await readFile(file);
	// Names of built assets carry a hash of their content, so they never change.
	const cache = pathname.startsWith("/assets/")
		? { "Cache-Control": "private, max-age=31536000, immutable" }
		: {};
	response.writeHead(200, { ...HEADERS, ...cache, "Content-Type": type });
	response.end(body);
}

async function within(root: string, pathname: string): Promise<string | null> {
	try {
		const decoded = decodeURIComponent(pathname);
		if (decoded.includes("\0") || decoded.includes("\\")) return null;
		const base = await realpath(root);
		const file = await realpath(join(base, decoded));
		if (!file.startsWith(base + sep)) return null;
		return (await stat(file)).isFile() ? file : null;
	} catch {
		return null;
	}
}
