import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Access } from "./access.ts";
import { openAccess } from "./access.ts";
import type { RunningServer } from "./httpServer.ts";
import { isLoopback, startHttpServer } from "./httpServer.ts";

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
	server = await start(0);
});

afterEach(async () => {
	await server.stop();
	await rm(folder, { recursive: true });
});

async function start(port: number): Promise<RunningServer> {
	const started = await startHttpServer({
		host: "127.0.0.1",
		port,
		tls: null,
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
): Promise<Answer> {
	const { hostname, port, host } = new URL(server.origin);
	return new Promise((resolve, reject) => {
		const sent = request({
			hostname,
			port,
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

async function signIn(): Promise<Record<string, string>> {
	const { headers } = await get(`/?token=${access.token}`);
	return { Cookie: (headers["set-cookie"]?.[0] ?? "").split(";")[0] ?? "" };
}

test("the token is exchanged once for an HttpOnly, SameSite=Strict cookie and leads to /", async () => {
	const first = await get(`/?token=${access.token}`);
	expect(first.status).toBe(303);
	expect(first.headers.location).toBe("/");
	expect(first.headers["set-cookie"]?.[0]).toMatch(
		/; HttpOnly; SameSite=Strict; Path=\//,
	);
	expect((await get(`/?token=${access.token}`)).status).toBe(401);
	expect((await get("/?token=wrong")).status).toBe(401);
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
	expect((await get("/", { Cookie: "foredeck_session=guess" })).status).toBe(
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
