// The status that the activity is filtered by, as a menu: it writes an `is:` term into the filter, where it can be read and
// changed like any other.
import { Menu } from "@base-ui/react/menu";
import { ChevronDown } from "lucide-react";
import type { ReactElement } from "react";
import { Glyph } from "../../ui/Glyph.tsx";
import { RUN_SIGNS } from "../words.ts";
import styles from "./StatusMenu.module.css";
import { statusIn, TERMS, withStatus } from "./status.ts";

export function StatusMenu(props: {
	readonly q: string;
	readonly onChange: (q: string) => void;
}): ReactElement {
	const chosen = TERMS.find(({ term }) => term === statusIn(props.q));
	return (
		<Menu.Root>
			<Menu.Trigger className={styles.trigger}>
				{chosen === undefined ? "Any status" : RUN_SIGNS[chosen.state].words}
				<ChevronDown aria-hidden="true" />
			</Menu.Trigger>
			<Menu.Portal>
				<Menu.Positioner sideOffset={4} align="start" className={styles.place}>
					<Menu.Popup className={styles.menu}>
						<Menu.RadioGroup
							value={chosen?.term ?? ""}
							onValueChange={(term: string) =>
								props.onChange(withStatus(props.q, term === "" ? null : term))
							}
						>
							<Menu.RadioItem value="" className={styles.item} closeOnClick>
								<span />
								Any status
							</Menu.RadioItem>
							{TERMS.map(({ state, term }) => (
								<Menu.RadioItem
									key={term}
									value={term}
									className={styles.item}
									closeOnClick
								>
									<Glyph
										shape={RUN_SIGNS[state].shape}
										tone={RUN_SIGNS[state].tone}
									/>
									{RUN_SIGNS[state].words}
								</Menu.RadioItem>
							))}
						</Menu.RadioGroup>
					</Menu.Popup>
				</Menu.Positioner>
			</Menu.Portal>
		</Menu.Root>
	);
}
