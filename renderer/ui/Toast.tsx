// A small card over the screen that leads somewhere, can be closed, and goes by itself when nobody points at it. It takes no
// focus and says nothing aloud: what is said to assistive technology is the announcer's.
import { X } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import { Button } from "./Button.tsx";
import styles from "./Toast.module.css";

/** Long enough to read two lines and reach for it. */
const STAYS_MS = 12_000;

export function Toast(props: {
	readonly sign: ReactNode;
	readonly title: string;
	readonly sentence: string;
	readonly href: string;
	/** Renewed when its words change: then it stays for its whole time again. */
	readonly at: number;
	readonly onOpen: () => void;
	readonly onClose: () => void;
}): ReactElement {
	const [isHeld, setHeld] = useState(false);
	const close = useRef(props.onClose);
	close.current = props.onClose;
	// biome-ignore lint/correctness/useExhaustiveDependencies: counted anew when the words changed.
	useEffect(() => {
		if (isHeld) return;
		const timer = setTimeout(() => close.current(), STAYS_MS);
		return () => clearTimeout(timer);
	}, [isHeld, props.at]);
	return (
		<li
			className={styles.toast}
			onPointerEnter={() => setHeld(true)}
			onPointerLeave={() => setHeld(false)}
			onFocus={() => setHeld(true)}
			onBlur={() => setHeld(false)}
			// Only from within: Escape anywhere else means what it meant before the card came.
			onKeyDown={(event) => {
				if (event.key !== "Escape") return;
				event.stopPropagation();
				props.onClose();
			}}
		>
			<a className={styles.way} href={props.href} onClick={props.onOpen}>
				<span className={styles.sign}>{props.sign}</span>
				<span className={styles.words}>
					<span className={styles.title}>{props.title}</span>
					<span className={styles.sentence}>{props.sentence}</span>
				</span>
			</a>
			<Button
				look="quiet"
				className={styles.close ?? ""}
				aria-label={`Close: ${props.title}`}
				title="Close (Esc); it stays in the inbox"
				onClick={props.onClose}
			>
				<X aria-hidden="true" />
			</Button>
		</li>
	);
}

/** The corner where they are stacked. They go to the other side while they would hide what has the focus. */
export function ToastCorner(props: {
	readonly label: string;
	readonly children: ReactNode;
}): ReactElement {
	const corner = useRef<HTMLUListElement>(null);
	const [isAside, setAside] = useState(false);
	useEffect(() => {
		const look = (): void => {
			if (corner.current !== null && hidesFocus(corner.current))
				setAside((before) => !before);
		};
		look();
		// What has the focus may come under them by itself: a list goes on while it is read.
		document.addEventListener("focusin", look);
		document.addEventListener("scroll", look, { capture: true, passive: true });
		return () => {
			document.removeEventListener("focusin", look);
			document.removeEventListener("scroll", look, { capture: true });
		};
	}, []);
	return (
		<section aria-label={props.label}>
			<ul
				ref={corner}
				className={`${styles.corner} ${isAside ? styles.aside : ""}`}
			>
				{props.children}
			</ul>
		</section>
	);
}

/** Whether the element with the focus lies wholly under the corner. */
function hidesFocus(corner: HTMLElement): boolean {
	const focused = document.activeElement;
	if (focused === null || corner.contains(focused)) return false;
	const over = corner.getBoundingClientRect();
	const under = focused.getBoundingClientRect();
	return (
		under.left >= over.left &&
		under.right <= over.right &&
		under.top >= over.top &&
		under.bottom <= over.bottom
	);
}
