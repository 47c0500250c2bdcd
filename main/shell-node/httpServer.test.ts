import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:http";
import { request as requestTls } from "node:https";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import { createTestAuthority } from "../testkit/certificates.ts";
import type { Access } from "./access.ts";
import { isLoopback, openAccess } from "./access.ts";
import type { HttpServerOptions, RunningServer } from "./httpServer.ts";
import { startHttpServer } from "./httpServer.ts";

let folder: string;
let access: Access;
let server: RunningServer;
let upgrades: number;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "foredeck-http-"));
	const root = join(folder, "renderer");
	await mkdir(join(root, "assets"), { recursive: true });
	await writeFile(join(root, "index.html"), "<title>Foredeck</title>");
	await writeFile(join(root, "assets", "main-1a2b.js"), "1");
	await writeFile(join(folder, "secret.json"), "{}");
	await symlink(join(folder, "secret.json"), join(root, "link.json"));
	access = openAccess(false);
	upgrades = 0;
	server = await start();
});

afterEach(async () => {
	await server.stop();
	await rm(folder, { recursive: true });
});

async function start(
	wish: Pick<HttpServerOptions, "host" | "tls"> = {
		host: "127.0.0.1",
		tls: null,
	},
): Promise<RunningServer> {
	const started = await startHttpServer({
		...wish,
		port: 0,
		root: join(folder, "renderer"),
		version: "1.2.3",
		access,
		metrics: async () => ({ contentType: "text/plain", text: "# EOF\n" }),
		onPipe(_request, socket) {
			upgrades++;
			socket.end(
				"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
			);
		},
	});
	if (!started.ok) throw new Error(started.fault.code);
	return started.value;
}

interface Answer {
	status: number;
	headers: IncomingHttpHeaders;
	body: string;
}

/** Sends the path as it stands: no client-side clean-up of `..`. */
function get(
	path: string,
	headers: Record<string, string> = {},
	method = "GET",
	origin = server.origin,
): Promise<Answer> {
	const { protocol, port, host } = new URL(origin);
	return new Promise((resolve, reject) => {
		const sent = (protocol === "https:" ? requestTls : request)({
			hostname: "127.0.0.1",
			port,
			rejectUnauthorized: false,
			path,
			method,
			headers: { Host: host, ...headers },
			agent: false,
		});
		const done = (response: import("node:http").IncomingMessage): void => {
			let body = "";
			response.on("data", (part) => {
				body += part;
			});
			response.on("end", () =>
				resolve({
					status: response.statusCode ?? 0,
					headers: response.headers,
					body,
				}),
			);
		};
		sent.on("response", done);
		sent.on("upgrade", (response, socket) => {
			socket.destroy();
			resolve({
				status: response.statusCode ?? 0,
				headers: response.headers,
				body: "",
			});
		});
		sent.on("error", reject);
		sent.end();
	});
}

const cookieName = (): string =>
	`foredeck_session_${new URL(server.origin).port}`;

async function signIn(): Promise<Record<string, string>> {
	const { headers } = await get(`/?token=${access.token}`);
	return { Cookie: (headers["set-cookie"]?.[0] ?? "").split(";")[0] ?? "" };
}

test("C18: the token is exchanged once for an HttpOnly, SameSite=Strict cookie and leads to /", async () => {
	const first = await get(`/?token=${access.token}`);
	expect(first.status).toBe(303);
	expect(first.headers.location).toBe("/");
	expect(first.headers["set-cookie"]?.[0]).toMatch(
		/; HttpOnly; SameSite=Strict; Path=\//,
	);
	expect((await get(`/?token=${access.token}`)).status).toBe(401);
	expect((await get("/?token=wrong")).status).toBe(401);
});

test("HEAD, as a preview of the address asks, does not use the token up", async () => {
	expect((await get(`/?token=${access.token}`, {}, "HEAD")).status).toBe(401);
	expect((await get(`/?token=${access.token}`)).status).toBe(303);
});

test("a second console on this computer leaves the first one's session alone", async () => {
	const first = await signIn();
	expect(first.Cookie?.split("=")[0]).toBe(cookieName());
	const firstServer = server;
	access = openAccess(false);
	server = await start();
	try {
		const second = await signIn();
		expect(second.Cookie?.split("=")[0]).not.toBe(first.Cookie?.split("=")[0]);
		// A browser sends both, in the order they were set.
		const Cookie = `${first.Cookie}; ${second.Cookie}`;
		expect((await get("/", { Cookie })).status).toBe(200);
		expect((await get("/", first)).status).toBe(401);
	} finally {
		await server.stop();
		server = firstServer;
	}
	expect((await get("/", first)).status).toBe(200);
});

test("the browser that owns the session may open the printed address again", async () => {
	const cookie = await signIn();
	const again = await get(`/?token=${access.token}`, cookie);
	expect([again.status, again.headers.location]).toEqual([303, "/"]);
});

test("everything but /healthz is 401 without the cookie, and says what to do", async () => {
	for (const path of [
		"/",
		"/index.html",
		"/metrics",
		"/assets/main-1a2b.js",
		"/nothing",
	]) {
		const answer = await get(path);
		expect([path, answer.status]).toEqual([path, 401]);
		expect(answer.body).toContain("Open the address that Foredeck printed");
	}
	expect((await get("/", { Cookie: `${cookieName()}=guess` })).status).toBe(
		401,
	);
	const health = await get("/healthz");
	expect(JSON.parse(health.body)).toEqual({ ok: true, version: "1.2.3" });
});

test("the page comes with a strict policy, assets may be cached", async () => {
	const cookie = await signIn();
	const page = await get("/", cookie);
	expect(page.body).toContain("Foredeck");
	expect(page.headers["content-security-policy"]).toMatch(
		/^default-src 'none'; script-src 'self'/,
	);
	expect(page.headers["x-content-type-options"]).toBe("nosniff");
	expect(
		(await get("/assets/main-1a2b.js", cookie)).headers["cache-control"],
	).toContain("immutable");
});

test.each([
	"/../secret.json",
	"/%2e%2e/secret.json",
	"/..%2fsecret.json",
	"/assets/../../secret.json",
	"/link.json",
	"/assets",
	"/a%00.html",
	"/%",
	"/..\\secret.json",
])("%s leads to nothing outside the window's folder", async (path) => {
	const answer = await get(path, await signIn());
	expect(answer.status).toBe(404);
	expect(answer.body).not.toContain("{}");
});

test.each([
	["another Host", { Host: "evil.test" }],
	["another port in Host", { Host: "127.0.0.1:1" }],
	["another Origin", { Origin: "http://evil.test" }],
	["a null Origin", { Origin: "null" }],
	["our Origin over another scheme", { Origin: "https://127.0.0.1" }],
])(
	"%s is 403, even with the cookie and on /healthz",
	async (_name, headers) => {
		const cookie = await signIn();
		expect((await get("/", { ...cookie, ...headers })).status).toBe(403);
		expect((await get("/healthz", headers)).status).toBe(403);
	},
);

test("metrics take the cookie or the token as bearer", async () => {
	expect(
		(await get("/metrics", { Authorization: `Bearer ${access.token}` })).body,
	).toBe("# EOF\n");
	expect((await get("/metrics", await signIn())).status).toBe(200);
	expect((await get("/metrics", { Authorization: "Bearer nope" })).status).toBe(
		401,
	);
});

test("only GET and HEAD are served", async () => {
	expect((await get("/", await signIn(), "POST")).status).toBe(405);
});

test("the pipe wants cookie, Host and an Origin of ours", async () => {
	const upgrade = { Connection: "Upgrade", Upgrade: "websocket" };
	const cookie = await signIn();
	const origin = { Origin: server.origin };
	expect((await get("/pipe", { ...upgrade, ...origin })).status).toBe(401);
	expect((await get("/pipe", { ...upgrade, ...cookie })).status).toBe(403);
	expect(
		(await get("/pipe", { ...upgrade, ...cookie, Origin: "http://evil.test" }))
			.status,
	).toBe(403);
	expect(
		(await get("/other", { ...upgrade, ...cookie, ...origin })).status,
	).toBe(404);
	expect(upgrades).toBe(0);
	expect(
		(await get("/pipe", { ...upgrade, ...cookie, ...origin })).status,
	).toBe(101);
	expect(upgrades).toBe(1);
});

test("over TLS every name and IP of the certificate is Host and Origin, with our port and no other", async () => {
	const { certPem: cert, keyPem: key } = createTestAuthority().issue({
		names: ["deck.fleet.test", "*.decks.test"],
		ips: ["192.0.2.7"],
	});
	const plain = server;
	server = await start({ host: "0.0.0.0", tls: { cert, key } });
	try {
		const { port, hostname } = new URL(server.origin);
		// 0.0.0.0 could not be opened from another computer.
		expect(hostname).toBe("deck.fleet.test");
		const cookie = await signIn();
		const status = async (name: string, origin = `https://${name}`) =>
			(await get("/", { ...cookie, Host: name, Origin: origin })).status;
		for (const name of ["deck.fleet.test", "one.decks.test", "192.0.2.7"])
			expect([name, await status(`${name}:${port}`)]).toEqual([name, 200]);
		const good = `deck.fleet.test:${port}`;
		for (const wrong of [
			"deck.fleet.test",
			"deck.fleet.test:443",
			`evil.test:${port}`,
			`a.b.decks.test:${port}`,
			`192.0.2.8:${port}`,
		]) {
			expect([wrong, await status(wrong)]).toEqual([wrong, 403]);
			expect(await status(good, `https://${wrong}`)).toBe(403);
		}
		expect(await status(good, `http://${good}`)).toBe(403);
	} finally {
		await server.stop();
		server = plain;
	}
});

test("stop ends at once although connections that never said or were refused anything stay open", async () => {
	const { certPem: cert, keyPem: key } = createTestAuthority().issue();
	const secure = await start({ host: "127.0.0.1", tls: { cert, key } });
	const open = async (of: RunningServer): Promise<Socket> => {
		const { port } = new URL(of.origin);
		// Half open: a peer that does not hang up when we do.
		const socket = connect({
			port: Number(port),
			host: "127.0.0.1",
			allowHalfOpen: true,
		});
		socket.on("error", () => {});
		await once(socket, "connect");
		return socket;
	};
	const refused = await open(server);
	refused.write(
		`GET /pipe HTTP/1.1\r\nHost: evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
	);
	expect(String((await once(refused, "data"))[0])).toMatch(/^HTTP\/1.1 403/);
	const silent = [await open(server), await open(secure)];
	// The server has taken the silent ones in once it answers a later connection.
	for (const { origin } of [server, secure])
		await get("/healthz", {}, "GET", origin);
	const clock = systemClock();
	const before = clock.monotonicMs();
	await Promise.all([server.stop(), secure.stop()]);
	expect(clock.monotonicMs() - before).toBeLessThan(1_000);
	for (const socket of [refused, ...silent]) socket.destroy();
	server = await start();
});

test("a refused upgrade is hung up on, also when the other side does not", async () => {
	const { port } = new URL(server.origin);
	const socket = connect({
		port: Number(port),
		host: "127.0.0.1",
		allowHalfOpen: true,
	});
	const gone = new Promise((resolve) => socket.on("close", resolve));
	// Which of the two errors a connection that is gone gives depends on how far the writing got.
	socket.on("error", () => {});
	socket.write(
		`GET /pipe HTTP/1.1\r\nHost: evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
	);
	socket.resume();
	await once(socket, "end");
	// Writing to a connection that the other side has destroyed, and not only half closed, ends it.
	const writing = (): void => {
		if (socket.destroyed) return;
		socket.write("x", () => setImmediate(writing));
	};
	writing();
	await gone;
});

test("a port in use is a named fault", async () => {
	const port = Number(new URL(server.origin).port);
	const second = await startHttpServer({
		host: "127.0.0.1",
		port,
		tls: null,
		root: folder,
		version: "1",
		access,
		metrics: async () => ({ contentType: "", text: "" }),
		onPipe() {},
	});
	expect(second).toMatchObject({
		ok: false,
		fault: {
			code: "port.in-use",
			sentence: `port ${port} on 127.0.0.1 is in use`,
		},
	});
});

test("loopback is loopback and nothing else", () => {
	expect(["127.0.0.1", "127.9.9.9", "::1", "localhost"].every(isLoopback)).toBe(
		true,
	);
	expect(
		["0.0.0.0", "::", "192.168.0.1", "127.evil.test", "1270.0.0.1"].some(
			isLoopback,
		),
	).toBe(false);
});
