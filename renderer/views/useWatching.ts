// Tells the core which job is before the person's eyes, so that nothing is announced that they are looking at.
import { useEffect } from "react";
import type { JobId } from "../../shared/model.ts";
import { useAsk, useCore } from "./window.ts";

/** Said when the job changes, when the window gains or loses the focus, and to every new core. */
export function useWatching(job: JobId | null): void {
	const ask = useAsk();
	const isOpen = useCore((core) => core.line.kind === "open");
	// biome-ignore lint/correctness/useExhaustiveDependencies: said anew for these two alone; asking is new with every render.
	useEffect(() => {
		if (!isOpen) return;
		const say = (): void => {
			const jobId = document.hasFocus() ? job : null;
			void ask("view.watch", { jobId });
		};
		say();
		window.addEventListener("focus", say);
		window.addEventListener("blur", say);
		return () => {
			window.removeEventListener("focus", say);
			window.removeEventListener("blur", say);
		};
	}, [job, isOpen]);
}
