// Puts the window together: clock, stores, line to the core, page. The only renderer file that touches the page itself.
import "./zodWithoutEval.ts";
import "./ui/tokens.css";
import { createRoot } from "react-dom/client";
import { systemClock } from "../shared/clock.ts";
import type { PreloadPipe } from "./connect.ts";
import { connect } from "./connect.ts";
import { createCoreStore } from "./store/sync.ts";
import type { Place, View } from "./store/view.ts";
import { createViewStore } from "./store/view.ts";
import { createTicker } from "./ui/ticker.ts";
import { App } from "./views/App.tsx";
import { WindowContext } from "./views/window.ts";

declare global {
	interface Window {
		readonly foredeck?: PreloadPipe;
	}
}

const PREFERENCES_KEY = "foredeck.preferences";

const place: Place = {
	readHash: () => location.hash,
	writeHash(hash, replace) {
		if (replace) history.replaceState(null, "", hash);
		else history.pushState(null, "", hash);
	},
	readPreferences: () => localStorage.getItem(PREFERENCES_KEY),
	writePreferences: (text) => localStorage.setItem(PREFERENCES_KEY, text),
};

const moreContrast = matchMedia("(prefers-contrast: more)");

function show({ preferences }: View): void {
	const { dataset } = document.documentElement;
	dataset.theme = preferences.theme;
	dataset.density = preferences.density;
	dataset.contrast =
		preferences.theme === "contrast" || moreContrast.matches ? "more" : "usual";
}

const clock = systemClock();
const core = createCoreStore();
const view = createViewStore(place);
show(view.getState());
view.subscribe(show);
moreContrast.addEventListener("change", () => show(view.getState()));
addEventListener("hashchange", () => view.getState().hashChanged());
addEventListener("popstate", () => view.getState().hashChanged());
const connection = connect(core, clock, location.origin, window.foredeck);
const page = document.getElementById("window");
if (page !== null)
	createRoot(page).render(
		<WindowContext
			value={{ core, view, connection, ticker: createTicker(clock) }}
		>
			<App />
		</WindowContext>,
	);
