// What the environment may decide about an installer, and what makes a release impossible.
import { describe, expect, test } from "vitest";
import type { Environment, System } from "./configuration.ts";
import { decide } from "./configuration.ts";

const WHO: Environment = {
	FOREDECK_HOMEPAGE: "https://foredeck.example.test/",
	FOREDECK_MAINTAINER: "Ada Example <ada@example.test>",
	FOREDECK_UPDATE_URL: "https://updates.example.test/",
};
const PUBLISHER = "CN=Example Ltd, O=Example Ltd, L=Kiel, C=DE";
const COMPLETE: Readonly<Record<System, Environment>> = {
	linux: WHO,
	mac: {
		...WHO,
		CSC_LINK: "c.p12",
		CSC_KEY_PASSWORD: "x",
		APPLE_API_KEY: "k.p8",
		APPLE_API_KEY_ID: "id",
		APPLE_API_ISSUER: "issuer",
	},
	win: {
		...WHO,
		FOREDECK_PUBLISHER: PUBLISHER,
		WIN_CSC_LINK: "w.p12",
		WIN_CSC_KEY_PASSWORD: "x",
	},
};

const decided = (
	system: System,
	release: boolean,
	env: Environment,
	stated = {},
	releaseKey: string | null = "a key",
) => {
	const decision = decide({ system, release, env, stated, releaseKey });
	return decision.ok ? decision.overrides : decision.sentence;
};

describe.each(["linux", "mac", "win"] as const)(
	"a release for %s",
	(system) => {
		test("is made when everything is said", () => {
			expect(decided(system, true, COMPLETE[system])).toMatchObject({
				forceCodeSigning: system !== "linux",
				extraMetadata: {
					homepage: "https://foredeck.example.test/",
					author: { name: "Ada Example", email: "ada@example.test" },
				},
				publish: [
					{ provider: "generic", url: "https://updates.example.test/" },
				],
			});
		});

		test("is refused while no release key is compiled in: nobody would ever be offered the next one", () => {
			expect(decided(system, true, COMPLETE[system], {}, null)).toMatch(
				/^a release needs the project’s release key in .*; docs\/releasing\.md says/,
			);
			// At home it is built, and About says that updates are not set up.
			expect(decided(system, false, {}, {}, null)).toBeTypeOf("object");
		});

		test.each(Object.keys(COMPLETE[system]))(
			"is refused without %s",
			(name) => {
				const said = decided(system, true, { ...COMPLETE[system], [name]: "" });
				expect(said).toMatch(/^a release needs /);
				expect(said).toContain(name);
			},
		);

		test.each([
			"FOREDECK_ELECTRON_DIST",
			"ELECTRON_MIRROR",
			"npm_config_electron_mirror",
			"ELECTRON_CUSTOM_DIR",
			"ELECTRON_OVERRIDE_DIST_PATH",
			"ELECTRON_BUILDER_BINARIES_MIRROR",
		])("is refused with %s, which would pack something else", (name) => {
			const said = decided(system, true, { ...COMPLETE[system], [name]: "x" });
			expect(said).toBe(
				`a release is made from the Electron that is downloaded and checked, and ${name} names another`,
			);
		});

		test.each(["electronDist", "electronDownload"])(
			"is refused with %s in electron-builder.yml",
			(key) => {
				expect(
					decided(system, true, COMPLETE[system], { [key]: "x" }),
				).toContain(`${key} in electron-builder.yml names another`);
			},
		);

		test("is refused with updates over plain http", () => {
			const env = {
				...COMPLETE[system],
				FOREDECK_UPDATE_URL: "http://x.test/",
			};
			expect(decided(system, true, env)).toBe(
				"FOREDECK_UPDATE_URL must begin with https://",
			);
		});
	},
);

test("on Windows the updater is told the whole name of the publisher, or it would check nothing", () => {
	expect(decided("win", true, COMPLETE.win)).toMatchObject({
		publish: [{ publisherName: [PUBLISHER] }],
		win: { signtoolOptions: { publisherName: [PUBLISHER] } },
	});
	const env = { ...COMPLETE.win, FOREDECK_PUBLISHER: "CN=Example Ltd" };
	expect(decided("win", true, env)).toMatch(/full distinguished name/);
});

test("Windows may be signed by a key store that never gives its key away", () => {
	const { WIN_CSC_LINK, WIN_CSC_KEY_PASSWORD, ...env } = COMPLETE.win;
	expect(
		decided("win", true, {
			...env,
			FOREDECK_AZURE_ENDPOINT: "https://sign.example.test/",
			FOREDECK_AZURE_ACCOUNT: "account",
			FOREDECK_AZURE_PROFILE: "profile",
		}),
	).toMatchObject({
		win: {
			azureSignOptions: {
				publisherName: PUBLISHER,
				endpoint: "https://sign.example.test/",
				codeSigningAccountName: "account",
				certificateProfileName: "profile",
			},
		},
	});
});

test("a release for macOS is notarised, a build at home is not", () => {
	expect(decided("mac", true, COMPLETE.mac)).toMatchObject({
		mac: { notarize: true },
	});
	expect(decided("mac", false, {})).toMatchObject({ mac: { notarize: false } });
});

test("at home nothing has to be said: no updates, and an address that can belong to nobody", () => {
	expect(decided("linux", false, {})).toEqual({
		forceCodeSigning: false,
		extraMetadata: {
			homepage: "https://foredeck.invalid/",
			author: { name: "Foredeck", email: "nobody@foredeck.invalid" },
		},
		publish: null,
	});
	expect(
		decided("linux", false, { FOREDECK_ELECTRON_DIST: "/x" }),
	).toMatchObject({ electronDist: "/x" });
});
