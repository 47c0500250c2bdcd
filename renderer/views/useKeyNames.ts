// The keys of actions as they are now, for tooltips and sheets.
import { keyHint, keyNames, keyOfId } from "../store/actions.ts";
import { IS_MAC } from "./platform.ts";
import { useView } from "./window.ts";

/** ` (g j)` for a tooltip; empty when the action is unknown. */
export const useKeyHint = (action: string): string =>
	keyHint(
		keyOfId(
			action,
			useView((view) => view.preferences.keys),
		),
		IS_MAC,
	);

/** The key of an action as it is printed. */
export function useKeyName(action: string): string {
	const own = useView((view) => view.preferences.keys);
	const key = keyOfId(action, own);
	return key === null ? "" : keyNames(key, IS_MAC).join(" ");
}
