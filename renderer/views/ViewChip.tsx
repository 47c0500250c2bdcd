// A saved view as a link, with a menu to rename or delete it.
import { Menu } from "@base-ui/react/menu";
import { Ellipsis } from "lucide-react";
import type { ReactElement } from "react";
import { useEffect, useRef, useState } from "react";
import { visible } from "../../shared/visibleText.ts";
import type { SavedView } from "../store/savedViews.ts";
import { withoutView } from "../store/savedViews.ts";
import styles from "./LensBar.module.css";
import { SaveView } from "./SaveView.tsx";
import { useView } from "./window.ts";

export function ViewChip(props: {
	readonly view: SavedView;
	readonly isCurrent: boolean;
}): ReactElement {
	const { view, isCurrent } = props;
	const views = useView((state) => state.preferences.views);
	const prefer = useView((state) => state.prefer);
	const say = useView((state) => state.say);
	const [isNaming, setNaming] = useState(false);
	// Only when the menu has closed may the name take the focus, which the menu must not give back then.
	const willRename = useRef(false);
	const link = useRef<HTMLAnchorElement>(null);
	useEffect(() => {
		if (isNaming || !willRename.current) return;
		willRename.current = false;
		link.current?.focus();
	}, [isNaming]);
	if (isNaming)
		return (
			<li>
				<SaveView former={view.name} onDone={() => setNaming(false)} />
			</li>
		);
	return (
		<li className={styles.chip} data-current={isCurrent}>
			<a
				ref={link}
				href={view.hash}
				aria-current={isCurrent ? "true" : undefined}
			>
				{visible(view.name)}
			</a>
			<Menu.Root
				onOpenChangeComplete={(isOpen) => {
					if (!isOpen && willRename.current) setNaming(true);
				}}
			>
				<Menu.Trigger
					className={styles.more}
					aria-label={`View ${visible(view.name)}: more`}
				>
					<Ellipsis aria-hidden="true" />
				</Menu.Trigger>
				<Menu.Portal>
					<Menu.Positioner
						sideOffset={4}
						align="start"
						className={styles.place}
					>
						<Menu.Popup
							className={styles.menu}
							finalFocus={() => !willRename.current}
						>
							<Menu.Item
								className={styles.item}
								onClick={() => {
									willRename.current = true;
								}}
							>
								Rename
							</Menu.Item>
							<Menu.Item
								className={styles.item}
								onClick={() => {
									prefer({ views: withoutView(views, view.name) });
									say(`View “${visible(view.name)}” deleted.`);
								}}
							>
								Delete
							</Menu.Item>
						</Menu.Popup>
					</Menu.Positioner>
				</Menu.Portal>
			</Menu.Root>
		</li>
	);
}
