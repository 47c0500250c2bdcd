// npm's `prepare` step, right after an install: links `npx foredeck` to this checkout's own launcher (npm does not do that
// for the package itself) and builds. Plain JavaScript for old Nodes. Where the builder is not installed (a production
// install) it builds nothing; the launcher says what is missing.
import { spawnSync } from "node:child_process";
import {
	existsSync,
	mkdirSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const bins = join(root, "node_modules/.bin");

function linkLauncher() {
	mkdirSync(bins, { recursive: true });
	if (process.platform === "win32") {
		writeFileSync(
			join(bins, "foredeck.cmd"),
			'@node "%~dp0\\..\\..\\main\\shell-node\\bin.mjs" %*\r\n',
		);
		return;
	}
	rmSync(join(bins, "foredeck"), { force: true });
	symlinkSync("../../main/shell-node/bin.mjs", join(bins, "foredeck"));
}

linkLauncher();
const major = Number(process.versions.node.split(".")[0]);
if (major < 24 || !existsSync(join(root, "node_modules/vite"))) {
	console.error(
		"prepare: not built (Node 24 or the build tools are not installed); npm run build does it later",
	);
} else {
	process.exitCode =
		spawnSync(process.execPath, [join(root, "build.ts")], { stdio: "inherit" })
			.status ?? 1;
}
