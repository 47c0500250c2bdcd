// The fuses of the packed Electron, as one complete and strict statement. Decides only; `afterPack.ts` flips them.
import type { FuseV1Config } from "@electron/fuses";
import { FuseV1Options, FuseVersion } from "@electron/fuses";

/** What electron-builder.yml states under `electronFuses`: its names, each on or off. */
export type StatedFuses = Readonly<Record<string, boolean | null | undefined>>;

/** Fuses that electron-builder's configuration has no word for yet. Trap handlers make WebAssembly's bounds checks cheap. */
const BEYOND_THE_BUILDER: StatedFuses = { wasmTrapHandlers: true };

const names = (): string[] =>
	Object.keys(FuseV1Options).filter((name) => Number.isNaN(Number(name)));

/** electron-builder's word for a fuse: `RunAsNode` is `runAsNode`. */
const wordOf = (name: string): string =>
	name.charAt(0).toLowerCase() + name.slice(1);

/**
 * Every fuse with its state.
 * @throws when a fuse that `@electron/fuses` knows is not stated, so that a new one cannot ship with its default unseen.
 */
export function allFuses(stated: StatedFuses): ReadonlyMap<string, boolean> {
	const all: StatedFuses = { ...stated, ...BEYOND_THE_BUILDER };
	return new Map(
		names().map((name) => {
			const state = all[wordOf(name)];
			if (typeof state !== "boolean")
				throw new Error(
					`the fuse ${name} is not stated: decide it under electronFuses in electron-builder.yml, or in main/packaging/fuses.ts where the builder does not know it`,
				);
			return [name, state];
		}),
	);
}

/** The same for `flipFuses`, which with `strictlyRequireAllFuses` also refuses a binary that has more fuses than we know. */
export function strictFuses(stated: StatedFuses): FuseV1Config {
	const states = [...allFuses(stated)].map(([name, state]) => [
		FuseV1Options[name as keyof typeof FuseV1Options],
		state,
	]);
	return {
		version: FuseVersion.V1,
		strictlyRequireAllFuses: true,
		...Object.fromEntries(states),
	} as FuseV1Config;
}
