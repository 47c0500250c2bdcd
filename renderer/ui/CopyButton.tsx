// Copies a text and says so. Where the browser forbids it, it says that instead.
import { Check, Copy } from "lucide-react";
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import { Button } from "./Button.tsx";
import { putOnClipboard } from "./clipboard.ts";

/** How long "Copied" stays. */
const SAID_MS = 2_000;

export function CopyButton(props: {
	readonly words: string;
	readonly text: () => string;
}): ReactElement {
	const [said, setSaid] = useState<string | null>(null);
	useEffect(() => {
		if (said === null) return;
		const timer = setTimeout(() => setSaid(null), SAID_MS);
		return () => clearTimeout(timer);
	}, [said]);
	const copy = async (): Promise<void> => {
		const isThere = await putOnClipboard(props.text());
		setSaid(isThere ? "Copied" : "Not allowed here");
	};
	return (
		// Named here, because a status inside of a button gives it no name.
		<Button
			look="quiet"
			aria-label={said ?? props.words}
			onClick={() => void copy()}
		>
			{said === "Copied" ? (
				<Check aria-hidden="true" />
			) : (
				<Copy aria-hidden="true" />
			)}
			<span role="status">{said ?? props.words}</span>
		</Button>
	);
}
