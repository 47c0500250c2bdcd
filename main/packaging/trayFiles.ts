// The tray's pictures in the kinds of file that systems want, from one drawing for each state: macOS tones black templates
// itself; Windows and Linux get a light one for dark bars and a dark one for light bars.
import type { Picture } from "./iconFiles.ts";
import { ico, png } from "./iconFiles.ts";

/** Sources are resources/tray/STATE.svg; a test of the shell holds them against the states that it shows. */
export const TRAY_STATES = [
	"ok",
	"working",
	"attention",
	"degraded",
	"muted",
] as const;

/** Pixels of a side. macOS: a menu bar at both densities. Windows: 100 to 300 % of 16. Linux: what panels ask for most. */
const TEMPLATE_SIZES = [16, 32] as const;
const ICO_SIZES = [16, 20, 24, 32, 48] as const;
const PANEL_SIZES = [22, 44] as const;
/** Every size that has to be drawn. */
export const TRAY_SIZES: readonly number[] = [
	...new Set([...TEMPLATE_SIZES, ...ICO_SIZES, ...PANEL_SIZES]),
].sort((a, b) => a - b);

const TONES = { dark: 0x00, light: 0xff } as const;

/** The shape alone, in one grey. */
const toned = ({ size, rgba }: Picture, grey: number): Picture => ({
	size,
	rgba: Buffer.from(rgba.map((value, at) => (at % 4 === 3 ? value : grey))),
});

/** Every file of a state, by its name under resources/tray. */
export function trayFiles(
	state: string,
	pictures: readonly Picture[],
): ReadonlyMap<string, Buffer> {
	const files = new Map<string, Buffer>();
	const at = (size: number, grey: number): Picture => {
		const found = pictures.find((picture) => picture.size === size);
		if (found === undefined) throw new Error(`there is no picture of ${size}`);
		return toned(found, grey);
	};
	const pair = (
		name: string,
		[small, large]: readonly [number, number],
		grey: number,
	): void => {
		files.set(`${name}.png`, png(at(small, grey)));
		files.set(`${name}@2x.png`, png(at(large, grey)));
	};
	pair(`${state}Template`, TEMPLATE_SIZES, TONES.dark);
	for (const [tone, grey] of Object.entries(TONES)) {
		pair(`${state}-${tone}`, PANEL_SIZES, grey);
		const sizes = ICO_SIZES.map((size) => at(size, grey));
		files.set(`${state}-${tone}.ico`, ico(sizes, ICO_SIZES));
	}
	return files;
}
