import fc from "fast-check";
import { expect, test } from "vitest";
import { hostId, jobId } from "../../shared/model.ts";
import { hashOfList, isWorthSaving, viewsOf } from "./lists.ts";
import {
	parseRecent,
	parseViews,
	refusalOfName,
	renamed,
	withoutView,
	withRecent,
	withView,
} from "./savedViews.ts";
import { browserLink, desktopLink } from "./shareLink.ts";
import type { Address } from "./view.ts";

const web: Address = { screen: "hosts", host: hostId("web-1"), q: "role=web" };
const job: Address = {
	screen: "job",
	jobId: jobId("j-1"),
	host: hostId("db-1"),
	state: "failed",
	q: "",
};

test("a view is the list: its filter, state and order, without the row that is open", () => {
	expect(hashOfList(web)).toBe("#/hosts?q=role%3Dweb");
	expect(hashOfList({ ...web, sort: { by: "heard", turned: true } })).toBe(
		"#/hosts?q=role%3Dweb&sort=-heard",
	);
	expect(hashOfList(job)).toBe("#/jobs/j-1?state=failed");
	expect(isWorthSaving(web)).toBe(true);
	expect(isWorthSaving({ ...web, q: "" })).toBe(false);
});

test("views are saved, renamed and deleted by name, and names are told apart", () => {
	let views = withView([], "  Night   web ", hashOfList(web));
	expect(views).toEqual([{ name: "Night web", hash: "#/hosts?q=role%3Dweb" }]);
	expect(refusalOfName(views, "night web")).toMatch(/already/);
	expect(refusalOfName(views, "Night web", "Night web")).toBeNull();
	expect(refusalOfName(views, "  ")).toMatch(/needs a name/);
	views = renamed(views, "Night web", "Web");
	expect(views[0]?.name).toBe("Web");
	expect(withoutView(views, "Web")).toEqual([]);
});

test("views belong to their screen, and those of a job to that job", () => {
	const views = withView(
		withView([], "a", hashOfList(web)),
		"b",
		hashOfList(job),
	);
	expect(viewsOf(views, web).map(({ name }) => name)).toEqual(["a"]);
	expect(viewsOf(views, job).map(({ name }) => name)).toEqual(["b"]);
	expect(viewsOf(views, { ...job, jobId: jobId("j-2") })).toEqual([]);
});

test("broken storage gives the views that are whole", () => {
	expect(
		parseViews([
			{ name: "ok", hash: "#/hosts?q=a" },
			{ name: "ok", hash: "#/jobs" },
			{ name: "", hash: "#/jobs" },
			{ name: "script", hash: "javascript:alert(1)" },
			{ name: 3, hash: "#/jobs" },
			null,
			"x",
		]),
	).toEqual([{ name: "ok", hash: "#/hosts?q=a" }]);
	for (const broken of [null, {}, "x", 3])
		expect(parseViews(broken)).toEqual([]);
	expect(parseRecent(["a", 3, null, "b"])).toEqual(["a", "b"]);
	expect(parseRecent("a")).toEqual([]);
	fc.assert(
		fc.property(fc.jsonValue(), (value) => {
			const views = parseViews(value);
			expect(parseViews(JSON.parse(JSON.stringify(views)))).toEqual(views);
		}),
	);
});

test("the filters typed last are kept, each once, newest first", () => {
	let recent = withRecent([], "role=web");
	recent = withRecent(recent, "is:failed ");
	recent = withRecent(recent, "role=web");
	expect(recent).toEqual(["role=web", "is:failed"]);
	expect(withRecent(recent, "   ")).toBe(recent);
	for (let n = 0; n < 20; n++) recent = withRecent(recent, `f${n}`);
	expect(recent).toHaveLength(8);
});

test("a browser's link holds everything on the screen and no token", () => {
	expect(browserLink("http://127.0.0.1:4711", web).link).toBe(
		"http://127.0.0.1:4711/#/hosts/web-1?q=role%3Dweb",
	);
});

test.each<[Address, string | null, RegExp]>([
	[job, "foredeck://v1/jobs/j-1/host/db-1", /without the filter/],
	[
		{ ...job, state: null },
		"foredeck://v1/jobs/j-1/host/db-1",
		/^Link copied\.$/,
	],
	[
		{ ...job, host: null, state: null },
		"foredeck://v1/jobs/j-1",
		/^Link copied\.$/,
	],
	[web, "foredeck://v1/hosts/web-1", /without the filter/],
	[{ ...web, host: null }, null, /No link leads here/],
	[
		{ screen: "activity", kind: null, q: "" },
		"foredeck://v1/activity",
		/^Link copied\.$/,
	],
	[{ screen: "settings" }, null, /No link/],
	[{ ...web, host: hostId("web 1/../x") }, null, /No link/],
])("in the desktop app %j becomes %j", (address, link, sentence) => {
	expect(desktopLink(address).link).toBe(link);
	expect(desktopLink(address).sentence).toMatch(sentence);
});
