import { expect, test } from "vitest";
import type { LinkStatus } from "../../../shared/model.ts";
import { unreachability } from "./unreachable.ts";

test.each<[LinkStatus["channel"], number, LinkStatus["fault"], boolean | null]>(
	[
		["live", 0, null, false],
		["polling", 0, "http.404", false],
		// A poll is under way and none was answered since the losses before it.
		["polling", 11, "http.unexpected", null],
		["reconnecting", 2, "tcp.timeout", false],
		["reconnecting", 3, "tcp.timeout", true],
		["connecting", 3, null, true],
		["reconnecting", 9, "tls.timeout", true],
		["reconnecting", 9, "http.503", false],
		["blocked", 3, "http.403", false],
		["blocked", 3, "tls.server-expired", false],
		["blocked", 3, "tls.client-expired", null],
		["blocked", 1, "vault.locked", null],
		["offline", 40, "net.offline", null],
	],
)(
	"%s after %i attempts with %s: unreachable is %s",
	(channel, attempt, fault, expected) => {
		expect(unreachability({ channel, attempt, fault } as LinkStatus)).toBe(
			expected,
		);
	},
);
