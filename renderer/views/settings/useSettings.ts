// The settings on the screen: a change shows at once, is asked of the core, and says what became of it.
import { useEffect, useRef, useState } from "react";
import type { Fault } from "../../../shared/fault.ts";
import type { Settings, SettingsPatch } from "../../../shared/settings.ts";
import { patched } from "../../../shared/settings.ts";
import type { CoreStore, CoreView } from "../../store/sync.ts";
import { useAsk, useCore, useParts } from "../window.ts";

/** `saved` goes away by itself; a refusal stays until the next change. */
export type Outcome =
	| { readonly kind: "none" }
	| { readonly kind: "saved" }
	| { readonly kind: "refused"; readonly fault: Fault };

export type Change = (patch: SettingsPatch) => void;

const SAVED_SHOWN_MS = 4_000;

/** What was wrong with the file is not any more: the banner need not wait for the next look at the session. */
function mended(core: CoreStore): Partial<CoreView> {
	const { session } = core.getState();
	return session?.fault?.code.startsWith("settings.")
		? { session: { ...session, fault: null } }
		: {};
}

/** Null settings: the core has not told them yet. */
export function useSettings(): {
	readonly settings: Settings | null;
	readonly outcome: Outcome;
	readonly change: Change;
} {
	const { core } = useParts();
	const ask = useAsk();
	const told = useCore((view) => view.settings);
	const isOpen = useCore((view) => view.line.kind === "open");
	const [outcome, setOutcome] = useState<Outcome>({ kind: "none" });
	// What the person set, while the core has not answered all of it: its own words may be one change behind meanwhile.
	const [mine, setMine] = useState<Settings | null>(null);
	const newest = useRef<Settings | null>(null);
	const asking = useRef(0);

	// Another Foredeck may have written the file: the core looks when it is asked.
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked once for each core; asking is new with every render.
	useEffect(() => {
		if (isOpen) void ask("settings.read", {});
	}, [isOpen]);
	useEffect(() => {
		if (outcome.kind !== "saved") return;
		const timer = setTimeout(
			() => setOutcome({ kind: "none" }),
			SAVED_SHOWN_MS,
		);
		return () => clearTimeout(timer);
	}, [outcome]);

	const show = (settings: Settings | null): void => {
		newest.current = settings;
		setMine(settings);
	};
	const change = async (patch: SettingsPatch): Promise<void> => {
		const base = newest.current ?? core.getState().settings;
		if (base === null) return;
		show(patched(base, patch));
		asking.current += 1;
		const answer = await ask("settings.change", { patch });
		asking.current -= 1;
		if (answer.ok) core.setState({ settings: answer.value, ...mended(core) });
		if (asking.current === 0) show(null);
		setOutcome(
			answer.ok ? { kind: "saved" } : { kind: "refused", fault: answer.fault },
		);
	};
	return {
		settings: mine ?? told,
		outcome,
		change: (patch) => void change(patch),
	};
}
