// Opens an address in the person's browser, where there is a display to show one. Failing is no error: the address is
// printed as well.
import { spawn } from "node:child_process";

/** @returns whether a browser was asked to open. */
export function openBrowser(
	address: string,
	env: Readonly<Record<string, string | undefined>>,
): boolean {
	const [command, ...args] = opener(env);
	if (command === undefined) return false;
	const child = spawn(command, [...args, address], {
		detached: true,
		stdio: "ignore",
	});
	child.on("error", () => {});
	child.unref();
	return true;
}

function opener(env: Readonly<Record<string, string | undefined>>): string[] {
	if (process.platform === "darwin") return ["open"];
	// `start` would let the shell read the address; the URL handler takes it as one argument.
	if (process.platform === "win32")
		return ["rundll32", "url.dll,FileProtocolHandler"];
	const display = env.DISPLAY ?? env.WAYLAND_DISPLAY;
	return display === undefined || display === "" ? [] : ["xdg-open"];
}
