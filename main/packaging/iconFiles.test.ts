// The committed icons are what their source draws, and each container holds what its system reads.
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { drawIcon } from "../testkit/packaging/drawIcon.ts";
import type { Picture } from "./iconFiles.ts";
import { iconFiles, readPng, SIZES } from "./iconFiles.ts";

const RESOURCES = new URL("../../resources/", import.meta.url);
const committed = (name: string): Buffer =>
	readFileSync(new URL(name, RESOURCES));
const pictureOf = (size: number): Picture =>
	readPng(committed(`icons/${size}x${size}.png`));

/** Chromiums smooth edges a little differently; a changed shape or colour is far above both. */
const CLEARLY = 48;
const MOST_DIFFERENT = 0.01;

/** Share of the pixels that clearly differ in a channel. */
function difference(a: Picture, b: Picture): number {
	let different = 0;
	for (let at = 0; at < a.rgba.length; at += 4) {
		const channels = [0, 1, 2, 3].map((channel) =>
			Math.abs((a.rgba[at + channel] ?? 0) - (b.rgba[at + channel] ?? 0)),
		);
		if (Math.max(...channels) > CLEARLY) different += 1;
	}
	return (different * 4) / a.rgba.length;
}

test("the committed pictures are what resources/icon.svg draws; npm run icons renews them", async () => {
	const source = committed("icon.svg").toString();
	for (const drawn of await drawIcon(source, SIZES))
		expect(difference(drawn, pictureOf(drawn.size))).toBeLessThan(
			MOST_DIFFERENT,
		);
	const [other] = await drawIcon(source.replace("#1f9d62", "#d03a3a"), [64]);
	expect(difference(other as Picture, pictureOf(64))).toBeGreaterThan(
		MOST_DIFFERENT,
	);
});

test("every committed file is made of the committed pictures", () => {
	const made = iconFiles(SIZES.map(pictureOf));
	expect([...made.keys()]).toEqual([
		...SIZES.map((size) => `icons/${size}x${size}.png`),
		"icon.ico",
		"icon.icns",
	]);
	for (const name of ["icon.ico", "icon.icns"])
		expect(made.get(name)?.equals(committed(name))).toBe(true);
});

test("a PNG's chunks carry their checksums", () => {
	const file = committed("icons/32x32.png");
	for (let at = 8; at < file.length; ) {
		const length = file.readUInt32BE(at);
		const body = file.subarray(at + 4, at + 8 + length);
		expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(body));
		at += length + 12;
	}
});

test("the ICO names seven sizes, and each entry is where it says", () => {
	const file = committed("icon.ico");
	expect([file.readUInt16LE(0), file.readUInt16LE(2)]).toEqual([0, 1]);
	const entries = Array.from({ length: file.readUInt16LE(4) }, (_, index) => {
		const at = 6 + 16 * index;
		const offset = file.readUInt32LE(at + 12);
		return {
			side: file[at] || 256,
			image: file.subarray(offset, offset + file.readUInt32LE(at + 8)),
		};
	});
	expect(entries.map(({ side }) => side)).toEqual([
		16, 24, 32, 48, 64, 128, 256,
	]);
	for (const { side, image } of entries) {
		if (side === 256) {
			expect(image.equals(committed("icons/256x256.png"))).toBe(true);
			continue;
		}
		// The height counts picture and mask.
		expect([image.readInt32LE(4), image.readInt32LE(8)]).toEqual([
			side,
			side * 2,
		]);
		const { rgba } = pictureOf(side);
		const middle = (side / 2) * side + side / 2;
		const bottomUp = 40 + ((side / 2 - 1) * side + side / 2) * 4;
		const [red, green, blue, alpha] = rgba.subarray(middle * 4);
		expect([...image.subarray(bottomUp, bottomUp + 4)]).toEqual([
			blue,
			green,
			red,
			alpha,
		]);
	}
});

test("the ICNS is as long as it says and holds a picture of the right size in each entry", () => {
	const file = committed("icon.icns");
	expect(file.toString("latin1", 0, 4)).toBe("icns");
	expect(file.readUInt32BE(4)).toBe(file.length);
	const found: [string, number][] = [];
	for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4))
		found.push([
			file.toString("latin1", at, at + 4),
			readPng(file.subarray(at + 8, at + file.readUInt32BE(at + 4))).size,
		]);
	expect(found).toEqual([
		["ic11", 32],
		["ic12", 64],
		["ic07", 128],
		["ic13", 256],
		["ic08", 256],
		["ic14", 512],
		["ic09", 512],
		["ic10", 1024],
	]);
});
