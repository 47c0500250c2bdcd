import { expect, test } from "vitest";
import { hostId } from "../../../shared/model.ts";
import { ownersOf } from "./owners.ts";

const host = (id: string, servername: string) => ({
	id: hostId(id),
	servername,
});

test("a servername names its host, in any case, unless several share it", () => {
	const owners = ownersOf([
		host("web-01", "Web-01.fleet.test"),
		host("old-01", "linux-patch-api"),
		host("old-02", "linux-patch-api"),
		host("old-03", "linux-patch-api"),
	]);
	expect(owners.get("web-01.fleet.test")).toBe("web-01");
	expect(owners.get("linux-patch-api")).toBeNull();
	expect(owners.get("web-02.fleet.test")).toBeUndefined();
});
