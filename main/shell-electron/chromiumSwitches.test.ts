// Which switches the installed app refuses to start with.
import { expect, test } from "vitest";
import { refusedSwitch } from "./chromiumSwitches.ts";

const started = (isPackaged: boolean, ...switches: readonly string[]) =>
	refusedSwitch({
		isPackaged,
		commandLine: { hasSwitch: (name) => switches.includes(name) },
	});

test.each([
	"no-sandbox",
	"remote-debugging-port",
	"remote-debugging-pipe",
	"disable-web-security",
	"ignore-certificate-errors",
])("the installed app does not start with --%s", (name) => {
	expect(started(true, name)).toContain(`--${name}`);
});

test("the installed app starts with switches of the display", () => {
	expect(started(true, "ozone-platform-hint", "lang")).toBeNull();
});

test("a start from the sources is let pass, because tests run as root", () => {
	expect(started(false, "no-sandbox")).toBeNull();
});
