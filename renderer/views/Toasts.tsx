// Failures that come while the person looks at the window: small, in a corner, and a way to where it failed.
import type { ReactElement } from "react";
import { useEffect, useState } from "react";
import { hashOfNote } from "../../shared/inbox.ts";
import { visible } from "../../shared/visibleText.ts";
import type { Toasts as ToastList } from "../store/toasts.ts";
import {
	NO_TOASTS,
	nextToasts,
	withoutToast,
	withoutToasts,
} from "../store/toasts.ts";
import { Glyph } from "../ui/Glyph.tsx";
import { Toast, ToastCorner } from "../ui/Toast.tsx";
import { useAsk, useCore, useView } from "./window.ts";

export function Toasts(): ReactElement | null {
	const inbox = useCore((core) => core.inbox);
	const isInbox = useView((view) => view.address.screen === "inbox");
	const ask = useAsk();
	const [toasts, setToasts] = useState<ToastList>(NO_TOASTS);
	// biome-ignore lint/correctness/useExhaustiveDependencies: looked at when the inbox was read; going to another screen is no news.
	useEffect(() => {
		if (inbox === null) return;
		const isLooking = document.hasFocus() && !isInbox;
		setToasts((before) => nextToasts(before, inbox, isLooking));
	}, [inbox]);
	// Else they would come back for their whole time when the person leaves the inbox.
	useEffect(() => {
		if (isInbox) setToasts(withoutToasts);
	}, [isInbox]);
	const close = (key: string): void =>
		setToasts((before) => withoutToast(before, key));
	if (toasts.shown.length === 0 || isInbox) return null;
	return (
		<ToastCorner label="New failures">
			{toasts.shown.map((note) => (
				<Toast
					key={note.key}
					sign={<Glyph shape="cross" tone="failed" />}
					title={visible(note.title)}
					sentence={note.body.split("\n").map(visible).join(" · ")}
					href={hashOfNote(note)}
					at={note.at}
					onOpen={() => {
						close(note.key);
						void ask("inbox.markRead", { keys: [note.key] });
					}}
					onClose={() => close(note.key)}
				/>
			))}
		</ToastCorner>
	);
}
