// Puts a text on the clipboard, in whichever way the browser or the desktop app allows.

/**
 * Must be called soon after a key or a press. The page's own way of copying is taken where the newer one is forbidden, as in
 * the desktop app, which grants a page no permission at all.
 * @returns whether it is there.
 */
export async function putOnClipboard(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return copySelection(text);
	}
}

function copySelection(text: string): boolean {
	const before = document.activeElement;
	const box = document.createElement("textarea");
	box.value = text;
	box.readOnly = true;
	box.style.position = "fixed";
	box.style.opacity = "0";
	document.body.append(box);
	box.select();
	try {
		return document.execCommand("copy");
	} catch {
		return false;
	} finally {
		box.remove();
		if (before instanceof HTMLElement) before.focus({ preventScroll: true });
	}
}
