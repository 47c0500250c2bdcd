// Writes icons in the three kinds of file that systems want, from pixels: PNG (Linux), ICO (Windows) and ICNS (macOS).
// The same pixels give the same bytes. Knows no drawing; `.ci/icons.ts` has the source drawn.
import { crc32, deflateSync, inflateSync } from "node:zlib";

/** A square picture: rows from the top, four bytes a pixel, red first, alpha not multiplied in. */
export interface Picture {
	readonly size: number;
	readonly rgba: Buffer;
}

/** Sizes in pixels of the files under resources/icons. */
export const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024] as const;
const ICO_SIZES: readonly number[] = [16, 24, 32, 48, 64, 128, 256];
/** Type of an ICNS entry -> its size in pixels. 16 and 32 at normal density are left to scaling: their types are not read alike everywhere. */
const ICNS_TYPES: readonly (readonly [type: string, size: number])[] = [
	["ic11", 32],
	["ic12", 64],
	["ic07", 128],
	["ic13", 256],
	["ic08", 256],
	["ic14", 512],
	["ic09", 512],
	["ic10", 1024],
];

const PNG_START = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xd, 0xa, 0x1a, 0xa]);

function chunk(type: string, content: Buffer): Buffer {
	const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
	const framed = Buffer.alloc(body.length + 8);
	framed.writeUInt32BE(content.length, 0);
	body.copy(framed, 4);
	framed.writeUInt32BE(crc32(body), body.length + 4);
	return framed;
}

/** PNG with 8 bits a channel and no filter. */
export function png({ size, rgba }: Picture): Buffer {
	const header = Buffer.alloc(13);
	header.writeUInt32BE(size, 0);
	header.writeUInt32BE(size, 4);
	header.set([8, 6, 0, 0, 0], 8);
	const stride = size * 4;
	const rows = Buffer.alloc((stride + 1) * size);
	for (let y = 0; y < size; y++)
		rgba.copy(rows, y * (stride + 1) + 1, y * stride, (y + 1) * stride);
	return Buffer.concat([
		PNG_START,
		chunk("IHDR", header),
		chunk("IDAT", deflateSync(rows, { level: 9 })),
		chunk("IEND", Buffer.alloc(0)),
	]);
}

/** The picture in a file that `png` wrote. @throws for any other PNG. */
export function readPng(file: Buffer): Picture {
	const size = file.readUInt32BE(16);
	const length = file.readUInt32BE(33);
	const rows = inflateSync(file.subarray(41, 41 + length));
	const stride = size * 4;
	if (rows.length !== (stride + 1) * size) throw new Error("not of our making");
	const rgba = Buffer.alloc(stride * size);
	for (let y = 0; y < size; y++)
		rows.copy(rgba, y * stride, y * (stride + 1) + 1, (y + 1) * (stride + 1));
	return { size, rgba };
}

/** A bitmap as it stands in an ICO file: rows from the bottom, blue first, and an empty mask (alpha does its work). */
function bitmap({ size, rgba }: Picture): Buffer {
	const header = Buffer.alloc(40);
	header.writeUInt32LE(40, 0);
	header.writeInt32LE(size, 4);
	header.writeInt32LE(size * 2, 8);
	header.writeUInt16LE(1, 12);
	header.writeUInt16LE(32, 14);
	const pixels = Buffer.alloc(size * size * 4);
	for (let y = 0; y < size; y++)
		for (let x = 0; x < size; x++) {
			const from = (y * size + x) * 4;
			const [red, green, blue, alpha] = rgba.subarray(from, from + 4);
			pixels.set(
				[blue ?? 0, green ?? 0, red ?? 0, alpha ?? 0],
				((size - 1 - y) * size + x) * 4,
			);
		}
	const maskRow = Math.ceil(size / 32) * 4;
	return Buffer.concat([header, pixels, Buffer.alloc(maskRow * size)]);
}

const sized = (pictures: readonly Picture[], size: number): Picture => {
	const found = pictures.find((picture) => picture.size === size);
	if (found === undefined) throw new Error(`there is no picture of ${size}`);
	return found;
};

/** ICO: bitmaps, and PNG for 256 pixels, which is what every Windows since Vista reads. */
export function ico(
	pictures: readonly Picture[],
	sizes: readonly number[] = ICO_SIZES,
): Buffer {
	const images = sizes.map((size) =>
		size < 256 ? bitmap(sized(pictures, size)) : png(sized(pictures, size)),
	);
	const head = Buffer.alloc(6 + 16 * images.length);
	head.writeUInt16LE(1, 2);
	head.writeUInt16LE(images.length, 4);
	let offset = head.length;
	for (const [index, image] of images.entries()) {
		const at = 6 + 16 * index;
		// 256 does not fit into a byte and is written as 0.
		const side = (sizes[index] ?? 0) % 256;
		head.set([side, side, 0, 0], at);
		head.writeUInt16LE(1, at + 4);
		head.writeUInt16LE(32, at + 6);
		head.writeUInt32LE(image.length, at + 8);
		head.writeUInt32LE(offset, at + 12);
		offset += image.length;
	}
	return Buffer.concat([head, ...images]);
}

/** ICNS: PNG in every entry. */
export function icns(pictures: readonly Picture[]): Buffer {
	const entries = ICNS_TYPES.map(([type, size]) => {
		const image = png(sized(pictures, size));
		const head = Buffer.alloc(8);
		head.write(type, 0, "latin1");
		head.writeUInt32BE(image.length + 8, 4);
		return Buffer.concat([head, image]);
	});
	const head = Buffer.alloc(8);
	head.write("icns", 0, "latin1");
	head.writeUInt32BE(
		entries.reduce((sum, entry) => sum + entry.length, 8),
		4,
	);
	return Buffer.concat([head, ...entries]);
}

/** Every icon file, by its name under resources/. */
export const iconFiles = (
	pictures: readonly Picture[],
): ReadonlyMap<string, Buffer> =>
	new Map([
		...pictures.map(
			(picture) =>
				[`icons/${picture.size}x${picture.size}.png`, png(picture)] as const,
		),
		["icon.ico", ico(pictures)],
		["icon.icns", icns(pictures)],
	]);
