// A port on 127.0.0.1 that neither answers nor refuses: its queue of unaccepted connections is full, so that the kernel
// drops every further SYN. What a firewall that swallows packets looks like, without leaving this machine.
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

export interface FullBacklog {
	readonly port: number;
	close(): Promise<void>;
}

/** Listens, says where, and never gets to accept: the thread sleeps until it is woken or ended. */
const LISTENER = `
const { parentPort, workerData } = require("node:worker_threads");
const server = require("node:net").createServer();
server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
	parentPort.postMessage(server.address().port);
	Atomics.wait(new Int32Array(workerData), 0, 0);
	server.close();
});
`;

/** Connections the kernel queues for a backlog of 1. */
const QUEUED = 2;

export async function openFullBacklog(): Promise<FullBacklog> {
	const shared = new SharedArrayBuffer(4);
	const worker = new Worker(LISTENER, { eval: true, workerData: shared });
	const port = await new Promise<number>((told) => {
		worker.once("message", told);
	});
	const fillers: Socket[] = [];
	for (let n = 0; n < QUEUED; n++) {
		const filler = connect(port, "127.0.0.1");
		filler.on("error", () => {});
		fillers.push(filler);
		await new Promise((connected) => filler.once("connect", connected));
	}
	return {
		port,
		async close() {
			for (const filler of fillers) filler.destroy();
			Atomics.notify(new Int32Array(shared), 0);
			await worker.terminate();
		},
	};
}
