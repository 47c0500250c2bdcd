// Which of many ids answer a question, kept from one fleet to the next: only what a step touched is judged again, so that a
// filter over 10,000 rows costs as much as what happens, not as much as there is. Pure.
import type { Step } from "./replica.ts";

export interface Asking<Id> {
	/** Another text is another question: all is judged anew. */
	readonly question: string;
	/** All ids, in the order in which those that pass are answered. An id that comes into it was touched. */
	readonly order: readonly Id[];
	readonly step: Step;
	/** Those of the step whose answer may be another now. Some may be strange to the order. */
	readonly touched: () => Iterable<Id>;
	readonly passes: (id: Id) => boolean;
}

/** The ids that pass, in order. The same reference while they are the same. */
export function createStanding<Id>(): (asking: Asking<Id>) => readonly Id[] {
	let question: string | null = null;
	let stepId = -1;
	let order: readonly Id[] = [];
	let passing = new Set<Id>();
	let list: readonly Id[] = [];

	/** Whether another set passes than before. */
	const judgeAgain = (asking: Asking<Id>): boolean => {
		const { step, passes } = asking;
		const isSame = asking.question === question;
		if (isSame && step.id === stepId) return false;
		if (!isSame || step.follows !== stepId) {
			passing = new Set(asking.order.filter(passes));
			return true;
		}
		let isOther = false;
		for (const id of asking.touched()) {
			const before = passing.size;
			if (passes(id)) passing.add(id);
			else passing.delete(id);
			isOther ||= passing.size !== before;
		}
		return isOther;
	};
	return (asking) => {
		const isOther = judgeAgain(asking);
		if (isOther || asking.order !== order) {
			const next = asking.order.filter((id) => passing.has(id));
			if (!sameList(list, next)) list = next;
		}
		({ question, order } = asking);
		stepId = asking.step.id;
		return list;
	};
}

/** Same ids in the same order. */
export const sameList = <T>(a: readonly T[], b: readonly T[]): boolean =>
	a.length === b.length && a.every((id, at) => id === b[at]);
