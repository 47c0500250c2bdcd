// Copies a text and says so; where the browser forbids it, says that instead.
import { putOnClipboard } from "../ui/clipboard.ts";
import { useParts } from "./window.ts";

/** A function that copies; the text may be on its way. */
export function useCopy(): (
	text: string | Promise<string>,
	said: string,
) => Promise<void> {
	const { view } = useParts();
	return async (text, said) => {
		const isThere = await putOnClipboard(await text);
		view
			.getState()
			.say(isThere ? said : "The browser does not allow copying here.");
	};
}
