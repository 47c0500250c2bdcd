// Order of versions as semver.org 2.0.0 section 11 has it, so that an update can be told from a downgrade. Build metadata is
// not taken: two files of equal rank would be two answers to "is it newer".

/** A version in its parts; numbers fit a double exactly. */
export interface Version {
	readonly core: readonly [number, number, number];
	/** Empty for a release. */
	readonly prerelease: readonly (number | string)[];
}

const NUMBER = "(0|[1-9]\\d{0,8})";
const FORM = new RegExp(
	`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?$`,
);
const LONGEST = 64;

/** @returns null when the text is no version, has build metadata, or a numeric part with a leading zero. */
export function parseVersion(text: string): Version | null {
	const found = text.length > LONGEST ? null : FORM.exec(text);
	if (found === null) return null;
	const parts = found[4]?.split(".") ?? [];
	if (parts.some((part) => /^0\d+$/.test(part))) return null;
	return {
		core: [Number(found[1]), Number(found[2]), Number(found[3])],
		prerelease: parts.map((part) =>
			/^\d{1,15}$/.test(part) ? Number(part) : part,
		),
	};
}

/** Below zero: `a` is older; zero: the same; above: newer. */
export function compareVersions(a: Version, b: Version): number {
	for (const at of [0, 1, 2] as const)
		if (a.core[at] !== b.core[at]) return a.core[at] - b.core[at];
	// A release is newer than every one of its own pre-releases.
	if (a.prerelease.length === 0 || b.prerelease.length === 0)
		return Number(b.prerelease.length > 0) - Number(a.prerelease.length > 0);
	return comparePrereleases(a.prerelease, b.prerelease);
}

function comparePrereleases(
	a: Version["prerelease"],
	b: Version["prerelease"],
): number {
	for (const [at, left] of a.entries()) {
		const right = b[at];
		if (right === undefined) return 1;
		const order = comparePart(left, right);
		if (order !== 0) return order;
	}
	return a.length - b.length;
}

/** Numbers are older than words. */
function comparePart(a: number | string, b: number | string): number {
	if (typeof a === "number" && typeof b === "number") return a - b;
	if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
	return a === b ? 0 : a < b ? -1 : 1;
}
