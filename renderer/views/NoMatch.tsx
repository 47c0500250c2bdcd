// An empty list because of the filter, with the way out of it.
import { SearchX } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { Button } from "../ui/Button.tsx";
import { EmptyPage } from "../ui/Notice.tsx";

export function NoMatch(props: {
	readonly what: string;
	readonly onClear: () => void;
	/** What may help instead, beside clearing the filter. */
	readonly children?: ReactNode;
}): ReactElement {
	return (
		<EmptyPage icon={<SearchX />} title={`No ${props.what} match`}>
			<p>The filter leaves nothing to show.</p>
			<Button onClick={props.onClear}>Clear the filter</Button>
			{props.children}
		</EmptyPage>
	);
}
