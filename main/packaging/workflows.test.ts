// What the workflows under .github may do: nothing that is not pinned, no right that is not needed, no secret where a
// stranger's change runs, and no command that is not there. They cannot be run here; this reads them.
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Environment, System } from "./configuration.ts";
import { decide } from "./configuration.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDER = join(ROOT, ".github/workflows");

interface Step {
	readonly uses?: string;
	readonly with?: Readonly<Record<string, unknown>>;
	readonly run?: string;
	readonly env?: Readonly<Record<string, string>>;
	readonly if?: string;
}
interface Job {
	readonly "runs-on"?: string;
	readonly "timeout-minutes"?: number;
	readonly uses?: string;
	readonly needs?: string | readonly string[];
	readonly environment?: string;
	readonly permissions?: Readonly<Record<string, string>>;
	readonly env?: Readonly<Record<string, string>>;
	readonly strategy?: {
		readonly matrix: { readonly include: readonly Record<string, string>[] };
	};
	readonly steps?: readonly Step[];
}
interface Workflow {
	readonly on: Readonly<Record<string, unknown>>;
	readonly permissions: Readonly<Record<string, string>>;
	readonly jobs: Readonly<Record<string, Job>>;
}

const manifest = JSON.parse(
	readFileSync(join(ROOT, "package.json"), "utf8"),
) as {
	readonly scripts: Readonly<Record<string, string>>;
	readonly devDependencies: Readonly<Record<string, string>>;
};
const names = globSync("*.{yml,yaml}", { cwd: FOLDER }).sort();
const textOf = (name: string): string =>
	readFileSync(join(FOLDER, name), "utf8");
const workflowOf = (name: string): Workflow => parse(textOf(name));
const release = workflowOf("release.yml");

test("there is one that checks and one that releases", () => {
	expect(names).toEqual(["check.yml", "release.yml"]);
});

describe.each(names)("%s", (name) => {
	const text = textOf(name);
	const workflow = workflowOf(name);
	const jobs = Object.values(workflow.jobs);
	const steps = jobs.flatMap((job) => job.steps ?? []);

	test("pins every action by the digest of its commit, and says which version that is", () => {
		const used = [...text.matchAll(/^\s*(?:- )?uses:(.*)$/gm)];
		expect(used.length).toBeGreaterThan(0);
		for (const [, reference] of used)
			expect(reference?.trim()).toMatch(
				/^(\.\/\.github\/workflows\/[\w-]+\.yml|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/,
			);
	});

	test("runs on named systems, none of which becomes another by itself", () => {
		const systems = jobs.flatMap((job) =>
			job["runs-on"]?.startsWith("${{")
				? (job.strategy?.matrix.include ?? []).map(
						(row) => row.runner ?? row.system,
					)
				: (job["runs-on"] ?? []),
		);
		expect(systems.length).toBeGreaterThan(1);
		for (const system of systems)
			expect(system).toMatch(/^(ubuntu|macos|windows)-\d/);
	});

	test("may read the sources and nothing else, unless a job says so", () => {
		expect(workflow.permissions).toEqual({ contents: "read" });
		const written = Object.entries(workflow.jobs).flatMap(([job, stated]) =>
			Object.entries(stated.permissions ?? {})
				.filter(([, right]) => right !== "read")
				.map(([right]) => `${job}: ${right}`),
		);
		expect(written).toEqual(
			name === "release.yml" ? ["publish: contents"] : [],
		);
	});

	test("leaves no credentials in the checkout", () => {
		const checkouts = steps.filter((step) =>
			step.uses?.startsWith("actions/checkout@"),
		);
		expect(checkouts.length).toBeGreaterThan(0);
		for (const step of checkouts)
			expect(step.with).toMatchObject({ "persist-credentials": false });
	});

	test("gives no secret to a change that a stranger proposes", () => {
		expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
		expect(Object.keys(workflow.on)).not.toContain("workflow_run");
		if ("pull_request" in workflow.on)
			expect(text).not.toMatch(/secrets|github\.token|GITHUB_TOKEN/);
	});

	test("lets no name of a branch or tag become a part of a command", () => {
		for (const { run } of steps) expect(run ?? "").not.toContain("${{");
	});

	test("runs the Node of package.json, and ends every job", () => {
		for (const step of steps)
			if (step.uses?.startsWith("actions/setup-node@"))
				expect(step.with?.["node-version"]).toBe(manifest.devDependencies.node);
		for (const job of jobs)
			if (job.uses === undefined)
				expect(job["timeout-minutes"]).toBeLessThanOrEqual(90);
	});

	test("runs only commands that are there, and downloads none", () => {
		const commands = steps.map((step) => step.run ?? "").join("\n");
		for (const [, script] of commands.matchAll(/\bnpm run ([\w:-]+)/g))
			expect(manifest.scripts).toHaveProperty([script ?? ""]);
		for (const [, program] of commands.matchAll(/\bnpx ([\w-]+)/g))
			expect(existsSync(join(ROOT, "node_modules/.bin", program ?? ""))).toBe(
				true,
			);
		expect(commands).not.toMatch(/\bnpm (install|i|add)\b|\b(curl|wget)\b/);
		expect(manifest.scripts).toHaveProperty("test");
	});
});

test("a change is checked whole on Linux, and in the real Electron on three systems", () => {
	const { linux, desktop } = workflowOf("check.yml").jobs;
	const run = (job: Job | undefined): string[] =>
		(job?.steps ?? []).flatMap((step) => step.run ?? []);
	expect(run(linux)).toEqual(expect.arrayContaining(["npm ci", "npm test"]));
	expect(run(linux).at(-1)).toBe(
		"xvfb-run --auto-servernum npm run e2e:electron",
	);
	expect(
		desktop?.strategy?.matrix.include.map((row) => row.system?.split("-")[0]),
	).toEqual(["macos", "windows"]);
	expect(run(desktop)).toEqual([
		"npm ci",
		"npm run check",
		"npx install-electron",
		"npm run e2e:electron",
	]);
});

test("nothing is released that was not checked, built on its own system, and tagged", () => {
	expect(release.on).toEqual({ push: { tags: ["v*"] } });
	const { check, build, publish } = release.jobs;
	expect(check?.uses).toBe("./.github/workflows/check.yml");
	expect([build?.needs, publish?.needs]).toEqual(["check", "build"]);
	expect(build?.strategy?.matrix.include.map((row) => row.system)).toEqual([
		"linux",
		"mac",
		"win",
	]);
	const drafts = (publish?.steps ?? []).filter((step) =>
		step.run?.includes("gh release create"),
	);
	expect(drafts).toHaveLength(1);
	expect(drafts[0]?.run).toMatch(/ --verify-tag --draft /);
});

test("secrets are given to single steps, behind the environment that people approve", () => {
	for (const job of Object.values(release.jobs)) {
		expect(JSON.stringify(job.env ?? {})).not.toContain("secrets.");
		const secret = (job.steps ?? []).filter((step) =>
			/secrets\.|github\.token/.test(JSON.stringify(step)),
		);
		if (secret.length > 0) expect(job.environment).toBe("release");
		for (const step of secret) expect(step.uses).toBeUndefined();
	}
});

test("manifests are signed by one step that alone has the key, before the digests, and are published with their notes", () => {
	const { publish } = release.jobs;
	const steps = publish?.steps ?? [];
	const at = (part: string): number => {
		const found = steps.flatMap(({ run }, place) =>
			run?.includes(part) ? [place] : [],
		);
		expect(found, part).toHaveLength(1);
		return found[0] ?? -1;
	};
	const [download, notes, signing, digests, draft] = [
		steps.findIndex(({ uses }) => uses?.includes("download-artifact")),
		at(".ci/releaseNotes.ts"),
		at(".ci/signManifest.ts"),
		at("sha256sum"),
		at("gh release create"),
	];
	const order = [download, notes, signing, digests, draft];
	expect(order).toEqual(order.toSorted((a, b) => a - b));
	expect(publish?.environment).toBe("release");
	const holders = Object.values(release.jobs).flatMap((job) =>
		(job.steps ?? []).filter((step) =>
			JSON.stringify(step).includes("FOREDECK_RELEASE_KEY"),
		),
	);
	expect(holders).toEqual([steps[signing]]);
	expect(steps[signing]?.env).toEqual({
		FOREDECK_RELEASE_KEY: expect.stringMatching(
			/^\$\{\{ secrets\.FOREDECK_RELEASE_KEY \}\}$/,
		),
	});
	// One file: what is signed as news is what the draft says.
	const file = '"$RUNNER_TEMP/notes.md"';
	expect(steps[notes]?.run).toContain(`> ${file}`);
	expect(steps[signing]?.run).toContain("--folder release");
	expect(steps[signing]?.run).toContain(`--notes ${file}`);
	expect(steps[draft]?.run).toContain(`--notes-file ${file}`);
	expect(steps[draft]?.run).toMatch(/ release\/\*$/m);
});

/** What a step sets: its job's and its own environment, and what its script exports. */
function environmentOf(job: Job, step: Step): Environment {
	const exported = [...(step.run ?? "").matchAll(/\bexport (\w+)=/g)];
	const set = [
		...Object.keys({ ...job.env, ...step.env }),
		...exported.map(([, name]) => `${name}`),
	];
	const values: Environment = {
		FOREDECK_UPDATE_URL: "https://updates.example.test/",
		FOREDECK_PUBLISHER: "CN=Example Ltd, C=DE",
	};
	return Object.fromEntries(set.map((name) => [name, values[name] ?? "set"]));
}

test.each(["linux", "mac", "win"] as const)(
	"the release for %s is given everything that it must say",
	(system: System) => {
		const build = release.jobs.build as Job;
		const steps = (build.steps ?? []).filter(
			(step) => step.if === `matrix.system == '${system}'`,
		);
		expect(steps).toHaveLength(1);
		const step = steps[0] as Step;
		expect(step.run).toContain(
			`npm run dist -- --release --system ${system} --tag "$GITHUB_REF_NAME"`,
		);
		const env = environmentOf(build, step);
		expect(
			decide({ system, release: true, env, stated: {}, releaseKey: "a key" }),
		).toMatchObject({ ok: true });
		const others = {
			linux: /CSC|APPLE|AZURE/,
			mac: /WIN_|AZURE/,
			win: /APPLE/,
		};
		expect(Object.keys(env).join(" ")).not.toMatch(others[system]);
	},
);

test("docs/releasing.md names every variable and secret that a release takes", () => {
	const page = readFileSync(join(ROOT, "docs/releasing.md"), "utf8");
	const named = new Set(
		[...textOf("release.yml").matchAll(/\b(?:vars|secrets)\.(\w+)/g)].map(
			([, name]) => `${name}`,
		),
	);
	expect(named.size).toBeGreaterThan(10);
	for (const name of named) expect(page, name).toContain(`\`${name}\``);
});
