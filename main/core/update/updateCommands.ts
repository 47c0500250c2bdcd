// What a window may ask about updates. A console without an updater (a package manager's, the browser's, a build without a
// feed) answers `managed`, and the window then shows nothing.
import type { Handlers } from "../../../shared/bridge.ts";
import type { Answer } from "../../../shared/contract.ts";
import { ok } from "../../../shared/fault.ts";
import type { Updates } from "./runner.ts";

export type UpdateHandlers = Pick<
	Handlers,
	"update.read" | "update.install" | "update.postpone"
>;

const MANAGED: Answer<"update.read"> = {
	kind: "managed",
	version: null,
	releasedAt: null,
	notes: "",
	fraction: null,
	wanted: false,
	waitsFor: null,
	isPostponed: false,
	fault: null,
};

/** `updates`: null where somebody else updates Foredeck. */
export const updateHandlers = (
	updates: () => Updates | null,
): UpdateHandlers => ({
	"update.read": () => {
		const now = updates();
		return ok(now === null ? MANAGED : told(now));
	},
	"update.install": () => {
		updates()?.install();
		return ok({});
	},
	"update.postpone": () => {
		updates()?.postpone();
		return ok({});
	},
});

function told(updates: Updates): Answer<"update.read"> {
	const { state, waitsFor, isPostponed } = updates.view();
	const release = "release" in state ? state.release : null;
	return {
		kind: state.kind,
		version: release?.version ?? null,
		releasedAt: release?.releasedAt ?? null,
		notes: release?.notes ?? "",
		fraction: state.kind === "downloading" ? state.fraction : null,
		wanted: state.kind === "ready" && state.wanted,
		waitsFor,
		isPostponed,
		fault:
			"fault" in state
				? { code: state.fault.code, sentence: state.fault.sentence }
				: null,
	};
}
