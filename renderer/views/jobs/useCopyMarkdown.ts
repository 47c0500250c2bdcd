// A job for the incident channel: how it stands, what failed and why, put on the clipboard.
import type { HostRun, Job } from "../../../shared/model.ts";
import { jobMarkdown } from "../../store/jobMarkdown.ts";
import { createStuckCount } from "../../store/quiet.ts";
import { createScope } from "../../store/scope.ts";
import { BAD_STATES, SEVERITY } from "../../store/select.ts";
import { browserLink, desktopLink } from "../../store/shareLink.ts";
import type { Address } from "../../store/view.ts";
import { putOnClipboard } from "../../ui/clipboard.ts";
import { useParts, useView } from "../window.ts";
import { countsInWords, runLine, stateWords } from "../words.ts";

/** Puts the job as Markdown on the clipboard and says so. */
export function useCopyMarkdown(job: Job): () => void {
	const { core, ticker } = useParts();
	const utc = useView((view) => view.preferences.utc);
	const say = useView((view) => view.say);
	return () => {
		const { fleet, coreAheadMs } = core.getState();
		const now = ticker.read() + coreAheadMs;
		const bad = (fleet.runsOfJob.get(job.id) ?? [])
			.map((key) => fleet.replica.runs.get(key))
			.filter(
				(run): run is HostRun => run !== undefined && BAD_STATES.has(run.state),
			)
			.sort((a, b) => SEVERITY.indexOf(a.state) - SEVERITY.indexOf(b.state));
		const text = jobMarkdown({
			job,
			bad,
			scope: createScope()(fleet, job.id),
			counts: countsInWords(job.counts),
			stuck: createStuckCount()(fleet, job.id, now),
			now,
			utc,
			link: linkTo(job),
			stateWords,
			reason: runLine,
		});
		void putOnClipboard(text).then((isThere) =>
			say(
				isThere
					? "Copied as Markdown."
					: "The browser does not allow copying here.",
			),
		);
	};
}

/** For somebody else: the page's own address in a browser, a link of the desktop app there; empty when none leads here. */
function linkTo(job: Job): string {
	const address: Address = {
		screen: "job",
		jobId: job.id,
		host: null,
		state: null,
		q: "",
	};
	const isBrowser = /^https?:$/.test(location.protocol);
	const { link } = isBrowser
		? browserLink(location.origin, address)
		: desktopLink(address);
	return link ?? "";
}
