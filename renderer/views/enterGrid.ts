// From anywhere into the list on the screen.

/**
 * Moves the focus to the row that is in the tab order.
 * @returns false when there is none: the list is empty, or no grid.
 */
export function enterGrid(): boolean {
	const row = document.querySelector<HTMLElement>(
		// Of a matrix it is a cell.
		'[role="grid"] :is([role="row"], [role="gridcell"])[tabindex="0"]',
	);
	row?.focus();
	return row !== null;
}
