// How large a message is on a pipe.

/** Whether a message is above a limit, in the bytes that a socket would count. Short ones, which are nearly all, are not counted. */
export function isAbove(limit: number, message: string): boolean {
	if (message.length > limit) return true;
	if (message.length * 3 <= limit) return false;
	let bytes = 0;
	for (const character of message) {
		const point = character.codePointAt(0) ?? 0;
		bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	}
	return bytes > limit;
}
