// What a window is shown of an import before it is done.
import { z } from "zod";

/** Lines that are listed; the counts are of all. */
export const OFFERED_ROWS = 300;

const count = z.int().nonnegative();

export const importOfferSchema = z.strictObject({
	/** Confirms this import, once. */
	nonce: z.string().max(64),
	/** The chosen file's name, without its folder. */
	file: z.string().max(255),
	format: z.string().max(32),
	/** The fleet that the hosts are added to. */
	fleetName: z.string().max(64),
	/** Hosts of that fleet afterwards. */
	hosts: count,
	counts: z.strictObject({
		add: count,
		change: count,
		same: count,
		invalid: count,
	}),
	/** Invalid lines first, then changes. */
	rows: z
		.array(
			z.strictObject({
				verdict: z.enum(["add", "change", "same", "invalid"]),
				/** Of the file, counted from 1. */
				line: count,
				/** Null: the line names no host. */
				id: z.string().max(2000).nullable(),
				words: z.string().max(2000),
			}),
		)
		.max(OFFERED_ROWS),
	notes: z.array(z.string().max(500)).max(20),
	/** False: there is nothing to write. */
	changes: z.boolean(),
});
