import { expect, test } from "vitest";
import { jobId } from "../../shared/model.ts";
import { parseFilter } from "./filter.ts";
import {
	deltaOf,
	hostRow,
	jobRow,
	NOW,
	runRow,
	snapshotOf,
} from "./fixtures.ts";
import { createJobLastKnown } from "./lastKnown.ts";
import { fleetOf, nextFleet } from "./replica.ts";
import { createHostSelection } from "./select.ts";

const known = (id: string, heardAt: number) =>
	hostRow(id, { lastKnown: true, heardAt });
const start = () =>
	fleetOf(
		snapshotOf({
			hosts: [known("a", NOW - 9), known("b", NOW - 5), hostRow("c")],
			jobs: [jobRow("j-1"), jobRow("j-2")],
			runs: [runRow("a", "j-1"), runRow("c", "j-1"), runRow("c", "j-2")],
		}),
	);

test("counts the hosts that were not heard of, as many as their list has", () => {
	const fleet = start();
	expect(fleet.lastKnown).toEqual({ hosts: 2, asOf: NOW - 5 });
	const select = createHostSelection();
	expect(select(fleet, parseFilter("is:last-known"), NOW)).toEqual(["a", "b"]);
});

test("each host leaves the count when it is heard of or removed, once", () => {
	let fleet = nextFleet(start(), deltaOf(10, { hosts: [hostRow("a")] }));
	expect(fleet.lastKnown.hosts).toBe(1);
	const before = fleet.lastKnown;
	fleet = nextFleet(
		fleet,
		deltaOf(11, { hosts: [hostRow("a"), hostRow("c")] }),
	);
	expect(fleet.lastKnown).toBe(before);
	fleet = nextFleet(
		fleet,
		deltaOf(12, { hostsGone: [hostRow("b").id], hosts: [] }),
	);
	expect(fleet.lastKnown.hosts).toBe(0);
});

test("a job says how many of its hosts were not heard of, until all were", () => {
	const of = createJobLastKnown();
	const fleet = start();
	const first = of(fleet, jobId("j-1"));
	expect(first).toEqual({ hosts: 1, of: 2, asOf: NOW - 9 });
	expect(createJobLastKnown()(fleet, jobId("j-2")).hosts).toBe(0);
	const later = nextFleet(fleet, deltaOf(10, { hosts: [hostRow("b")] }));
	expect(of(later, jobId("j-1"))).toBe(first);
	const last = nextFleet(later, deltaOf(11, { hosts: [hostRow("a")] }));
	expect(of(last, jobId("j-1")).hosts).toBe(0);
});
