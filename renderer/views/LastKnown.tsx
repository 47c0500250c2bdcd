// What is said of a state that is from before Foredeck was started: in the status bar, over a job, and in a row.
import { History } from "lucide-react";
import type { ReactElement } from "react";
import { useMemo } from "react";
import type { JobId } from "../../shared/model.ts";
import { createJobLastKnown } from "../store/lastKnown.ts";
import { Go } from "./Go.tsx";
import styles from "./LastKnown.module.css";
import { Started } from "./Times.tsx";
import { useCore } from "./window.ts";

/** `39 of 50 hosts not heard since 03:02`, as a link to exactly those; nothing once all were heard of. */
export function LastKnownHosts(): ReactElement | null {
	const { hosts, asOf } = useCore((core) => core.fleet.lastKnown);
	const total = useCore((core) => core.fleet.hostOrder.length);
	if (hosts === 0) return null;
	return (
		<Go
			className={styles.bar}
			to={{ screen: "hosts", host: null, q: "is:last-known" }}
			title="Nothing was heard of them since Foredeck was started: their rows show what was known then"
		>
			<History aria-hidden="true" />
			<span>
				<b>{hosts}</b> of {total} not heard since <Started at={asOf} />
			</span>
		</Go>
	);
}

/** How many hosts of a job were not heard of since the start, and as of when they are shown; hosts 0: all were. */
export function useJobLastKnown(id: JobId) {
	const lastKnownOf = useMemo(createJobLastKnown, []);
	return useCore((core) => lastKnownOf(core.fleet, id));
}

/** Over a job: that a part of it is from before the start. */
export function JobLastKnown(props: {
	readonly jobId: JobId;
}): ReactElement | null {
	const { hosts, of, asOf } = useJobLastKnown(props.jobId);
	if (hosts === 0) return null;
	return (
		<p className={styles.line} role="status">
			<History aria-hidden="true" />
			<span>
				{hosts === of ? "All" : `${hosts} of`} {of} hosts of this job were not
				heard since <Started at={asOf} />: what stands here of them is what was
				known then.
			</span>
		</p>
	);
}
