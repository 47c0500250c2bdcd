// The app in the real Electron: runs where its program and a display are at hand, and says why it does not where not.
import { fileURLToPath } from "node:url";
import { _electron, expect, test } from "@playwright/test";
import {
	findElectron,
	hasDisplay,
	surroundingsAt,
} from "../shell-electron/electronBinary.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const around = surroundingsAt(ROOT);
const program = findElectron(around);
const HOSTS = 10;

test.describe("the app in Electron", () => {
	test.skip(
		program === null,
		"no Electron program here; install-electron or ELECTRON_OVERRIDE_DIST_PATH brings one",
	);
	test.skip(!hasDisplay(around), "no display here; xvfb-run gives one");

	test("its window shows the demo fleet's job until every host has ended", async () => {
		const app = await _electron.launch({
			executablePath: program ?? "",
			args: [
				// Chromium's own sandbox does not start as root, which is how the test machines run.
				...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
				ROOT,
				"--demo",
				`--hosts=${HOSTS}`,
			],
		});
		try {
			const window = await app.firstWindow();
			await window
				.getByRole("navigation", { name: "Main" })
				.getByRole("link", { name: "Jobs" })
				.click();
			const jobs = window.getByRole("grid", { name: "Jobs" });
			await jobs.getByRole("row").first().getByText("patchapply").click();
			const counts = window.getByRole("group", { name: "Counts" });
			await expect(
				counts.getByRole("button", { name: `${HOSTS} hosts` }),
			).toBeVisible();
			for (const open of ["0 queued", "0 running"])
				await expect(counts.getByRole("button", { name: open })).toBeVisible({
					timeout: 90_000,
				});
			expect(await window.evaluate("typeof require")).toBe("undefined");
		} finally {
			await app.close();
		}
	});
});
