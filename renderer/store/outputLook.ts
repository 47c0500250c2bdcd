// How a person likes to read outputs: the same for every host they open, for as long as the window lives.
import { createStore } from "zustand/vanilla";

export interface OutputLook {
	readonly wrap: boolean;
	readonly numbers: boolean;
	/** Nothing folded, every control character shown. */
	readonly asSent: boolean;
}

export const outputLook = createStore<OutputLook>(() => ({
	wrap: true,
	numbers: false,
	asSent: false,
}));
