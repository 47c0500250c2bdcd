// The one channel between Electron's main process and the window's preload, and the two words that are said on it beside
// the messages of the pipe. No message can be mistaken for one of them: every message is a JSON object.

/** Name of the IPC channel, both ways. Carries one text per message. */
export const CHANNEL = "foredeck.pipe";

/** Window to main: the page listens now. A new pipe begins; a former one is over. */
export const PIPE_OPENED = "opened";

/** Main to window: the pipe is over. The page may open a new one by listening again. */
export const PIPE_CLOSED = "closed";

/** Passphrase window to main: one text, or null. Its window has this channel only. */
export const PASSPHRASE_CHANNEL = "foredeck.passphrase";
