// The sheet of keys, made from the list of actions: what is on it works, with the keys that the person has.
import type { ReactElement } from "react";
import { ACTIONS, keyNames, keyOf } from "../store/actions.ts";
import { Keys } from "../ui/Keys.tsx";
import { Modal } from "../ui/Modal.tsx";
import { Go } from "./Go.tsx";
import styles from "./KeySheet.module.css";
import { IS_MAC } from "./platform.ts";
import { useView } from "./window.ts";

export function KeySheet(props: {
	readonly open: boolean;
	readonly onClose: () => void;
}): ReactElement {
	const own = useView((view) => view.preferences.keys);
	const groups = Map.groupBy(ACTIONS, ({ group }) => group);
	return (
		<Modal open={props.open} onClose={props.onClose} title="Keyboard" wide>
			<section
				className={styles.groups}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to by keyboard too
				tabIndex={0}
				aria-label="All keys"
			>
				{[...groups].map(([group, actions]) => (
					<section key={group}>
						<h3>{group}</h3>
						<dl>
							{actions.map((action) => (
								<div key={action.id}>
									<dt>{action.words}</dt>
									<dd>
										<Keys names={keyNames(keyOf(action, own), IS_MAC)} />
										{action.also?.map((chord) => (
											<Keys key={chord} names={keyNames(chord, IS_MAC)} />
										))}
									</dd>
								</div>
							))}
						</dl>
					</section>
				))}
			</section>
			<p className={styles.foot}>
				Keys are quiet while you type.{" "}
				<Go to={{ screen: "settings" }} onGo={props.onClose}>
					Change keys in the settings
				</Go>
			</p>
		</Modal>
	);
}
