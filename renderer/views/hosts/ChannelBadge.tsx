// The channel as a badge whose text is the channel's word.
import type { ReactElement } from "react";
import type { Channel } from "../../../shared/model.ts";
import { Badge } from "../../ui/Badge.tsx";
import { CHANNEL_SIGNS } from "../words.ts";

export function ChannelBadge(props: {
	readonly channel: Channel;
}): ReactElement {
	const { words, shape, tone, ground } = CHANNEL_SIGNS[props.channel];
	return (
		<Badge shape={shape} tone={tone} ground={ground}>
			{words}
		</Badge>
	);
}
