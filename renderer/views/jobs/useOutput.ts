// The output of one run, asked from the agent: when the panel opens, when the run's state changes, and every few seconds
// while it runs and somebody looks. An answer that fails leaves what was told before on the screen.
import { useCallback, useEffect, useState } from "react";
import type { Answer } from "../../../shared/contract.ts";
import type { Fault } from "../../../shared/fault.ts";
import type { HostRun } from "../../../shared/model.ts";
import type { OutputText } from "../../store/outputText.ts";
import { readOutput } from "../../store/outputText.ts";
import { useAsk, useParts } from "../window.ts";

export interface ToldOutput {
	/** Null: not told yet. */
	readonly text: OutputText | null;
	/** Why the last question failed; null when it did not. */
	readonly fault: Fault | null;
	readonly asking: boolean;
}

/** While a run runs: 12 questions a minute, within the 40 that an agent is asked at most. */
const AGAIN_MS = 5_000;

type Output = Answer<"run.output">;

const sameOutput = (a: Output, b: Output): boolean =>
	a.stdout === b.stdout &&
	a.stderr === b.stderr &&
	a.leftOut === b.leftOut &&
	a.logs.length === b.logs.length &&
	a.logs.every((line, at) => line === b.logs[at]);

/** What is known, and a function that asks again now. */
export function useOutput(run: HostRun): readonly [ToldOutput, () => void] {
	const { connection } = useParts();
	const ask = useAsk();
	const [told, setTold] = useState<ToldOutput & { readonly from?: Output }>({
		text: null,
		fault: null,
		asking: true,
	});
	const [round, setRound] = useState(0);
	const { hostId, agentJobId, state } = run;
	// biome-ignore lint/correctness/useExhaustiveDependencies: asked again for a new state or round, not for a new `ask`
	useEffect(() => {
		let wanted = true;
		let timer: ReturnType<typeof setTimeout> | undefined;
		const question = async (): Promise<void> => {
			const answer = await ask("run.output", { hostId, agentJobId });
			if (!wanted) return;
			setTold((before) => {
				if (!answer.ok)
					return { ...before, fault: answer.fault, asking: false };
				const from = answer.value;
				const text =
					before.text !== null &&
					before.from !== undefined &&
					sameOutput(before.from, from)
						? before.text
						: readOutput(from);
				return { text, from, fault: null, asking: false };
			});
			if (state === "running") timer = setTimeout(again, AGAIN_MS);
		};
		const again = (): void => {
			if (document.visibilityState === "visible") void question();
			else timer = setTimeout(again, AGAIN_MS);
		};
		void question();
		return () => {
			wanted = false;
			clearTimeout(timer);
		};
	}, [connection, hostId, agentJobId, state, round]);
	return [told, useCallback(() => setRound((at) => at + 1), [])];
}
