// A dialog over the window: the browser's own keeps the focus inside, closes on Escape and gives the focus back. What has
// `data-first` gets the focus when it opens.
import { X } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { useEffect, useId, useRef } from "react";
import styles from "./Dialog.module.css";

export function Dialog(props: {
	readonly open: boolean;
	readonly title: ReactNode;
	readonly onClose: () => void;
	/** What a person may do; stays in view when the rest is long. */
	readonly foot?: ReactNode;
	readonly wide?: boolean;
	readonly children: ReactNode;
}): ReactElement {
	const { open, onClose } = props;
	const dialog = useRef<HTMLDialogElement>(null);
	const title = useId();
	useEffect(() => {
		if (open && !dialog.current?.open) {
			dialog.current?.showModal();
			// React keeps `autofocus` to itself, so the browser would choose the first button, which closes.
			dialog.current?.querySelector<HTMLElement>("[data-first]")?.focus();
		}
		if (!open) dialog.current?.close();
	}, [open]);
	return (
		<dialog
			ref={dialog}
			className={`${styles.dialog} ${props.wide ? styles.wide : ""}`}
			aria-labelledby={title}
			onClose={onClose}
		>
			{open && (
				<>
					<div className={styles.head}>
						<h2 id={title}>{props.title}</h2>
						<button
							type="button"
							className={styles.close}
							aria-label="Close"
							title="Close (Esc)"
							onClick={onClose}
						>
							<X aria-hidden="true" />
						</button>
					</div>
					<div className={styles.body}>{props.children}</div>
					{props.foot && <div className={styles.foot}>{props.foot}</div>}
				</>
			)}
		</dialog>
	);
}
