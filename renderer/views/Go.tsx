// A link to another place in the window. Inside a row it does not also open the row.
import type { ReactElement, ReactNode } from "react";
import type { Address } from "../store/view.ts";
import { hashOf } from "../store/view.ts";

export function Go(props: {
	readonly to: Address;
	readonly className?: string | undefined;
	readonly title?: string;
	/** Leaves it out of the tab order, where the row around it is the stop. */
	readonly inRow?: boolean;
	/** Told when it is followed, e.g. to close what it stands in. */
	readonly onGo?: () => void;
	readonly children: ReactNode;
}): ReactElement {
	return (
		<a
			href={hashOf(props.to)}
			className={props.className}
			title={props.title}
			tabIndex={props.inRow ? -1 : undefined}
			onClick={(event) => {
				event.stopPropagation();
				props.onGo?.();
			}}
		>
			{props.children}
		</a>
	);
}
