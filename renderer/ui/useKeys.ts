// The keys of a component, while it is mounted.
import { createContext, useContext, useEffect, useRef } from "react";
import type { Keyboard, KeyMap } from "./keyboard.ts";

/** Given by the frame around all screens. */
export const KeysContext = createContext<Keyboard | null>(null);

/** What a pressed key means is asked here by lists that take keys themselves. */
export function useKeyboard(): Keyboard {
	const keyboard = useContext(KeysContext);
	if (keyboard === null) throw new Error("keys outside of the window");
	return keyboard;
}

/**
 * Listens while the component is mounted. The newest map counts.
 * @param keys by the action's own key (store/actions.ts), whatever key the person gave it.
 * @param last asked after all others: for what works on every screen.
 */
export function useKeys(keys: KeyMap, last = false): void {
	const keyboard = useKeyboard();
	const current = useRef(keys);
	current.current = keys;
	useEffect(() => keyboard.hold(() => current.current, last), [keyboard, last]);
}
