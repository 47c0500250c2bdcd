// Signs that some format, terminal or eye obeys, for the tests of this folder: a host could send any text made of them.
export const HOSTILE_SIGNS: readonly string[] = [
	..."\u0000\u0007\t\n\r\u001b\u007f\u0085\u009b\u00ad\u061c\u200b\u200d\u200e\u2028\u2029\u202e\u2066\u2069\ufeff\ufff9\ufffe\uffff\ud800\udc00=+-@|%'\"`<>&,;[]\\ a\u{e0041}\u{1f680}",
];
