// At most one banner over the screens: the one that most changes what the rest means.
import type { ReactElement } from "react";
import { useState } from "react";
import { visible } from "../../shared/visibleText.ts";
import { Button } from "../ui/Button.tsx";
import { Notice } from "../ui/Notice.tsx";
import { crashedAt } from "./crashedAt.ts";
import { expiryWords } from "./identities/expiry.ts";
import { TimeOfDay } from "./Times.tsx";
import { useCore, useGo, useNow, useParts } from "./window.ts";

export function Banners(): ReactElement | null {
	const line = useCore((core) => core.line);
	const disagreement = useCore((core) => core.disagreement);
	const fault = useCore((core) => core.session?.fault ?? null);
	if (line.kind === "closed") return <LostCore />;
	if (disagreement !== null)
		return (
			<Notice
				tone="bad"
				place="banner"
				sentence={
					disagreement.code === "contract.mismatch"
						? visible(disagreement.sentence)
						: `core and window disagree: ${visible(disagreement.sentence)}`
				}
				code={disagreement.code}
				nextStep={[
					"What you see no longer changes. Reload the window; if it repeats, report it with both versions.",
					...(disagreement.evidence?.notes ?? []).map(visible),
				].join(" ")}
				action={<Button onClick={() => location.reload()}>Reload</Button>}
			/>
		);
	if (fault !== null)
		return (
			<Notice
				tone="warning"
				place="banner"
				sentence={visible(fault.sentence)}
				code={fault.code}
				nextStep={visible(fault.nextStep)}
			/>
		);
	return <CrashBanner />;
}

/** The shell that brought the window back after a crash says when in the address; it stays until the person has seen it. */
function CrashBanner(): ReactElement {
	const [at, setAt] = useState(() => crashedAt(location.search));
	if (at === null) return <ExpiryBanner />;
	const dismiss = (): void => {
		history.replaceState(null, "", `${location.pathname}${location.hash}`);
		setAt(null);
	};
	return (
		<Notice
			tone="warning"
			place="banner"
			sentence={
				<>
					The window crashed and was reloaded at <TimeOfDay at={at} />
				</>
			}
			nextStep="The links to your hosts went on meanwhile. If it repeats, report what you did."
			action={<Button onClick={dismiss}>Dismiss</Button>}
		/>
	);
}

/** By itself, so that only it follows the clock. */
function ExpiryBanner(): ReactElement | null {
	const expiresAt = useCore((core) => core.session?.identity?.expiresAt);
	const now = useNow();
	const go = useGo();
	const words = expiresAt === undefined ? null : expiryWords(expiresAt, now);
	if (words === null || !words.isUrgent) return null;
	return (
		<Notice
			tone={words.tone}
			place="banner"
			sentence={words.sentence}
			code={words.tone === "bad" ? "tls.client-expired" : null}
			nextStep="Import a renewed certificate; new connections use it at once."
			action={
				<Button onClick={() => go({ screen: "identities" })}>Identities</Button>
			}
		/>
	);
}

function LostCore(): ReactElement | null {
	const line = useCore((core) => core.line);
	const at = useCore((core) => core.fleet.replica.at);
	const { connection } = useParts();
	if (line.kind !== "closed") return null;
	const retry =
		line.retryAt === null ? (
			<Button onClick={() => location.reload()}>Reload</Button>
		) : (
			<Button onClick={connection.retryNow}>Try now</Button>
		);
	if (at === 0)
		return (
			<Notice
				tone="bad"
				place="banner"
				sentence="The window cannot reach its core."
				nextStep="Check that Foredeck is running, and open the address that it printed: the address carries the permission."
				action={retry}
			/>
		);
	return (
		<Notice
			tone="bad"
			place="banner"
			sentence={
				<>
					The window lost its core: what you see is from <TimeOfDay at={at} />
				</>
			}
			nextStep={
				line.retryAt === null
					? "Reload the window."
					: "It reconnects by itself; nothing below is live until then."
			}
			action={retry}
		/>
	);
}
