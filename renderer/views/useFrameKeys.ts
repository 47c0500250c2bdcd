// What keys do on every screen.
import { browserLink, desktopLink } from "../store/shareLink.ts";
import { useKeys } from "../ui/useKeys.ts";
import { enterGrid } from "./enterGrid.ts";
import { useCopy } from "./useCopy.ts";
import { useGo, useParts } from "./window.ts";

/** Opens what lies over the screens. */
export interface Openers {
	sheet(): void;
	palette(): void;
}

export function useFrameKeys(open: Openers): void {
	const go = useGo();
	const { view } = useParts();
	const copy = useCopy();
	const copyLink = (): void => {
		const { address, say } = view.getState();
		// Only the desktop app's page has the preload's pipe.
		const { link, sentence } =
			window.foredeck === undefined
				? browserLink(location.origin, address)
				: desktopLink(address);
		if (link === null) say(sentence);
		else void copy(link, sentence);
	};
	useKeys(
		{
			"Mod+k": open.palette,
			"/": focusFilter,
			"?": open.sheet,
			y: copyLink,
			j: enterGrid,
			k: enterGrid,
			ArrowDown: enterGrid,
			ArrowUp: enterGrid,
			"g j": () => go({ screen: "jobs", q: "" }),
			"g h": () => go({ screen: "hosts", host: null, q: "" }),
			"g a": () => go({ screen: "activity", kind: null, q: "" }),
			"g o": () => go({ screen: "history", q: "" }),
			"g n": () => go({ screen: "inbox" }),
			"g i": () => go({ screen: "identities" }),
			"g s": () => go({ screen: "settings" }),
		},
		true,
	);
}

/** The filter of the screen: the first search box in its head. */
const focusFilter = (): void =>
	document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
