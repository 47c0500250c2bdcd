// Refuses to start the installed app with switches that take its walls down. Fuses hold back what concerns Node; what
// Chromium reads from the command line has no fuse. A start from the sources is let pass: tests need some of them.

/** What is asked of Electron's `app`. */
export interface Started {
	readonly isPackaged: boolean;
	readonly commandLine: { hasSwitch(name: string): boolean };
}

/** Names without dashes: no sandbox, a door for whoever is on this computer, or no checks in the page. */
const REFUSED = [
	"no-sandbox",
	"remote-debugging-port",
	"remote-debugging-pipe",
	"disable-web-security",
	"ignore-certificate-errors",
];

/** Why the app does not start, in one sentence, or null. */
export function refusedSwitch({
	isPackaged,
	commandLine,
}: Started): string | null {
	if (!isPackaged) return null;
	const name = REFUSED.find((one) => commandLine.hasSwitch(one));
	if (name === undefined) return null;
	// An AppImage adds the first one by itself where its start script finds no user namespaces.
	return name === "no-sandbox"
		? "Foredeck does not run without Chromium's sandbox (--no-sandbox): let programs make user namespaces on this system, or install the deb or rpm package instead of the AppImage"
		: `Foredeck does not run with --${name}`;
}
