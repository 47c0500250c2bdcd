// At most one banner over the screens; which one is decided by store/banner.ts.
import type { ReactElement } from "react";
import { Fragment, useState } from "react";
import { visible } from "../../shared/visibleText.ts";
import type { Banner, BannerAction, Sentence } from "../store/banner.ts";
import { bannerOf } from "../store/banner.ts";
import { Button } from "../ui/Button.tsx";
import { Notice } from "../ui/Notice.tsx";
import { crashedAt } from "./crashedAt.ts";
import { expiryWords } from "./identities/expiry.ts";
import { Started } from "./Times.tsx";
import { useCore, useGo, useNow, useParts } from "./window.ts";

export function Banners(): ReactElement | null {
	const [crashAt, setCrashAt] = useState(() => crashedAt(location.search));
	const banner = useBanner(crashAt);
	if (banner === null) return null;
	const say = (text: string): string =>
		banner.isForeign === true ? visible(text) : text;
	return (
		<Notice
			tone={banner.tone}
			place="banner"
			sentence={<Words parts={banner.sentence} say={say} />}
			code={banner.code}
			nextStep={say(banner.nextStep)}
			action={
				<Action
					action={banner.action}
					onDismissed={() => {
						history.replaceState(
							null,
							"",
							`${location.pathname}${location.hash}`,
						);
						setCrashAt(null);
					}}
				/>
			}
		/>
	);
}

function useBanner(crashAt: number | null): Banner | null {
	const line = useCore((core) => core.line);
	const frameAt = useCore((core) =>
		core.line.kind === "closed" ? core.fleet.replica.at : 0,
	);
	const disagreement = useCore((core) => core.disagreement);
	const fault = useCore((core) => core.session?.fault ?? null);
	const channels = useCore((core) => core.fleet.channels);
	const lastKnown = useCore((core) => core.fleet.lastKnown);
	const loss = useCore((core) => core.health?.loss);
	const startedAt = useCore((core) => core.session?.startedAt ?? null);
	const expiresAt = useCore((core) => core.session?.identity?.expiresAt);
	const now = useNow();
	return bannerOf({
		...{ line, frameAt, disagreement, fault, channels, lastKnown, loss },
		...{ startedAt, now, crashedAt: crashAt },
		expiry: expiresAt === undefined ? null : expiryWords(expiresAt, now),
	});
}

const Words = (props: {
	readonly parts: Sentence;
	readonly say: (text: string) => string;
}): ReactElement => (
	<>
		{props.parts.map((part) =>
			typeof part === "string" ? (
				<Fragment key={part}>{props.say(part)}</Fragment>
			) : (
				<Started key={part.at} at={part.at} />
			),
		)}
	</>
);

function Action(props: {
	readonly action: BannerAction;
	readonly onDismissed: () => void;
}): ReactElement {
	const { connection } = useParts();
	const go = useGo();
	const { action } = props;
	switch (action.do) {
		case "reload":
			return <Button onClick={() => location.reload()}>Reload</Button>;
		case "reconnect":
			return <Button onClick={connection.retryNow}>Try now</Button>;
		case "dismissCrash":
			return <Button onClick={props.onDismissed}>Dismiss</Button>;
		case "go":
			return <Button onClick={() => go(action.to)}>{action.words}</Button>;
	}
}
