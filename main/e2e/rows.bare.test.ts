// Rows of the acceptance table that need an agent which says exactly what a test wants, or proof of what was not sent.
import { describe, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import type { FaultCode } from "../../shared/fault.ts";
import { agentJobId } from "../../shared/model.ts";
import type { RawRequest } from "../testkit/rawPeer.ts";
import {
	closeFrame,
	frame,
	httpAnswer,
	switching,
} from "../testkit/rawPeer.ts";
import { openStandIn } from "../testkit/standIn.ts";
import { greets, onceListed, withAgents } from "./bareWorld.ts";

/** Answers the upgrade with these bytes and no more. */
const says =
	(bytes: string) =>
	({ socket }: RawRequest): void =>
		void socket.write(bytes);

describe.concurrent("on real sockets", () => {
	test("C2: an accept key of another request is no socket: polled at once, and the socket is not tried again soon", async () => {
		await withAgents(
			{
				wrong: {
					upgrade: ({ socket, head }) =>
						void socket.write(switching(head, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")),
				},
			},
			async (world) => {
				const { asked, upgrades } = world.agent("wrong");
				await world.until("the list was read", () =>
					asked.some(({ path }) => path.startsWith("/jobs?")),
				);
				await world.until(
					"it is polled",
					() => world.link("wrong").channel === "polling",
				);
				expect(world.link("wrong").fault).toBe("ws.accept-wrong");
				await world.until("a few more questions", () => asked.length >= 3);
				expect(upgrades).toHaveLength(1);
			},
		);
	});

	test("C11: a second console with our identity takes the session; we are told, and do not take it back for a minute", async () => {
		let older: RawRequest | null = null;
		await withAgents(
			{
				one: {
					upgrade(request) {
						older?.socket.end(closeFrame(1000, "replaced"));
						older = request;
						greets(request);
					},
				},
			},
			async (world) => {
				await world.until(
					"the first is live",
					() => world.link("one").channel === "live",
				);
				const second = world.second();
				await world.until(
					"the first is told",
					() => world.link("one").fault === "session.replaced",
				);
				const { retryAt, sentence, nextStep } = world.link("one");
				expect((retryAt ?? 0) - systemClock().wallMs()).toBeGreaterThan(58_000);
				expect(sentence).toContain("another console");
				expect(nextStep).toContain("Close the other console");
				await world.until(
					"the second is live",
					() => second.fleet.channels().live === 1,
				);
				expect(world.agent("one").upgrades).toHaveLength(2);
			},
		);
	});

	test.each<[number, string, () => string]>([
		[503, "seconds", () => "2"],
		[429, "seconds", () => "2"],
		// Whole seconds only: three from now are two or more.
		[
			503,
			"an HTTP date",
			() => new Date(systemClock().wallMs() + 3_000).toUTCString(),
		],
	])(
		"C14: %i with Retry-After in %s: the next attempt is not sooner, and it is said that the server is waited for",
		async (status, _as, value) => {
			await withAgents(
				{
					busy: {
						upgrade(request, nth) {
							if (nth > 1) return greets(request);
							request.socket.end(
								httpAnswer(status, { "Retry-After": value() }),
							);
						},
					},
				},
				async (world) => {
					await world.until(
						"it is live",
						() => world.link("busy").channel === "live",
					);
					const [first = 0, second = 0] = world.agent("busy").upgrades;
					expect(second - first).toBeGreaterThanOrEqual(1_990);
					const waited = world.statuses.find(({ fault }) => fault !== null);
					expect(waited).toMatchObject({
						channel: "reconnecting",
						fault: `http.${status}`,
						sentence: expect.stringMatching(/^waiting for server: /),
					});
					const ofHost = world.logged.filter((line) => line.includes("busy"));
					expect(ofHost.join("\n")).not.toContain('"level":"warn"');
				},
			);
		},
	);

	test("C14: requests answered by 429 with Retry-After wait as well, whatever they ask for", async () => {
		let refused = false;
		await withAgents(
			{
				busy: {
					upgrade: says(httpAnswer(404)),
					get: (path) => {
						if (refused || !path.startsWith("/jobs?")) return null;
						refused = true;
						return httpAnswer(429, { "Retry-After": "2" });
					},
				},
			},
			async (world) => {
				const [member] = world.console.fleet.members();
				await world.until(
					"we know that we are to wait",
					() => member?.reader.facts.fault?.code === "http.429",
				);
				const { asked } = world.agent("busy");
				const before = asked.length;
				const refusedMs = asked.at(-1)?.atMs ?? 0;
				// A person who looks at runs meanwhile waits like everybody else.
				for (const run of ["1", "2", "3"])
					void member?.reader.output(agentJobId(run));
				await world.until("it is asked again", () => asked.length > before);
				expect((asked[before]?.atMs ?? 0) - refusedMs).toBeGreaterThanOrEqual(
					1_990,
				);
				await world.until(
					"it is polled",
					() => world.link("busy").channel === "polling",
				);
			},
		);
	});

	test.each<[number, FaultCode]>([
		[401, "http.401"],
		[403, "http.403"],
		[426, "http.426"],
	])(
		"C15: %i to the upgrade: three tries, then blocked with what to do; it resumes when a person asks",
		async (status, code) => {
			await withAgents(
				{
					strict: {
						upgrade: (request, nth) =>
							nth > 3
								? greets(request)
								: request.socket.end(httpAnswer(status)),
					},
				},
				async (world) => {
					await world.until(
						"it is blocked",
						() => world.link("strict").channel === "blocked",
					);
					expect(world.agent("strict").upgrades).toHaveLength(3);
					expect(world.link("strict")).toMatchObject({
						fault: code,
						nextStep: expect.stringMatching(/\.$/),
					});
					expect(world.agent("strict").asked).toEqual([]);
					world.console.fleet.retry(
						[...world.console.fleet.members()].map(({ entry }) => entry.id),
					);
					await world.until(
						"it is live",
						() => world.link("strict").channel === "live",
					);
				},
			);
		},
	);

	test.each([301, 302, 303, 307, 308])(
		"C28: %i to another place is refused, for the socket and for requests, and that place sees no connection",
		async (status) => {
			const there = await openStandIn((socket) => socket.destroy());
			const redirect = httpAnswer(status, {
				Location: `https://127.0.0.1:${there.port}/api/v1/ws/jobs`,
			});
			try {
				await withAgents(
					{ here: { upgrade: says(redirect), get: () => redirect } },
					async (world) => {
						await world.until(
							"redirects of requests were seen",
							() => world.agent("here").asked.length >= 2,
						);
						expect(world.statuses.map(({ fault }) => fault)).toContain(
							"http.unexpected",
						);
						expect(world.link("here").channel).not.toBe("live");
					},
				);
				expect(there.dials()).toBe(0);
			} finally {
				await there.close();
			}
		},
	);

	test("C29: binary, broken and unknown frames are counted, five unreadable ones end the socket; neighbours notice nothing", async () => {
		const unknown = JSON.stringify({ event: "weather", sky: "blue" });
		await withAgents(
			{
				unknown: onceListed(({ socket }) => {
					for (let n = 0; n < 50; n++) socket.write(frame("text", unknown));
				}),
				four: onceListed(({ socket }) => {
					for (const text of ["{", "[", "nonsense"])
						socket.write(frame("text", text));
					socket.write(frame("binary", "x"));
				}),
				five: onceListed(({ socket }) => {
					for (let n = 0; n < 5; n++) socket.write(frame("text", "{"));
				}),
				utf8: onceListed(({ socket }) => {
					socket.write(frame("text", Buffer.from([0xff, 0xfe])));
				}),
				large: onceListed(({ socket }) => {
					socket.write(frame("text", "x".repeat(1_100_000)));
				}),
				good: {},
			},
			async (world) => {
				const seen = (host: string) =>
					world.statuses
						.filter((one) => one.host === host)
						.map(({ fault }) => fault);
				await world.until("five is lost", () =>
					seen("five").includes("ws.bad-frame"),
				);
				await world.until("utf8 is lost", () =>
					seen("utf8").includes("ws.protocol-error"),
				);
				await world.until(
					"large is polled",
					() => world.link("large").channel === "polling",
				);
				expect(world.link("large").fault).toBe("ws.too-big");
				await world.until(
					"all is counted",
					() =>
						(world.console.figures.decodeFaults.get("ws.bad-frame") ?? 0) >= 9,
				);
				for (const host of ["unknown", "four", "good"]) {
					expect(world.link(host).channel, host).toBe("live");
					expect(seen(host), host).toEqual([null]);
				}
			},
		);
	});

	test("C31: a request that a dead connection swallowed is asked once more, never twice; and nothing but GET is ever asked", async () => {
		let cut = 0;
		await withAgents(
			{
				stale: {
					upgrade: says(httpAnswer(404)),
					get: (path, { socket, nth }) => {
						if (!path.startsWith("/jobs?") || nth < 2) return null;
						cut++;
						socket.destroy();
						return undefined;
					},
				},
			},
			async (world) => {
				const { asked, peer } = world.agent("stale");
				await world.until(
					"the list was read",
					() =>
						asked.filter(({ path }) => path.startsWith("/jobs?")).length >= 2,
				);
				await world.until(
					"it is polled",
					() => world.link("stale").channel === "polling",
				);
				expect(cut).toBe(1);
				expect(asked.slice(0, 3).map(({ path }) => path.split("?")[0])).toEqual(
					["/health", "/jobs", "/jobs"],
				);
				for (const { head } of peer.requests.all) expect(head).toMatch(/^GET /);
			},
		);
	});
});
