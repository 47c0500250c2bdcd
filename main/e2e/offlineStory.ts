// A console and an agent in a network of their own that is taken away and given back: run by `offline.test.ts` in a network
// namespace, where "down" is true for this process alone. Prints a JSON line for each thing the test looks at.
import { execFileSync } from "node:child_process";
import { openWorld } from "./world.ts";

const ID = "web-01";
const ip = (...words: string[]): unknown => execFileSync("ip", words);
function setNetwork(state: "up" | "down"): void {
	// Linux keeps the route of an address that is still there, and packets would vanish instead of being refused.
	if (state === "down") ip("addr", "flush", "dev", "lo");
	// With the interface comes its address.
	ip("link", "set", "lo", state);
}

setNetwork("up");
const world = await openWorld({ hosts: [{ id: ID }] });
const tell = (when: string): void => {
	const { link, health } = world.host(ID);
	const { fault } =
		world.console.fleet.member(world.host(ID).id)?.link.history() ?? {};
	process.stdout.write(
		`${JSON.stringify({ when, link, health: health.kind, fault, dialed: world.agent(ID).connections() })}\n`,
	);
};
await world.untilChannel(ID, "live");
await world.until(
	"its health is read",
	() => world.host(ID).health.kind === "healthy",
);
setNetwork("down");
// As the shell says it when a lid opens: the socket is asked at once instead of after half a minute.
world.console.woke();
await world.untilChannel(ID, "offline", "net.offline");
await world.until("it was tried again", () => world.link(ID).attempt >= 2);
tell("down");
setNetwork("up");
await world.untilChannel(ID, "live");
tell("up again");
await world.stop();
