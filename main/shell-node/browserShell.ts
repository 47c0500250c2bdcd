// A running console behind a browser shell: what `serve` and `demo` have in common.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../shared/clock.ts";
import type { Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";
import type { Console } from "../core/console.ts";
import { usableNetworks, watchSurroundings } from "../core/surroundings.ts";
import { isLoopback, openAccess } from "./access.ts";
import { startHttpServer } from "./httpServer.ts";
import { openMetrics } from "./metrics.ts";
import { openWebPipes } from "./webPipe.ts";

export interface BrowserShellOptions {
	readonly host: string;
	readonly port: number;
	readonly tls: { readonly cert: string; readonly key: string } | null;
	readonly version: string;
}

export interface BrowserShell {
	/** With the one-time token. */
	readonly address: string;
	stop(): Promise<void>;
}

/** The built renderer lies beside the built command line, in `dist/`; run from its sources, the checkout's `dist/` is meant. */
export function rendererRoot(): string {
	const here = dirname(fileURLToPath(import.meta.url));
	const beside = join(here, "..", "renderer");
	return existsSync(join(beside, "index.html"))
		? beside
		: join(here, "..", "..", "dist", "renderer");
}

/** @returns `input.invalid` for an address beyond loopback without TLS, `port.in-use`. */
export async function startBrowserShell(
	console: Console,
	options: BrowserShellOptions,
	root: string = rendererRoot(),
): Promise<Result<BrowserShell>> {
	if (!isLoopback(options.host) && options.tls === null)
		return failed(
			fault("input.invalid", {
				sentence: `${options.host} is reachable from other computers, and without TLS the session could be read on the way`,
				nextStep:
					"Give --tls-cert FILE and --tls-key FILE, or listen on 127.0.0.1 and forward the port through SSH.",
			}),
		);
	const access = openAccess(options.tls !== null);
	const pipes = openWebPipes((pipe) => console.attach(pipe));
	const metrics = openMetrics(console);
	const server = await startHttpServer({
		...options,
		root,
		access,
		metrics: metrics.read,
		onPipe: pipes.accept,
	});
	if (!server.ok) return server;
	return ok({
		address: `${server.value.origin}/?token=${access.token}`,
		async stop() {
			pipes.close();
			await server.value.stop();
		},
	});
}

/** Tells the console about sleep and networks, as plain Node can notice them. */
export const followSurroundings = (clock: Clock, console: Console) =>
	watchSurroundings({
		clock,
		networks: usableNetworks,
		woke: console.woke,
		networkChanged: console.networkReturned,
	});
