// Type-checks each room by itself, with only what that room may see, two at a time. A room is a folder with a
// tsconfig.json; finding none is a failure, because then nothing was checked.
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const AT_ONCE = 2;

/** Runs the compiler on one room; true when it has no complaint. */
function check(room: string): Promise<boolean> {
	return new Promise((resolve) => {
		const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
		const child = spawn(process.execPath, [compiler, "-p", room], {
			cwd: ROOT,
			stdio: "inherit",
		});
		child.on("error", () => resolve(false));
		child.on("exit", (code) => resolve(code === 0));
	});
}

const rooms = globSync(
	[
		"tsconfig.json",
		"{shared,preload,renderer}/tsconfig.json",
		"main/*/tsconfig.json",
	],
	{
		cwd: ROOT,
	},
).map((file) => dirname(file));
const waiting = [...rooms];
const broken: string[] = [];
await Promise.all(
	Array.from({ length: AT_ONCE }, async () => {
		for (let room = waiting.shift(); room !== undefined; room = waiting.shift())
			if (!(await check(room))) broken.push(room);
	}),
);
console.log(
	broken.length > 0
		? `types: wrong in ${broken.sort().join(", ")}`
		: `types: ${rooms.length} rooms agree`,
);
process.exitCode = broken.length > 0 || rooms.length === 0 ? 1 : 0;
