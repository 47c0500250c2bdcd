// The link to a place, for somebody else: the page's own address in a browser, `foredeck://v1/…` in the desktop app.
import { listOf } from "./lists.ts";
import type { Address } from "./view.ts";
import { hashOf } from "./view.ts";

export interface ShareLink {
	/** Null: nothing outside can lead here. */
	readonly link: string | null;
	/** What the person should know of it, one sentence. */
	readonly sentence: string;
}

/** What ids are made of that a link of the desktop app can name (the desktop shell's deepLink.ts reads them). */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,252}$/;
const JOB_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;

/** @param origin of the page, e.g. `http://127.0.0.1:4711`; the one-time token is not part of it. */
export const browserLink = (origin: string, address: Address): ShareLink => ({
	link: `${origin}/${hashOf(address)}`,
	sentence: "Link copied.",
});

/** Links of the desktop app name a job, a host in it, a host, or the activity; no filter. */
export function desktopLink(address: Address): ShareLink {
	const place = placeOf(address);
	if (place === null)
		return {
			link: null,
			sentence:
				"No link leads here: links to the desktop app name a job, a host or the activity.",
		};
	const lost = hashOf(listOf(address)).includes("?");
	return {
		link: `foredeck://v1/${place}`,
		sentence: lost
			? "Link copied, without the filter: links to the desktop app name a place only."
			: "Link copied.",
	};
}

function placeOf(address: Address): string | null {
	switch (address.screen) {
		case "activity":
			return "activity";
		case "hosts":
			return address.host !== null && ID.test(address.host)
				? `hosts/${address.host}`
				: null;
		case "job": {
			if (!JOB_ID.test(address.jobId)) return null;
			const { host } = address;
			return host !== null && ID.test(host)
				? `jobs/${address.jobId}/host/${host}`
				: `jobs/${address.jobId}`;
		}
		default:
			return null;
	}
}
