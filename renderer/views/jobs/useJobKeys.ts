// The keys of a job's page: what failed, from host to host, list or matrix, and what to tell the incident channel.
import { useMemo } from "react";
import type { RunKey } from "../../../shared/model.ts";
import { parseFilter } from "../../store/filter.ts";
import { BAD_STATES, createRunSelection } from "../../store/select.ts";
import type { Address } from "../../store/view.ts";
import { useKeys } from "../../ui/useKeys.ts";
import { useGo, useParts } from "../window.ts";

export type JobAddress = Extract<Address, { screen: "job" }>;

export const hostOf = (key: RunKey) =>
	key.slice(0, key.lastIndexOf("/")) as NonNullable<JobAddress["host"]>;

type Change = (
	part: Partial<Omit<JobAddress, "screen" | "view" | "ended">> & {
		readonly view?: JobAddress["view"] | undefined;
		readonly ended?: JobAddress["ended"] | undefined;
	},
	replace?: boolean,
) => void;

export function useJobKeys(
	address: JobAddress,
	copyMarkdown: () => void,
	change: Change,
	/** The next panel begins at its output. */
	toOutput: () => void,
): void {
	const { core } = useParts();
	const go = useGo();
	const select = useMemo(createRunSelection, []);
	const bad = (): readonly RunKey[] => {
		const { fleet } = core.getState();
		return select(fleet, address.jobId, null, parseFilter("")).filter((key) =>
			BAD_STATES.has(fleet.replica.runs.get(key)?.state ?? "queued"),
		);
	};
	/** The next run that needs a look, after or before the chosen one, around the ends. */
	const step = (by: 1 | -1): void => {
		const keys = bad();
		const at = keys.findIndex((key) => hostOf(key) === address.host);
		const start = at === -1 && by === -1 ? 0 : at;
		const next = keys[(start + by + keys.length) % keys.length];
		if (next === undefined) return;
		// What is filtered away could not be seen beside its panel.
		change({ host: hostOf(next), state: null, q: "", ended: undefined }, true);
	};
	useKeys({
		f: () => change({ state: address.state === "failed" ? null : "failed" }),
		m: () => change({ view: address.view === "matrix" ? undefined : "matrix" }),
		"]": () => step(1),
		"[": () => step(-1),
		// With a panel open the output takes the key itself.
		...(address.host === null
			? {
					l: () => {
						toOutput();
						step(1);
					},
				}
			: {}),
		Y: copyMarkdown,
		Escape: () =>
			address.host === null
				? go({ screen: "jobs", q: "" })
				: change({ host: null }),
	});
}
