// What a person must do themselves after an export: copy a text that the page may not, or choose another place.
import type { ReactElement } from "react";
import { visible } from "../../../shared/visibleText.ts";
import { Modal } from "../../ui/Modal.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { IS_MAC } from "../platform.ts";
import styles from "./ExportMenu.module.css";
import type { Trouble } from "./useExport.ts";

export function ExportTrouble(props: {
	readonly trouble: Trouble | null;
	readonly onClose: () => void;
}): ReactElement {
	const { trouble, onClose } = props;
	return (
		<Modal
			open={trouble !== null}
			onClose={onClose}
			title={trouble?.kind === "text" ? "Copy it yourself" : "Not saved"}
			wide={trouble?.kind === "text"}
		>
			<div className={styles.trouble}>
				{trouble?.kind === "text" && (
					<>
						<p>
							Copying is not allowed here. The {trouble.words} is selected:
							press {IS_MAC ? "⌘ C" : "Ctrl C"}.
						</p>
						<textarea
							className={styles.text}
							aria-label={`The list as ${trouble.words}`}
							readOnly
							spellCheck={false}
							value={trouble.text}
							ref={(box) => {
								box?.focus();
								box?.select();
							}}
							onFocus={(event) => event.currentTarget.select()}
						/>
					</>
				)}
				{trouble?.kind === "fault" && (
					<Notice
						tone="bad"
						place="box"
						sentence={visible(trouble.fault.sentence)}
						code={trouble.fault.code}
						nextStep={visible(trouble.fault.nextStep)}
					/>
				)}
			</div>
		</Modal>
	);
}
