// When a host counts as unreachable: by what its link meets, and never by what is wrong on our side. Pure.
import type { LinkStatus } from "../../../shared/model.ts";

/** Misses in a row before a host counts as unreachable. */
const MISSES = 3;

/** Faults of this computer, which say nothing about the host. */
const OURS = /^(identity|vault|net|pipe)\.|^tls\.client-expired$/;
/** Faults by which a host answers: one that refuses is there. */
const ANSWERED = /^(http|ws|auth|agent|session|alpn|host)\.|^tls\.(?!timeout)/;

/** Whether the link proves the host to be away, or there; null: neither. */
export function unreachability({
	channel,
	attempt,
	fault: code,
}: LinkStatus): boolean | null {
	if (channel === "live") return false;
	// Polling begins before a poll was answered; then the attempts begin anew.
	if (channel === "polling") return attempt === 0 ? false : null;
	if (code === null) return attempt >= MISSES;
	if (OURS.test(code)) return null;
	return ANSWERED.test(code) ? false : attempt >= MISSES;
}
