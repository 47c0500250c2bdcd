// All hosts with their two facts, and the chosen one beside them.
import type { ReactElement } from "react";
import { useMemo } from "react";
import type { HostId } from "../../../shared/model.ts";
import { parseFilter, toggled } from "../../store/filter.ts";
import { createHostSelection } from "../../store/select.ts";
import type { Address } from "../../store/view.ts";
import { useKeys } from "../../ui/useKeys.ts";
import { VirtualGrid } from "../../ui/VirtualGrid.tsx";
import { FirstRun } from "../FirstRun.tsx";
import { NoMatch } from "../NoMatch.tsx";
import { ScreenHead } from "../ScreenHead.tsx";
import { useAttend } from "../useAttend.ts";
import { useCore, useGo, useNow, useRowPx } from "../window.ts";
import { HostPanel } from "./HostPanel.tsx";
import styles from "./HostsScreen.module.css";
import { useHostRow } from "./hostRow.tsx";
import { ImportHosts } from "./ImportHosts.tsx";

const HEADER = [
	"Host",
	"Channel",
	"Host health",
	"Why",
	"Heard from",
	"Open runs",
	"Labels",
	"Agent",
];

const same = (id: HostId): HostId => id;

export function HostsScreen(props: {
	readonly address: Extract<Address, { screen: "hosts" }>;
}): ReactElement {
	const { host, q } = props.address;
	const go = useGo();
	const rowPx = useRowPx();
	const attend = useAttend<HostId>(same);
	const ids = useVisibleHosts(q);
	const total = useCore((core) => core.fleet.hostOrder.length);
	const canImport = useCore((core) => core.session?.canImportFleet === true);
	const isKnown = useCore(
		(core) => host !== null && core.fleet.replica.hosts.has(host),
	);
	const setFilter = (text: string): void =>
		go({ screen: "hosts", host, q: text }, true);
	const open = (id: HostId | null): void =>
		go({ screen: "hosts", host: id, q }, host !== null);
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
			</ScreenHead>
			<div className={styles.split}>
				{ids.length > 0 ? (
					<VirtualGrid
						label="Hosts"
						ids={ids}
						rowPx={rowPx}
						columns={styles.columns}
						header={HEADER}
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

function useVisibleHosts(q: string): readonly HostId[] {
	const select = useMemo(createHostSelection, []);
	const filter = useMemo(() => parseFilter(q), [q]);
	const now = useNow();
	return useCore((core) => select(core.fleet, filter, now));
}
