// Before the first snapshot the window knows nothing, and an empty list would be a claim.
import { Server } from "lucide-react";
import type { ReactElement } from "react";
import { EmptyPage } from "../ui/Notice.tsx";

export function NothingKnown(): ReactElement {
	return (
		<EmptyPage icon={<Server />} title="Waiting for the core">
			<p>What there is appears as soon as the core tells of it.</p>
		</EmptyPage>
	);
}
