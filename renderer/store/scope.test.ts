import { expect, test } from "vitest";
import { jobId } from "../../shared/model.ts";
import { deltaOf, hostRow, runRow, snapshotOf } from "./fixtures.ts";
import { fleetOf, nextFleet } from "./replica.ts";
import { createScope, sharedWords } from "./scope.ts";

const job = jobId("j-1");
const hosts = [
	hostRow("web-1", { labels: { role: "web", env: "prod", rack: "1" } }),
	hostRow("web-2", { labels: { role: "web", env: "prod", rack: "2" } }),
	hostRow("db-1", { labels: { role: "db", env: "prod" } }),
];
const fleet = fleetOf(
	snapshotOf({ hosts, runs: [runRow("web-1", "j-1"), runRow("web-2", "j-1")] }),
);

test("the scope of a job is its hosts and the labels that all of them have", () => {
	const scope = createScope()(fleet, job);
	expect(scope).toMatchObject({ hosts: 2, wholeFleet: false, only: null });
	expect(sharedWords(scope)).toBe("env=prod, role=web");
});

test("a job on every host is the whole fleet, and one on one host names it", () => {
	const all = nextFleet(fleet, deltaOf(10, { runs: [runRow("db-1", "j-1")] }));
	const scope = createScope()(all, job);
	expect(scope).toMatchObject({ hosts: 3, wholeFleet: true });
	expect(sharedWords(scope)).toBe("env=prod");
	const one = fleetOf(snapshotOf({ hosts, runs: [runRow("db-1", "j-1")] }));
	expect(createScope()(one, job).only).toBe("db-1");
});

test("a host that left the fleet is counted and takes no label away", () => {
	const left = fleetOf(
		snapshotOf({
			hosts: hosts.slice(0, 1),
			runs: [runRow("web-1", "j-1"), runRow("gone", "j-1")],
		}),
	);
	const scope = createScope()(left, job);
	expect(scope.hosts).toBe(2);
	expect(scope.shared).toContain("role=web");
});

test("it is reckoned again only when runs or hosts come or go", () => {
	const scopeOf = createScope();
	const running = fleetOf(
		snapshotOf({
			hosts,
			runs: [runRow("web-1", "j-1"), runRow("web-2", "j-1")],
		}),
	);
	const before = scopeOf(running, job);
	const later = nextFleet(
		running,
		deltaOf(10, { runs: [runRow("web-1", "j-1", { state: "failed" })] }),
	);
	expect(scopeOf(later, job)).toBe(before);
	const more = nextFleet(later, deltaOf(11, { runs: [runRow("db-1", "j-1")] }));
	expect(scopeOf(more, job).hosts).toBe(3);
});

test("many labels are cut, and the cut is counted", () => {
	const shared = ["a=1", "b=2", "c=3", "d=4", "e=5"];
	const scope = { hosts: 2, wholeFleet: false, only: null, shared };
	expect(sharedWords(scope)).toBe("a=1, b=2, c=3 +2");
	expect(sharedWords({ ...scope, shared: [] })).toBe("");
});
