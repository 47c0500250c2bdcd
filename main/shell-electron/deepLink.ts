// Links from outside: `foredeck://v1/…` shows a place in the window and can do nothing else. Any page and any mail can hold
// one, so the grammar is small and everything beside it is refused; no part of a link is ever run, opened or asked for.
import type { Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";

/** The scheme that the system sends to us. */
export const LINK_SCHEME = "foredeck";

/** Longest link; two ids of full length fit. */
const LINK_CHARACTERS = 512;

/** What our ids are made of. No percent sign, so that nothing can hide a slash, a query or a blank. */
const JOB = "[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}";
const HOST = "[A-Za-z0-9][A-Za-z0-9._:@-]{0,252}";

const PLACES = new RegExp(
	`^${LINK_SCHEME}://v1/(?:(?<list>activity)|hosts/(?<shown>${HOST})|jobs/(?<job>${JOB})(?:/host/(?<host>${HOST}))?)$`,
);

/**
 * The place that a link names, as the hash of the window's address: `#/jobs/ID?host=HOST`, `#/hosts/HOST`, `#/activity`.
 * @returns `input.invalid` for everything else; its sentence repeats nothing of the link.
 */
export function readDeepLink(link: string): Result<string> {
	const groups =
		link.length > LINK_CHARACTERS ? undefined : PLACES.exec(link)?.groups;
	if (groups === undefined)
		return failed(
			fault("input.invalid", {
				sentence: "a link to Foredeck names no place that there is",
				nextStep:
					"Links look like foredeck://v1/jobs/ID, foredeck://v1/jobs/ID/host/HOST, foredeck://v1/hosts/HOST or foredeck://v1/activity.",
			}),
		);
	const { list, shown, job, host } = groups;
	if (list !== undefined) return ok(`#/${list}`);
	if (shown !== undefined) return ok(`#/hosts/${encodeURIComponent(shown)}`);
	const query = host === undefined ? "" : `?host=${encodeURIComponent(host)}`;
	return ok(`#/jobs/${encodeURIComponent(job ?? "")}${query}`);
}

/** The arguments of a start, taken apart. */
export interface StartedWith {
	/** Arguments before the link. */
	readonly args: readonly string[];
	readonly link: string | null;
}

/**
 * On Windows and Linux a link comes as an argument. What stands behind it came with the link and is not the person's own
 * choice of options, so it is dropped.
 */
export function splitStart(args: readonly string[]): StartedWith {
	const isLink = (arg: string): boolean =>
		arg.toLowerCase().startsWith(`${LINK_SCHEME}:`);
	const at = args.findIndex(isLink);
	return at < 0
		? { args, link: null }
		: { args: args.slice(0, at), link: args[at] ?? null };
}

export interface DeepLinks {
	/** A link arrived. Before there is a window only the last one is kept. */
	arrived(link: string): void;
	/** A place that we named ourselves was asked for, by a click on a notification. */
	asked(place: string): void;
	/** From now on places are shown by this. Returns the place that waited, if any. */
	opened(show: (hash: string) => void): string | null;
}

/** @param onRefused told with the fault's code for the log, never with the link itself. */
export function openDeepLinks(onRefused: (code: string) => void): DeepLinks {
	let show: ((hash: string) => void) | null = null;
	let waiting: string | null = null;
	const asked = (place: string): void => {
		if (show === null) waiting = place;
		else show(place);
	};
	return {
		asked,
		arrived(link) {
			const place = readDeepLink(link);
			if (place.ok) asked(place.value);
			else onRefused(place.fault.code);
		},
		opened(by) {
			show = by;
			const place = waiting;
			waiting = null;
			return place;
		},
	};
}

/** As much of Electron's app as is needed. */
export interface LinkedApp {
	readonly isPackaged: boolean;
	setAsDefaultProtocolClient(
		scheme: string,
		path?: string,
		args?: string[],
	): boolean;
	on(
		event: "open-url",
		listener: (event: { preventDefault(): void }, link: string) => void,
	): unknown;
	on(
		event: "second-instance",
		listener: (event: unknown, argv: string[]) => void,
	): unknown;
}

/** Makes the system send links here, and takes those that macOS or a second start sends. To be called before the app is ready. */
export function registerLinks(
	app: LinkedApp,
	program: string,
	links: DeepLinks,
): void {
	// A checkout would leave itself behind in the person's system.
	if (app.isPackaged)
		// The dashes end the options: on Windows the link stands behind them, and nothing in it is read as an option.
		app.setAsDefaultProtocolClient(LINK_SCHEME, program, ["--"]);
	app.on("open-url", (event, link) => {
		event.preventDefault();
		links.arrived(link);
	});
	// Also while the core is still being opened: a link waits for the window then.
	app.on("second-instance", (_event, argv) => {
		const { link } = splitStart(argv);
		if (link !== null) links.arrived(link);
	});
}
