// The committed pictures of the tray are what their sources draw, in the sizes that systems take, and differ in shape: a
// person who sees no colours, or sees sixteen pixels out of the corner of an eye, tells the states apart.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { drawIcon } from "../testkit/packaging/drawIcon.ts";
import type { Picture } from "./iconFiles.ts";
import { readPng } from "./iconFiles.ts";
import { TRAY_SIZES, TRAY_STATES, trayFiles } from "./trayFiles.ts";

const FOLDER = new URL("../../resources/tray/", import.meta.url);
const committed = (name: string): Buffer => readFileSync(new URL(name, FOLDER));

/** More of a pixel than smoothing an edge explains. */
const CLEARLY = 96;
/** Of all pixels of 16 x 16: as many as a letter has. */
const LEAST_DIFFERENT = 0.12;
const MOST_REDRAWN = 0.02;

/** Share of the pixels in which two shapes clearly differ. */
function difference(a: Picture, b: Picture): number {
	let different = 0;
	for (let at = 3; at < a.rgba.length; at += 4)
		if (Math.abs((a.rgba[at] ?? 0) - (b.rgba[at] ?? 0)) > CLEARLY)
			different += 1;
	return (different * 4) / a.rgba.length;
}

const small = (state: string): Picture =>
	readPng(committed(`${state}Template.png`));

const PAIRS = TRAY_STATES.flatMap((a, at) =>
	TRAY_STATES.slice(at + 1).map((b) => [a, b] as const),
);

test.each(PAIRS)("%s and %s differ in shape at 16 pixels", (a, b) => {
	expect(difference(small(a), small(b))).toBeGreaterThan(LEAST_DIFFERENT);
});

test("every file is committed, and none that nobody makes", async () => {
	const files = await Promise.all(
		TRAY_STATES.map(async (state) => [
			`${state}.svg`,
			...trayFiles(
				state,
				TRAY_SIZES.map((size) => ({
					size,
					rgba: Buffer.alloc(size * size * 4),
				})),
			).keys(),
		]),
	);
	expect(readdirSync(FOLDER).sort()).toEqual(files.flat().sort());
});

test("the committed pictures are what the sources draw; npm run icons renews them", async () => {
	for (const state of TRAY_STATES) {
		const source = committed(`${state}.svg`).toString();
		const drawn = await drawIcon(source, TRAY_SIZES);
		const sized = new Map(drawn.map((one) => [one.size, one]));
		for (const [name] of trayFiles(state, drawn)) {
			if (name.endsWith(".ico")) continue;
			const picture = readPng(committed(name));
			const fresh = sized.get(picture.size);
			expect(fresh, `${name} has ${picture.size} pixels`).toBeDefined();
			expect(difference(picture, fresh as Picture), name).toBeLessThan(
				MOST_REDRAWN,
			);
		}
	}
});

test.each(TRAY_STATES)("%s has the sizes that systems take", (state) => {
	const sizeOf = (name: string): number => readPng(committed(name)).size;
	expect([
		sizeOf(`${state}Template.png`),
		sizeOf(`${state}Template@2x.png`),
		sizeOf(`${state}-dark.png`),
		sizeOf(`${state}-dark@2x.png`),
	]).toEqual([16, 32, 22, 44]);
	const icon = committed(`${state}-light.ico`);
	const sides = Array.from(
		{ length: icon.readUInt16LE(4) },
		(_, index) => icon[6 + 16 * index],
	);
	expect(sides).toEqual([16, 20, 24, 32, 48]);
});

test.each(TRAY_STATES)(
	"%s is black where macOS tones it, and in one tone elsewhere",
	(state) => {
		for (const [name, grey] of [
			[`${state}Template.png`, 0],
			[`${state}-dark.png`, 0],
			[`${state}-light.png`, 255],
		] as const) {
			const { rgba } = readPng(committed(name));
			const colours = new Set(
				[...rgba.keys()]
					.filter((at) => at % 4 !== 3)
					.map((at) => rgba[at] ?? -1),
			);
			expect([...colours], name).toEqual([grey]);
			const alpha = [...rgba.keys()]
				.filter((at) => at % 4 === 3)
				.map((at) => rgba[at] ?? 0);
			// Something is there, and not a full square.
			const inked = alpha.filter((value) => value > 128).length / alpha.length;
			expect(inked).toBeGreaterThan(0.25);
			expect(inked).toBeLessThan(0.75);
		}
	},
);
