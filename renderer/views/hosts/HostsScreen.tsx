// All hosts with their two facts, and the chosen one beside them.
import { ArrowDownUp } from "lucide-react";
import type { ReactElement } from "react";
import { useMemo, useState } from "react";
import type { HostId } from "../../../shared/model.ts";
import { parseFilter, toggled } from "../../store/filter.ts";
import type { HostSort, SortColumn } from "../../store/hostSort.ts";
import {
	ariaSort,
	createHostOrder,
	isInOrder,
	nextSort,
} from "../../store/hostSort.ts";
import { createHostSelection } from "../../store/select.ts";
import type { Address } from "../../store/view.ts";
import { Button } from "../../ui/Button.tsx";
import { useKeys } from "../../ui/useKeys.ts";
import type { SortHead } from "../../ui/VirtualGrid.tsx";
import { VirtualGrid } from "../../ui/VirtualGrid.tsx";
import { ExportHosts } from "../export/Exports.tsx";
import { FirstRun } from "../FirstRun.tsx";
import { NoMatch } from "../NoMatch.tsx";
import { ScreenHead } from "../ScreenHead.tsx";
import { useAttend } from "../useAttend.ts";
import { useCore, useGo, useNow, useParts, useRowPx } from "../window.ts";
import { HostPanel } from "./HostPanel.tsx";
import styles from "./HostsScreen.module.css";
import { useHostRow } from "./hostRow.tsx";
import { ImportHosts } from "./ImportHosts.tsx";

/** Columns with what they are ordered by; a reason and labels have no order. */
const COLUMNS: readonly (readonly [string, SortColumn | null])[] = [
	["Host", "host"],
	["Channel", "channel"],
	["Host health", "health"],
	["Why", null],
	["Heard from", "heard"],
	["Runs", "runs"],
	["Reboot", "reboot"],
	["Agent", "agent"],
	["Clock", "clock"],
	["Labels", null],
];

const same = (id: HostId): HostId => id;

export function HostsScreen(props: {
	readonly address: Extract<Address, { screen: "hosts" }>;
}): ReactElement {
	const { host, q } = props.address;
	const go = useGo();
	const rowPx = useRowPx();
	const attend = useAttend<HostId>(same);
	const sort = props.address.sort ?? null;
	const [turn, setTurn] = useState(0);
	const ids = useVisibleHosts(q, sort, turn);
	const total = useCore((core) => core.fleet.hostOrder.length);
	const canImport = useCore((core) => core.session?.canImportFleet === true);
	const isKnown = useCore(
		(core) => host !== null && core.fleet.replica.hosts.has(host),
	);
	const setFilter = (text: string): void =>
		go({ ...props.address, q: text }, true);
	const open = (id: HostId | null): void =>
		go({ ...props.address, host: id }, host !== null);
	const header = COLUMNS.map(([words, by]): string | SortHead =>
		by === null
			? words
			: {
					words,
					sort: ariaSort(sort, by),
					onSort: () => {
						const { sort: _, ...rest } = props.address;
						const next = nextSort(sort, by);
						go(next === null ? rest : { ...rest, sort: next }, true);
					},
				},
	);
	useKeys({
		f: () => setFilter(toggled(q, "is:failed")),
		...(host === null ? {} : { Escape: () => open(null) }),
	});

	return (
		<>
			<ScreenHead
				title="Hosts"
				count={
					ids.length === total ? String(total) : `${ids.length} of ${total}`
				}
				filter={{
					value: q,
					hint: "role=web, channel:polling, is:stale",
					onChange: setFilter,
				}}
			>
				{canImport && total > 0 && <ImportHosts />}
				<ExportHosts ids={ids} q={q} />
				<SortAgain ids={ids} sort={sort} onSort={() => setTurn(turn + 1)} />
			</ScreenHead>
			<div className={styles.split}>
				{ids.length > 0 ? (
					<VirtualGrid
						label="Hosts"
						ids={ids}
						rowPx={rowPx}
						columns={styles.columns}
						header={header}
						useRow={useHostRow}
						selected={host}
						onOpen={open}
						onVisible={attend}
					/>
				) : total > 0 ? (
					<NoMatch what="hosts" onClear={() => setFilter("")} />
				) : (
					<FirstRun />
				)}
				{host !== null && isKnown && (
					<HostPanel key={host} hostId={host} onClose={() => open(null)} />
				)}
			</div>
		</>
	);
}

/** Rows keep their place when values change; this brings them into the order anew, when a person wants it. */
function SortAgain(props: {
	readonly ids: readonly HostId[];
	readonly sort: HostSort | null;
	readonly onSort: () => void;
}): ReactElement | null {
	const { core } = useParts();
	const { ids, sort } = props;
	const now = useNow();
	// biome-ignore lint/correctness/useExhaustiveDependencies: looked at once a second, not at each change of a host
	const isSorted = useMemo(
		() => isInOrder(core.getState().fleet.replica.hosts, ids, sort),
		[core, ids, sort?.by, sort?.turned, now],
	);
	if (isSorted) return null;
	return (
		<Button look="quiet" onClick={props.onSort}>
			<ArrowDownUp aria-hidden="true" />
			Sort again
		</Button>
	);
}

function useVisibleHosts(
	q: string,
	sort: HostSort | null,
	turn: number,
): readonly HostId[] {
	const select = useMemo(createHostSelection, []);
	const order = useMemo(createHostOrder, []);
	const filter = useMemo(() => parseFilter(q), [q]);
	const now = useNow();
	return useCore((core) =>
		select(core.fleet, filter, now, order(core.fleet, sort, turn)),
	);
}
