// What a quiet run's operation usually takes on its host, as far as that is known.
import type { ReactElement } from "react";
import type { HostRun } from "../../../shared/model.ts";
import { span } from "../../store/age.ts";
import { usualMs } from "../../store/quiet.ts";
import { useParts } from "../window.ts";

/** `; usually 2 m 10 s`, for a run that is told to be quiet; nothing where no such run has succeeded yet. */
export function Usual(props: { readonly run: HostRun }): ReactElement | null {
	const { core } = useParts();
	const { hostId, operation } = props.run;
	const usual = usualMs(core.getState().fleet, hostId, operation);
	return usual === null ? null : <>; usually {span(usual)}</>;
}
