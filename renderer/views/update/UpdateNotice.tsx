// The status bar's notice of an update, and the way to its dialog.
import { CircleArrowUp, Hourglass, TriangleAlert } from "lucide-react";
import type { ReactElement } from "react";
import { useState } from "react";
import { visible } from "../../../shared/visibleText.ts";
import { useCore } from "../window.ts";
import styles from "./Update.module.css";
import { UpdateDialog } from "./UpdateDialog.tsx";
import { noticeOf } from "./updateWords.ts";

const SIGNS = { new: CircleArrowUp, waits: Hourglass, bad: TriangleAlert };

export function UpdateNotice(): ReactElement {
	const [open, setOpen] = useState(false);
	const update = useCore((core) => core.update);
	const notice = update === null ? null : noticeOf(update);
	const Sign = notice === null ? null : SIGNS[notice.kind];
	return (
		<>
			{notice !== null && Sign !== null && (
				<button
					type="button"
					className={`${styles.notice} ${styles[notice.kind]}`}
					aria-haspopup="dialog"
					onClick={() => setOpen(true)}
				>
					<Sign aria-hidden="true" />
					{visible(notice.words)}
				</button>
			)}
			<span className={styles.unseen} role="status">
				{notice === null ? "" : visible(notice.spoken)}
			</span>
			<UpdateDialog open={open} onClose={() => setOpen(false)} />
		</>
	);
}
