// What kind of computer the page is on: it decides between Ctrl and Command.

/** On a Mac the palette is opened with Command. */
export const IS_MAC = /mac|iphone|ipad/i.test(navigator.platform);
