// The HOST of `foredeck doctor`, as people write hosts.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { doctorTarget, readHost } from "./doctorTarget.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-doctor-target-"));
afterAll(() => rmSync(folder, { recursive: true }));
const fleet = join(folder, "fleet.json");
writeFileSync(
	fleet,
	JSON.stringify({
		version: 1,
		name: "test",
		hosts: [
			{ id: "web-01", address: "10.0.0.1", servername: "web-01.fleet.test" },
			{ id: "web-02", address: "10.0.0.2", port: 40_002 },
		],
	}),
);
/** Without the fleet file of whoever runs the test. */
const data = join(folder, "nothing");

test.each([
	["web-01.fleet.test", "web-01.fleet.test", null],
	["web-01:40001", "web-01", 40_001],
	["10.0.0.1", "10.0.0.1", null],
	["10.0.0.1:65535", "10.0.0.1", 65_535],
	["::1", "::1", null],
	["fe80::1", "fe80::1", null],
	["[::1]", "::1", null],
	["[2001:db8::1]:12443", "2001:db8::1", 12_443],
])("%s is read as a host", (text, address, port) => {
	expect(readHost(text)).toEqual({ ok: true, value: { address, port } });
});

test.each([
	["", /is empty/],
	["https://web-01:12443/", /is a URL/],
	["wss://web-01", /is a URL/],
	["10.0.0.0/24", /CIDR/],
	["2001:db8::/32", /CIDR/],
	["web-01/api", /slash/],
	["10.0.0", /not a whole IPv4 address/],
	["10.0.0.256", /not a whole IPv4 address/],
	["web-01:0", /port/],
	["web-01:65536", /port/],
	["web-01:https", /port/],
	["web-01:", /port/],
	["[::1]:", /port/],
	["[web-01]:443", /brackets/],
	["a:b:c", /colons/],
	["web 01", /neither a name nor an IP address/],
	["-web", /neither a name nor an IP address/],
])("%j is refused with the reason", (text, words) => {
	const read = readHost(text);
	expect(read).toMatchObject({ ok: false, fault: { code: "input.invalid" } });
	expect(read.ok ? "" : read.fault.sentence).toMatch(words);
});

test("an id or an address of the fleet file brings its port and servername", () => {
	for (const host of ["web-01", "10.0.0.1", "10.0.0.1:12443"])
		expect(doctorTarget({ host, fleet })).toMatchObject({
			ok: true,
			value: {
				inFleet: true,
				entry: { id: "web-01", port: 12_443, servername: "web-01.fleet.test" },
			},
		});
	expect(
		doctorTarget({ host: "web-02", fleet, servername: "x" }),
	).toMatchObject({ value: { entry: { port: 40_002, servername: "x" } } });
});

test("what the fleet file does not have is taken as it is, on the agents’ port", () => {
	expect(doctorTarget({ host: "10.0.0.2:1", fleet })).toMatchObject({
		value: { inFleet: false, entry: { address: "10.0.0.2", port: 1 } },
	});
	expect(doctorTarget({ host: "db-01", data })).toMatchObject({
		value: {
			inFleet: false,
			entry: { id: "db-01", port: 12_443, servername: "db-01" },
		},
	});
});

test("a fleet file that was named and is broken is said", () => {
	expect(
		doctorTarget({ host: "web-01", fleet: join(folder, "none.json") }),
	).toMatchObject({ ok: false, fault: { code: "fleet.unreadable" } });
});
