// The bench's client identity in the form that the core takes.

import { describeChain } from "../core/identity/describe.ts";
import type { Identity } from "../core/ports.ts";
import type { Credentials } from "./orders.ts";

export const identityOf = ({
	caPem,
	certPem,
	keyPem,
}: Credentials): Identity => ({
	certificateChain: certPem,
	privateKey: keyPem,
	ca: caPem,
	facts: describeChain(certPem, "memory, for a measurement"),
});
