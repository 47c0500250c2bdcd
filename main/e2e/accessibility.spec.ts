// Every screen, menu and dialog of the window, asked the same: WCAG 2.2 AA by axe in every theme, a focus that is seen, room
// when enlarged, and names, headings and landmarks for who listens. On a real demo fleet, by keyboard.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import type { RunningCommand } from "./demo.ts";
import { startForedeck } from "./demo.ts";
import { STOPS } from "./windowWalk.ts";

/** WCAG's 1280 by 1024 pixels, enlarged four times. */
const ENLARGED = { width: 320, height: 256 };
/** A laptop's window, enlarged twice. */
const DOUBLED = { width: 720, height: 450 };
const USUAL = { width: 1440, height: 900 };
/** What a person can have: the system's scheme and contrast. */
const THEMES = [
	{ colorScheme: "dark", contrast: "no-preference" },
	{ colorScheme: "light", contrast: "no-preference" },
	{ colorScheme: "dark", contrast: "more" },
	{ colorScheme: "light", contrast: "more" },
] as const;

let fleet: RunningCommand;
let page: Page;
const complaints: string[] = [];
const requested: string[] = [];

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ browser }) => {
	fleet = await startForedeck([
		...["demo", "--shell", "node", "--no-open"],
		...["--hosts", "50", "--speed", "6"],
	]);
	const context = await browser.newContext({
		viewport: USUAL,
		reducedMotion: "reduce",
	});
	page = await context.newPage();
	page.on("console", (message) => {
		if (message.type() === "error" || message.type() === "warning")
			complaints.push(message.text());
	});
	page.on("pageerror", (error) => complaints.push(error.message));
	page.on("request", (request) => requested.push(request.url()));
	await page.goto(fleet.address);
	// A job with every kind of end: two failed hosts and one that was lost.
	await expect(
		page
			.getByRole("grid", { name: "Jobs" })
			.getByRole("row", { name: /[2-9] failed.* 1 lost/ })
			.last(),
	).toBeVisible({ timeout: 60_000 });
});

test.afterAll(async () => {
	await page?.context().close();
	await fleet?.stop();
});

/** What axe finds against WCAG 2.2 AA and good practice, whatever its weight; or against some of its rules. */
async function findings(rules?: readonly string[]): Promise<string[]> {
	const { violations } = await new AxeBuilder({ page })
		.options({
			runOnly: rules?.slice() ?? [
				...["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
				"best-practice",
			],
			rules: { "target-size": { enabled: true } },
		})
		.analyze();
	return violations.flatMap(({ id, nodes }) =>
		nodes
			// A menu lies over the page and is told as one: it belongs to no landmark.
			.filter(({ html }) => id !== "region" || !/role="menu"/.test(html))
			.map(({ html }) => `${id}: ${html}`),
	);
}

/** Whether the focus is on something that shows it, is within the window, and lies under nothing foreign. */
const focusShown = () =>
	page.evaluate(() => {
		const focused = document.activeElement;
		if (!(focused instanceof HTMLElement) || focused === document.body)
			return "nothing has the focus";
		const name = `${focused.tagName} ${focused.getAttribute("aria-label") ?? focused.textContent?.slice(0, 40)}`;
		const box = focused.getBoundingClientRect();
		const width = Math.min(box.right, innerWidth) - Math.max(box.left, 0);
		const height = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
		if (width <= 0 || height <= 0) return `${name} is out of sight`;
		const rings: Element[] = [];
		for (let at: Element | null = focused; at; at = at.parentElement)
			rings.push(at);
		// The ring may be the frame's, as that of a field with a button in it, or the label's of a hidden radio.
		const isSeen = rings.slice(0, 3).some((element) => {
			const look = getComputedStyle(element);
			return (
				(look.outlineStyle !== "none" &&
					Number.parseFloat(look.outlineWidth) > 0) ||
				look.boxShadow !== "none"
			);
		});
		if (!isSeen) return `${name} does not show its focus`;
		// WCAG 2.4.11: not wholly hidden. Seen somewhere on a grid of points is enough.
		for (let x = 0.5; x < 5; x++)
			for (let y = 0.5; y < 3; y++) {
				const over = document.elementFromPoint(
					Math.max(box.left, 0) + (width * x) / 5,
					Math.max(box.top, 0) + (height * y) / 3,
				);
				if (over && (focused.contains(over) || rings[1]?.contains(over)))
					return "seen";
			}
		return `${name} is covered`;
	});

for (const stop of STOPS)
	test(`${stop.name}: axe finds nothing in any theme, it has room when enlarged, and the focus is seen`, async () => {
		await stop.open(page);
		// A theme changes colours and nothing else.
		for (const [n, theme] of THEMES.entries()) {
			await page.emulateMedia(theme);
			const found = await findings(n === 0 ? undefined : ["color-contrast"]);
			expect.soft(found, JSON.stringify(theme)).toEqual([]);
		}
		await page.emulateMedia({ colorScheme: "dark", contrast: "no-preference" });
		for (const size of [DOUBLED, ENLARGED]) {
			await page.setViewportSize(size);
			await expect
				.poll(
					() =>
						page.evaluate(() => [
							document.documentElement.scrollWidth - innerWidth,
							document.documentElement.scrollHeight - innerHeight,
						]),
					{ message: `the page scrolls at ${size.width} px` },
				)
				.toEqual([0, 0]);
			expect(await page.getByRole("main").count()).toBeLessThanOrEqual(1);
		}
		await page.setViewportSize(USUAL);
		await stop.leave?.(page);
		if (stop.leave !== undefined) return;
		// Through the screen by Tab: wherever the focus lands, it is seen.
		for (let step = 0; step < 25; step++) {
			await page.keyboard.press("Tab");
			if (await page.evaluate(() => document.activeElement === document.body))
				continue;
			expect.soft(await focusShown(), `after ${step + 1} Tabs`).toBe("seen");
		}
	});

test("the page has a language, one heading of the first rank, its landmarks, and a title for each screen", async () => {
	const main = page.getByRole("navigation", { name: "Main" });
	await expect(page.locator("html")).toHaveAttribute("lang", "en");
	for (const name of ["Jobs", "Hosts", "Activity", "Identities", "Settings"]) {
		await main.getByRole("link", { name, exact: true }).click();
		await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
		await expect(page).toHaveTitle(`${name} · demo · Foredeck`);
		for (const landmark of ["main", "contentinfo"] as const)
			await expect(page.getByRole(landmark)).toHaveCount(1);
		await expect(main.locator('[aria-current="page"]')).toHaveAccessibleName(
			name,
		);
	}
});

test("the names that people and tests rely on are there", async () => {
	await page.goto(new URL("#/jobs", page.url()).href);
	const jobs = page.getByRole("grid", { name: "Jobs", exact: true });
	const row = jobs.getByRole("row", { name: /^patchapply · openssl/ }).last();
	await expect(row).toBeVisible();
	await expect(
		row.getByRole("progressbar", { name: /^patchapply · openssl/ }),
	).toBeVisible();
	await expect(page.getByRole("searchbox", { name: "Filter" })).toBeVisible();
	await row.focus();
	await page.keyboard.press("Enter");
	const counts = page.getByRole("group", { name: "Counts" });
	for (const state of ["succeeded", "failed", "lost", "running", "queued"])
		await expect(
			counts.getByRole("button", { name: new RegExp(`^\\d+ ${state}$`) }),
		).toBeVisible();
	await page.goto(new URL("#/hosts", page.url()).href);
	const hosts = page.getByRole("grid", { name: "Hosts", exact: true });
	await expect(hosts.getByRole("row", { name: /^api-01/ })).toContainText(
		/live|reconnecting/,
	);
	await page.goto(new URL("#/activity", page.url()).href);
	const lines = page
		.getByRole("log", { name: "Activity" })
		.getByRole("listitem");
	await expect(lines.first()).toContainText(/^(Host|Job|Gap)|\b(Host|Job)\b/);
});

test("without colour the eight states are eight signs", async () => {
	await page.goto(new URL("#/jobs", page.url()).href);
	await page
		.getByRole("grid", { name: "Jobs" })
		.getByRole("row")
		.last()
		.focus();
	await page.keyboard.press("Enter");
	const signs = page.getByRole("group", { name: "Counts" }).locator("svg");
	await expect(signs).toHaveCount(8);
	/** For each pair of signs, drawn in one colour: the share of their ink that is the one's or the other's alone. */
	const differences = await signs.evaluateAll((icons) => {
		const inks = icons.map((icon) => {
			const pen = Object.assign(document.createElement("canvas"), {
				width: 64,
				height: 64,
			}).getContext("2d");
			if (pen === null) throw new Error("no canvas");
			pen.scale(4, 4);
			pen.lineWidth = 1.75;
			pen.lineCap = "round";
			for (const part of icon.querySelectorAll("path, circle")) {
				const shape = new Path2D(part.getAttribute("d") ?? "");
				const at = (name: string) => Number(part.getAttribute(name));
				if (part.tagName === "circle")
					shape.arc(at("cx"), at("cy"), at("r"), 0, 7);
				if (getComputedStyle(part).fill === "none") pen.stroke(shape);
				else pen.fill(shape);
			}
			return pen
				.getImageData(0, 0, 64, 64)
				.data.filter((_, at) => at % 4 === 3)
				.map((alpha) => (alpha > 127 ? 1 : 0));
		});
		return inks.flatMap((one, n) =>
			inks.slice(n + 1).map((other) => {
				let either = 0;
				let alone = 0;
				for (const [at, ink] of one.entries()) {
					either += ink | (other[at] ?? 0);
					alone += ink ^ (other[at] ?? 0);
				}
				return alone / either;
			}),
		);
	});
	expect(differences).toHaveLength(28);
	// The nearest pair is a ring with and without its bar.
	expect(Math.min(...differences)).toBeGreaterThan(0.15);
});

test("the high contrast of the settings is used at once and stays", async () => {
	await page.goto(new URL("#/settings", page.url()).href);
	const ground = () =>
		page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	await page.getByRole("radio", { name: "High contrast" }).check();
	await expect.poll(ground).toBe("rgb(0, 0, 0)");
	await page.reload();
	await expect(
		page.getByRole("radio", { name: "High contrast" }),
	).toBeChecked();
	await page.emulateMedia({ colorScheme: "light" });
	await expect.poll(ground).toBe("rgb(255, 255, 255)");
	await page.getByRole("radio", { name: "System" }).check();
	await expect.poll(ground).not.toBe("rgb(255, 255, 255)");
});

test("in forced colours what is chosen is marked by a line", async () => {
	await page.emulateMedia({ forcedColors: "active", colorScheme: "dark" });
	const current = page
		.getByRole("navigation", { name: "Main" })
		.locator('[aria-current="page"]');
	await expect(current).toHaveCSS("outline-style", "solid");
	await page.goto(new URL("#/hosts", page.url()).href);
	await page.getByRole("row", { name: /^api-01/ }).click();
	await expect(page.getByRole("row", { name: /^api-01/ })).toHaveCSS(
		"outline-style",
		"solid",
	);
	await page.emulateMedia({ forcedColors: "none" });
});

test("a dialog lies over the news, and a window without room has only the newest", async () => {
	const corner = page.getByRole("region", { name: "New failures" });
	// The inbox shows none: they are there already.
	await page.goto(new URL("#/hosts", page.url()).href);
	await expect(corner.getByRole("listitem").first()).toBeVisible({
		timeout: 60_000,
	});
	await page.keyboard.press("?");
	await expect(page.getByRole("dialog")).toBeVisible();
	const [toast, dialog] = await page.evaluate(() =>
		["[aria-label='New failures'] ul", "[role=dialog]"].map((selector) => {
			const at = document.querySelector(selector);
			return at === null ? 0 : Number(getComputedStyle(at).zIndex);
		}),
	);
	expect(toast).toBeGreaterThan(0);
	expect(dialog).toBeGreaterThan(toast ?? 0);
	await page.keyboard.press("Escape");
	await page.setViewportSize(ENLARGED);
	await expect
		.poll(() => corner.getByRole("listitem").filter({ visible: true }).count())
		.toBeLessThanOrEqual(1);
	await page.setViewportSize(USUAL);
});

test("without motion nothing moves", async () => {
	const moving = await page.evaluate(
		() =>
			document
				.getAnimations()
				.filter((one) => (one.effect?.getTiming().duration ?? 0) !== 0).length,
	);
	expect(moving).toBe(0);
});

test("fonts and all else come from the window's own origin, and nothing was complained about", () => {
	const { origin } = new URL(page.url());
	expect(
		requested.filter((url) => !/^(data|blob):/.test(url)).length,
	).toBeGreaterThan(3);
	expect(
		requested.filter(
			(url) => !/^(data|blob):/.test(url) && new URL(url).origin !== origin,
		),
	).toEqual([]);
	expect(requested.some((url) => url.endsWith(".woff2"))).toBe(true);
	expect(complaints).toEqual([]);
});
