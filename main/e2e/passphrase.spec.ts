// The page that asks for a passphrase, in a real Chromium under the app's own content security policy; Electron's window around
// it is played.
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { APP_ORIGIN } from "../core/senderPolicy.ts";
import { answerFrom } from "../shell-electron/appScheme.ts";
import { ADDRESS } from "./electronPage.ts";

const RENDERER = fileURLToPath(new URL("../../dist/renderer", import.meta.url));

async function openPage(page: Page, hash: string) {
	const answers: unknown[] = [];
	const complaints: string[] = [];
	const answer = answerFrom(RENDERER);
	page.on("console", (message) => {
		if (message.type() === "error") complaints.push(message.text());
	});
	page.on("pageerror", (error) => complaints.push(error.message));
	await page.setViewportSize({ width: 440, height: 240 });
	await page.route(`${ADDRESS}/**`, async (route) => {
		const url = route.request().url().replace(ADDRESS, APP_ORIGIN);
		const response = await answer({ url, method: "GET" } as Request);
		await route.fulfill({
			status: response.status,
			headers: Object.fromEntries(response.headers),
			body: Buffer.from(await response.arrayBuffer()),
		});
	});
	await page.exposeBinding("toMain", (_source, text) => answers.push(text));
	await page.addInitScript(
		"window.foredeck = { answer: (text) => void toMain(text) };",
	);
	await page.goto(`${ADDRESS}/passphrase.html#${hash}`);
	return { answers, complaints };
}

for (const colorScheme of ["light", "dark"] as const)
	test(`it names the file, takes what is typed, and keeps nothing (${colorScheme})`, async ({
		page,
	}) => {
		await page.emulateMedia({ colorScheme });
		const { answers, complaints } = await openPage(
			page,
			encodeURIComponent("pröd.p12"),
		);
		const input = page.getByLabel("of pröd.p12");
		await expect(input).toBeFocused();
		await expect(input).toHaveAttribute("type", "password");
		const { violations } = await new AxeBuilder({ page }).analyze();
		expect(violations.map(({ id }) => id)).toEqual([]);
		await page.keyboard.type("correct horse");
		await page.screenshot({ path: test.info().outputPath("page.png") });
		await page.keyboard.press("Enter");
		await expect.poll(() => answers).toEqual(["correct horse"]);
		await expect(input).toHaveValue("");
		expect(complaints).toEqual([]);
	});

test("Escape and Cancel are no answer, and a hostile name is text", async ({
	page,
}) => {
	const { answers, complaints } = await openPage(
		page,
		encodeURIComponent("<img src=x>\u202egpj.p12"),
	);
	await expect(page.getByRole("main")).toContainText("<img src=x>");
	await expect(page.locator("img")).toHaveCount(0);
	await page.keyboard.press("Escape");
	await page.getByRole("button", { name: "Cancel" }).click();
	await expect.poll(() => answers).toEqual([null, null]);
	expect(complaints).toEqual([]);
});
