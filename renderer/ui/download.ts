// Hands a text to the browser as a download.

/** Long enough for the browser to have taken it. */
const KEPT_MS = 60_000;

/** The person's browser decides where it goes, and asks if it is set so. */
export function download(name: string, type: string, text: string): void {
	const address = URL.createObjectURL(new Blob([text], { type }));
	const link = document.createElement("a");
	link.href = address;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
