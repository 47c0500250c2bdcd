// Which address of this computer an agent would see, for its allow list. A connected UDP socket asks the routing table
// and sends nothing; it works where the agent drops whatever comes from us.
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

/** Our own address towards `address` (an IP literal); null when there is no route. Behind a NAT the agent sees another one. */
export function ownAddress(
	address: string,
	port: number,
): Promise<string | null> {
	return new Promise((resolve) => {
		const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
		const finish = (found: string | null): void => {
			socket.removeAllListeners();
			socket.close();
			resolve(found);
		};
		socket.once("error", () => finish(null));
		socket.once("connect", () => finish(socket.address().address));
		socket.connect(port, address);
	});
}
