// Reads from the page's address when the shell brought the window back after a crash.

/** Wall time (epoch ms) of the crash, or null when there was none. A value that is no time is none. */
export function crashedAt(search: string): number | null {
	const text = new URLSearchParams(search).get("crashed") ?? "";
	return /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}
