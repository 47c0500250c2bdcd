// Makes and signs a release's manifests out of what was built: `node .ci/signManifest.ts --folder release --notes FILE
// [--version 1.2.3] [--staging 100] [--minimum 1.0.0]`. The key comes as PEM (PKCS#8, Ed25519) in FOREDECK_RELEASE_KEY and
// must be the other half of the one that is compiled in. A release also goes to those who follow beta.
import {
	createHash,
	createPrivateKey,
	createPublicKey,
	sign,
	verify,
} from "node:crypto";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { channelOf } from "../main/core/update/gate.ts";
import type { UpdateChannel } from "../main/core/update/manifest.ts";
import {
	manifestName,
	manifestSchema,
	openManifest,
	signatureName,
} from "../main/core/update/manifest.ts";
import { RELEASE_KEY } from "../main/core/update/releaseKey.ts";

const { values: said } = parseArgs({
	options: {
		folder: { type: "string", default: "release" },
		notes: { type: "string" },
		version: { type: "string" },
		staging: { type: "string", default: "100" },
		minimum: { type: "string" },
		/** A PEM file instead of the compiled-in public key: for tests, and for the release that brings another key along. */
		"public-key": { type: "string" },
	},
});

/** The forms that the updater takes on each system; deb, rpm and dmg are for people and package managers. */
const TAKEN = "*.{AppImage,zip,exe}";

function run(): string {
	const privateKey = createPrivateKey(
		process.env.FOREDECK_RELEASE_KEY ??
			stop("FOREDECK_RELEASE_KEY holds no key"),
	);
	const publicPem =
		said["public-key"] === undefined
			? (RELEASE_KEY ??
				stop("main/core/update/releaseKey.ts has no release key yet"))
			: readFileSync(said["public-key"], "utf8");
	const probe = Buffer.from("probe");
	if (
		privateKey.asymmetricKeyType !== "ed25519" ||
		!verify(
			null,
			probe,
			createPublicKey(publicPem),
			sign(null, probe, privateKey),
		)
	)
		stop("the key is not the other half of the one that is compiled in");
	const version =
		said.version ??
		(JSON.parse(readFileSync("package.json", "utf8")).version as string);
	const channels: UpdateChannel[] =
		channelOf(version) === "beta" ? ["beta"] : ["latest", "beta"];
	const files = filesOf(version);
	for (const channel of channels) {
		const manifest = manifestSchema.parse({
			version,
			channel,
			releasedAt: new Date().toISOString(),
			files,
			...(said.minimum === undefined ? {} : { minimumVersion: said.minimum }),
			stagingPercentage: Number(said.staging),
			notes:
				said.notes === undefined ? "" : readFileSync(said.notes, "utf8").trim(),
		});
		const bytes = Buffer.from(`${JSON.stringify(manifest, null, "\t")}\n`);
		const signature = Buffer.from(
			`${sign(null, bytes, privateKey).toString("base64")}\n`,
		);
		// What an installed app would refuse is never written.
		const opened = openManifest(bytes, signature, publicPem);
		if (!opened.ok) stop(opened.fault.sentence);
		writeFileSync(join(said.folder, manifestName(channel)), bytes);
		writeFileSync(join(said.folder, signatureName(channel)), signature);
	}
	return `signed ${version} for ${channels.join(" and ")}: ${files.length} files`;
}

/** Digests of the files themselves; nothing is taken from the builder's lists. */
function filesOf(version: string) {
	const names = globSync(TAKEN, { cwd: said.folder })
		.filter((name) => name.startsWith(`Foredeck-${version}-`))
		.sort();
	if (names.length === 0)
		stop(`${said.folder} has no installer of version ${version}`);
	return names.map((name) => {
		const content = readFileSync(join(said.folder, name));
		return {
			name,
			size: content.length,
			sha512: createHash("sha512").update(content).digest("base64"),
		};
	});
}

function stop(sentence: string): never {
	throw new Error(sentence);
}

try {
	console.log(`signManifest: ${run()}`);
} catch (error) {
	// Of the key nothing is printed, whatever is wrong with it.
	const { message } = error instanceof Error ? error : new Error("it failed");
	console.error(`signManifest: ${message}`);
	process.exitCode = 1;
}
