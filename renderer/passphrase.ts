// The page of the window that asks for a passphrase: by itself, so that none is ever in the memory of the page that shows the
// fleet's texts. Its window is closed after the answer, and its process with it.
import { visible } from "../shared/visibleText.ts";

const { foredeck: bridge } = window as unknown as {
	/** Absent where the page is opened by anything but our window. */
	readonly foredeck?: { answer(passphrase: string | null): void };
};
const part = <T extends HTMLElement>(id: string): T =>
	document.getElementById(id) as T;
const input = part<HTMLInputElement>("passphrase");

/** The file's name comes in the address, after `#`. */
function fileName(): string {
	try {
		return decodeURIComponent(location.hash.slice(1));
	} catch {
		return "";
	}
}
const name = fileName();
if (name !== "") part("file").textContent = visible(name);

const answer = (passphrase: string | null): void => {
	input.value = "";
	bridge?.answer(passphrase);
};
part<HTMLFormElement>("form").addEventListener("submit", (event) => {
	event.preventDefault();
	answer(input.value);
});
part("cancel").addEventListener("click", () => answer(null));
addEventListener("keydown", (event) => {
	if (event.key === "Escape") answer(null);
});
input.focus();
