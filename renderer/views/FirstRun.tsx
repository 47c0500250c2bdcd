// A fleet without hosts: three doors, each with the command that opens it today.
import { FileStack, FlaskConical, KeyRound, Server } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { EmptyPage } from "../ui/Notice.tsx";
import { Command } from "./Command.tsx";
import { NothingKnown } from "./NothingKnown.tsx";
import styles from "./Page.module.css";
import { knowsFleet, useCore } from "./window.ts";

export function FirstRun(): ReactElement {
	const knows = useCore(knowsFleet);
	if (!knows) return <NothingKnown />;
	return (
		<EmptyPage icon={<Server />} title="No hosts yet">
			<p>Three ways to begin:</p>
			<div className={styles.doors}>
				<Door
					icon={<FlaskConical />}
					title="Try the demo fleet"
					command="foredeck demo"
				>
					Fifty simulated hosts on this computer, with jobs that succeed, fail
					and hang. Nothing leaves it.
				</Door>
				<Door
					icon={<FileStack />}
					title="Open your fleet file"
					command="foredeck serve --fleet FILE"
				>
					JSON or YAML with a name, an address and labels for each host.
				</Door>
				<Door
					icon={<KeyRound />}
					title="Give your identity"
					command="foredeck serve --fleet FILE --cert FILE --key FILE --ca FILE"
				>
					The client certificate, its key and the fleet’s authority, read for
					this run only.
				</Door>
			</div>
		</EmptyPage>
	);
}

function Door(props: {
	readonly icon: ReactNode;
	readonly title: string;
	readonly command: string;
	readonly children: ReactNode;
}): ReactElement {
	return (
		<section className={styles.door}>
			<h3>
				{props.icon}
				{props.title}
			</h3>
			<p>{props.children}</p>
			<Command text={props.command} />
		</section>
	);
}
