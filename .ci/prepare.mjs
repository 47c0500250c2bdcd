// npm's `prepare` step, right after an install and again before the first `npx foredeck`: builds, so that the command line
// works at once. Plain JavaScript for old Nodes. Never fails an install: what needs the build builds it again and says why.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const major = Number(process.versions.node.split(".")[0]);
const canBuild = major >= 24 && existsSync(join(root, "node_modules/vite"));
const built =
	canBuild &&
	spawnSync(process.execPath, [join(root, "build.ts")], { stdio: "inherit" })
		.status === 0;
if (!built) console.error("prepare: not built; npm run build says why");
