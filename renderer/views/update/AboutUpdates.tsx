// What About says of updates: also what the status bar leaves out, because a person said "not now" or nobody can help it.
import type { ReactElement } from "react";
import { useState } from "react";
import { visible } from "../../../shared/visibleText.ts";
import { Button } from "../../ui/Button.tsx";
import { useCore } from "../window.ts";
import styles from "./Update.module.css";
import { UpdateDialog } from "./UpdateDialog.tsx";
import { aboutOf } from "./updateWords.ts";

export function AboutUpdates(): ReactElement {
	const [open, setOpen] = useState(false);
	const update = useCore((core) => core.update);
	const words = update === null ? null : aboutOf(update);
	return (
		<div className={styles.about}>
			<span>{words === null ? "not by this Foredeck" : visible(words)}</span>
			{update !== null && update.kind !== "managed" && (
				<Button aria-haspopup="dialog" onClick={() => setOpen(true)}>
					Updates …
				</Button>
			)}
			<UpdateDialog open={open} onClose={() => setOpen(false)} />
		</div>
	);
}
