// A fleet without hosts: three doors, each opened by a button where this shell can, else by a command.
import { FileStack, FlaskConical, KeyRound, Server } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { Button } from "../ui/Button.tsx";
import { EmptyPage } from "../ui/Notice.tsx";
import { Command } from "./Command.tsx";
import { ImportHosts } from "./hosts/ImportHosts.tsx";
import { NothingKnown } from "./NothingKnown.tsx";
import styles from "./Page.module.css";
import { knowsFleet, useCore, useGo } from "./window.ts";

export function FirstRun(): ReactElement {
	const knows = useCore(knowsFleet);
	const go = useGo();
	const canChoose = useCore((core) => core.session?.canImportFleet === true);
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
					title="Import your inventory"
					command="foredeck fleet import FILE"
					action={canChoose && <ImportHosts />}
				>
					A CSV table, an Ansible inventory, an SSH configuration or a fleet
					file. What becomes of each line is shown before anything is kept.
				</Door>
				<Door
					icon={<KeyRound />}
					title="Import your identity"
					command="foredeck identity import --pfx FILE --ca FILE"
					action={
						canChoose && (
							<Button onClick={() => go({ screen: "identities" })}>
								<KeyRound aria-hidden="true" />
								Identities
							</Button>
						)
					}
				>
					The client certificate, its key and the fleet’s authority. They are
					checked, and then kept in this computer’s keychain.
				</Door>
			</div>
		</EmptyPage>
	);
}

function Door(props: {
	readonly icon: ReactNode;
	readonly title: string;
	readonly command: string;
	/** What does the same in this window; false: only the command does. */
	readonly action?: ReactNode;
	readonly children: ReactNode;
}): ReactElement {
	return (
		<section className={styles.door}>
			<h3>
				{props.icon}
				{props.title}
			</h3>
			<p>{props.children}</p>
			{props.action ? (
				<div className={styles.doorAction}>{props.action}</div>
			) : (
				<Command text={props.command} />
			)}
		</section>
	);
}
