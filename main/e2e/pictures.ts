// The pictures of docs/screenshots, which tests take on their way (with FOREDECK_SCREENSHOTS=1), so that they never show what
// the product does not.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";

const SCREENSHOTS = fileURLToPath(
	new URL("../../docs/screenshots/", import.meta.url),
);

/** What is on the screen, in both themes, as `NAME-light.png` and `NAME-dark.png`. */
export async function picture(page: Page, name: string): Promise<void> {
	if (process.env.FOREDECK_SCREENSHOTS !== "1") return;
	await mkdir(SCREENSHOTS, { recursive: true });
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme });
		// Nothing lies under the pointer.
		await page.mouse.move(0, 0);
		await page.screenshot({
			path: join(SCREENSHOTS, `${name}-${colorScheme}.png`),
			animations: "disabled",
		});
	}
}
