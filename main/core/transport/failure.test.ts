// The raw facts of failures: chains, bounds, escapes, headers.
import { expect, test } from "vitest";
import { causesOf, excerpt, looksLikeHttp2, printable } from "./failure.ts";
import { authority, retryAfterMs } from "./httpFacts.ts";

test("a chain goes from the outermost error to the root", () => {
	const root = Object.assign(new Error("connect ECONNREFUSED"), {
		code: "ECONNREFUSED",
	});
	const error = new Error("outer", {
		cause: new Error("middle", { cause: root }),
	});
	expect(causesOf(error)).toEqual([
		{ code: null, message: "outer" },
		{ code: null, message: "middle" },
		{ code: "ECONNREFUSED", message: "connect ECONNREFUSED" },
	]);
});

test("an AggregateError tells all its members, and its cause first", () => {
	const error = new AggregateError(
		[new Error("a"), new Error("b")],
		"all failed",
		{ cause: new Error("c") },
	);
	expect(causesOf(error).map(({ message }) => message)).toEqual([
		"all failed",
		"c",
		"a",
		"b",
	]);
});

test("a chain that bites its tail ends, and a long one is cut at 8", () => {
	const loop = new Error("loop");
	loop.cause = loop;
	expect(causesOf(loop)).toHaveLength(1);
	let long = new Error("0");
	for (let n = 1; n < 20; n++) long = new Error(String(n), { cause: long });
	expect(causesOf(long)).toHaveLength(8);
});

test("OpenSSL's reason is told instead of its source position", () => {
	const error = Object.assign(
		new Error(
			"4027:error:0A000412:SSL routines:ssl3_read_bytes:../deps/x.c:1605:",
		),
		{
			code: "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
			reason: "sslv3 alert bad certificate",
		},
	);
	expect(causesOf(error)[0]?.message).toBe("sslv3 alert bad certificate");
});

test("what is thrown need not be an error", () => {
	expect(causesOf("just text")).toEqual([{ code: null, message: "just text" }]);
	expect(causesOf(null)).toEqual([]);
	expect(causesOf({ code: 7 })).toHaveLength(1);
});

test("texts of peers are one line, without bidi tricks, and bounded", () => {
	expect(printable("a\r\nb\u202Ec\u0000", 50)).toBe(
		"a\\x0d\\x0ab\\u202ec\\x00",
	);
	expect(printable("\n".repeat(100), 50)).toHaveLength(50);
	expect(excerpt(Buffer.alloc(5_000, 0x61))).toHaveLength(200);
});

test.each([
	["30", 30_000],
	[" 5 ", 5_000],
	["0", 0],
	["Tue, 21 Jul 2026 12:00:30 GMT", 30_000],
	["Tue, 21 Jul 2026 11:00:00 GMT", 0],
	["999999999999", 86_400_000],
	["soon", null],
	["", null],
	["-5", null],
	[undefined, null],
])("Retry-After %s is %s ms", (header, expected) => {
	const noon = Date.parse("2026-07-21T12:00:00Z");
	expect(retryAfterMs(header, noon)).toBe(expected);
});

test("an HTTP/2 preface of a server is told from other bytes", () => {
	expect(looksLikeHttp2(Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 0, 0]))).toBe(
		true,
	);
	expect(looksLikeHttp2(Buffer.from("HTTP/1.1 200 OK"))).toBe(false);
	expect(looksLikeHttp2(Buffer.from([0, 0, 0, 4]))).toBe(false);
});

test("an authority puts IPv6 in brackets", () => {
	expect(authority("::1", 12443)).toBe("[::1]:12443");
	expect(authority("web-01", 1)).toBe("web-01:1");
});
