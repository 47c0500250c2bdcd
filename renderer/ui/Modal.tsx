// A dialog over the page: it takes the focus, keeps it, and gives it back. Esc and a press beside it close it.
import { Dialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import styles from "./Modal.module.css";

export function Modal(props: {
	readonly open: boolean;
	readonly onClose: () => void;
	/** The dialog's name. */
	readonly title: string;
	/** Only spoken: what is inside says it to the eye. */
	readonly hideTitle?: boolean;
	readonly wide?: boolean;
	/** Near the top, where a list may grow and shrink without moving its box. */
	readonly high?: boolean;
	readonly children: ReactNode;
}): ReactElement {
	return (
		<Dialog.Root
			open={props.open}
			onOpenChange={(open) => {
				if (!open) props.onClose();
			}}
		>
			<Dialog.Portal>
				<Dialog.Backdrop className={styles.backdrop} />
				<Dialog.Popup
					className={[
						styles.box,
						props.wide ? styles.wide : "",
						props.high ? styles.high : "",
					].join(" ")}
				>
					{props.hideTitle ? (
						<Dialog.Title className={styles.unseen}>{props.title}</Dialog.Title>
					) : (
						<header className={styles.head}>
							<Dialog.Title className={styles.title}>
								{props.title}
							</Dialog.Title>
							<Dialog.Close className={styles.close} aria-label="Close">
								<X aria-hidden="true" />
							</Dialog.Close>
						</header>
					)}
					{props.children}
				</Dialog.Popup>
			</Dialog.Portal>
		</Dialog.Root>
	);
}
