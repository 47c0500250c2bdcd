// Has Chromium draw a vector picture at several sizes.
import { chromium } from "@playwright/test";
import type { Picture } from "../../packaging/iconFiles.ts";

/** Debian's own; nothing is downloaded. */
const PROGRAM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** Runs in the page, and is text because this room knows no browser; answers the pixels in base64. */
const DRAW = `async ([svg, size]) => {
	const image = new Image();
	image.src = "data:image/svg+xml," + encodeURIComponent(svg);
	await image.decode();
	const context = new OffscreenCanvas(size, size).getContext("2d");
	context.drawImage(image, 0, 0, size, size);
	const { data } = context.getImageData(0, 0, size, size);
	let text = "";
	for (let at = 0; at < data.length; at += 8192)
		text += String.fromCharCode(...data.subarray(at, at + 8192));
	return btoa(text);
}`;

/** The picture at each size, in pixels, on a transparent ground. */
export async function drawIcon(
	svg: string,
	sizes: readonly number[],
): Promise<Picture[]> {
	const browser = await chromium.launch({ executablePath: PROGRAM });
	try {
		const page = await browser.newPage();
		const drawn: Picture[] = [];
		for (const size of sizes) {
			const base64 = await page.evaluate<string>(
				`(${DRAW})(${JSON.stringify([svg, size])})`,
			);
			drawn.push({ size, rgba: Buffer.from(base64, "base64") });
		}
		return drawn;
	} finally {
		await browser.close();
	}
}
