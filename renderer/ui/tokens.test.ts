// The palettes, measured: WCAG's contrast of every pair of colours that the window puts upon each other.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const CSS = readFileSync(
	fileURLToPath(new URL("tokens.css", import.meta.url)),
	"utf8",
);

/** A block's colours in one scheme, by token. */
function colors(selector: string, scheme: "light" | "dark") {
	const start = CSS.indexOf(`${selector} {`);
	expect(start).toBeGreaterThan(-1);
	const block = CSS.slice(start, CSS.indexOf("\n}", start));
	return Object.fromEntries(
		[...block.matchAll(/--([a-z0-9-]+):\s*([^;]+);/g)].flatMap(
			([, name = "", value = ""]) => {
				const both =
					/^light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)$/.exec(value) ??
					/^((#[0-9a-f]{6}))$/.exec(value);
				const color = both?.[scheme === "light" ? 1 : 2] ?? both?.[1];
				return color === undefined ? [] : [[name, color]];
			},
		),
	) as Record<string, string>;
}

const channel = (hex: string): number => {
	const part = Number.parseInt(hex, 16) / 255;
	return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};
const luminance = (color: string): number =>
	0.2126 * channel(color.slice(1, 3)) +
	0.7152 * channel(color.slice(3, 5)) +
	0.0722 * channel(color.slice(5, 7));
function contrast(one = "", other = ""): number {
	const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort(
		(a, b) => a - b,
	);
	return (light + 0.05) / (dark + 0.05);
}

const STATES = [
	"succeeded",
	"failed",
	"timed-out",
	"lost",
	"cancelled",
	"unknown",
	"running",
	"queued",
	"warning",
];
const TEXTS = ["text", "text-2", "text-3", "accent", ...STATES];
const GROUNDS = ["ground", "surface", "raised", "hover", "chosen"];
/** Grounds that one kind of text has to itself. */
const PAIRS = [
	["failed", "failed-ground"],
	["text", "failed-ground"],
	["text-2", "failed-ground"],
	["warning", "warning-ground"],
	["text", "warning-ground"],
	["text-2", "warning-ground"],
	["text-2", "neutral-ground"],
	["succeeded", "good-ground"],
	["running", "info-ground"],
	["text", "info-ground"],
	["on-accent", "accent-ground"],
] as const;

for (const scheme of ["light", "dark"] as const) {
	const usual = colors(":root", scheme);
	const more = { ...usual, ...colors(':root[data-contrast="more"]', scheme) };
	for (const { name, palette, least } of [
		{ name: "usual", palette: usual, least: 4.5 },
		{ name: "more", palette: more, least: 7 },
	]) {
		const where = `${scheme}, ${name} contrast`;
		test(`${where}: text and states reach ${least}:1 on every ground`, () => {
			const pairs = [
				...TEXTS.flatMap((text) =>
					GROUNDS.map((ground) => [text, ground] as const),
				),
				...PAIRS,
			];
			const low = pairs
				.map(([text, ground]) => ({
					text,
					ground,
					ratio: contrast(palette[text], palette[ground]),
				}))
				.filter(({ ratio }) => !(ratio >= least))
				.map(({ text, ground, ratio }) => `${text} on ${ground}: ${ratio}`);
			expect(low).toEqual([]);
		});
		test(`${where}: what is no text but tells something reaches 3:1`, () => {
			const low = ["focus", "succeeded-bar", "failed-bar"]
				.concat(name === "more" ? ["line", "line-strong"] : [])
				.map((token) => ({
					token,
					ratio: contrast(palette[token], palette.surface),
				}))
				.filter(({ ratio }) => !(ratio >= 3))
				.map(({ token, ratio }) => `${token}: ${ratio}`);
			expect(low).toEqual([]);
		});
	}
}
