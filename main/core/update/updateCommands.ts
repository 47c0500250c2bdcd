// What a window is told and may ask about updates. A console that does not update itself (a package manager's, the browser's,
// a build without a release key) answers `managed`, and the window then shows no notice.
import type { Handlers } from "../../../shared/bridge.ts";
import { ok } from "../../../shared/fault.ts";
import type { UpdateTold } from "../../../shared/update.ts";
import type { Updates } from "./runner.ts";

/** Who updates this Foredeck: it itself, or somebody else, and then why, in one sentence. */
export type UpdateDuty =
	| { readonly kind: "own"; readonly updates: Updates }
	| { readonly kind: "managed"; readonly why: string };

export type UpdateHandlers = Pick<
	Handlers,
	"update.read" | "update.check" | "update.install" | "update.postpone"
>;

export interface UpdateDesk {
	readonly handlers: UpdateHandlers;
	/** What is true now, for the feed and for `update.read`. */
	told(): UpdateTold;
}

/** `duty`: null where nothing is known of it. */
export function updateDesk(
	duty: () => UpdateDuty | null = () => null,
): UpdateDesk {
	const told = (): UpdateTold => {
		const now = duty();
		return now?.kind === "own"
			? toldOf(now.updates)
			: managed(now?.why ?? null);
	};
	const ask = (act: (updates: Updates) => void) => () => {
		const now = duty();
		if (now?.kind === "own") act(now.updates);
		return ok({});
	};
	return {
		told,
		handlers: {
			"update.read": () => ok(told()),
			"update.check": ask((updates) => updates.check()),
			"update.install": ask((updates) => updates.install()),
			"update.postpone": ask((updates) => updates.postpone()),
		},
	};
}

const managed = (why: string | null): UpdateTold => ({
	kind: "managed",
	version: null,
	releasedAt: null,
	notes: "",
	fraction: null,
	wanted: false,
	waitsFor: null,
	isPostponed: false,
	why,
	fault: null,
});

function toldOf(updates: Updates): UpdateTold {
	const { state, waitsFor, isPostponed } = updates.view();
	const release = "release" in state ? state.release : null;
	return {
		kind: state.kind,
		version: release?.version ?? null,
		releasedAt: release?.releasedAt ?? null,
		notes: release?.notes ?? "",
		fraction: state.kind === "downloading" ? state.fraction : null,
		wanted: "wanted" in state && state.wanted,
		waitsFor,
		isPostponed,
		why: null,
		fault: "fault" in state ? shown(state.fault) : null,
	};
}

const shown = ({
	code,
	sentence,
	nextStep,
}: NonNullable<UpdateTold["fault"]>) => ({
	code,
	sentence,
	nextStep,
});
