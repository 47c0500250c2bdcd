// The bytes of D-Bus: what is written is read back, and what is none of it is refused.
import fc from "fast-check";
import { expect, test } from "vitest";
import { socketsOf } from "./dbus.ts";
import { decodeMessage, encodeMessage, MESSAGE, typesOf } from "./dbusWire.ts";

const text = fc.string({ unit: "binary" }).map((one) =>
	// A string of the protocol has no NUL, and is UTF-8.
	one.replace(/\0|\p{Cs}/gu, ""),
);

test("a message is read back as it was written, however it is cut", () => {
	fc.assert(
		fc.property(
			fc.tuple(text, fc.nat(2 ** 32 - 1), text, fc.array(text)),
			fc.dictionary(text, fc.nat(255)),
			fc.integer({ min: -1, max: 2 ** 31 - 1 }),
			fc.nat(),
			(first, hints, timeout, cut) => {
				const pairs = Object.entries(hints).map(([key, n]) => [key, ["y", n]]);
				const message = {
					type: MESSAGE.call,
					serial: 7,
					path: "/a",
					interface: "b.c",
					member: "D",
					destination: "e.f",
					signature: "susasa{sv}ib",
					body: [...first, pairs, timeout, true],
				};
				const bytes = encodeMessage(message as never);
				const part = bytes.subarray(0, cut % bytes.length);
				expect(decodeMessage(part)).toBeNull();
				const twice = Buffer.concat([bytes, bytes]);
				expect(decodeMessage(twice)).toEqual({ length: bytes.length, message });
			},
		),
	);
});

test("bytes that are no message end in a RangeError, never in a loop or in another error", () => {
	const sound = encodeMessage({
		type: MESSAGE.signal,
		serial: 1,
		member: "X",
		signature: "a(us)v",
		body: [[[1, "a"]], ["s", "b"]],
	});
	fc.assert(
		fc.property(
			fc.nat(sound.length - 1),
			fc.nat(255),
			fc.nat(255),
			(at, value, more) => {
				const bytes = Buffer.concat([sound, Buffer.alloc(more)]);
				bytes[at] = value;
				try {
					decodeMessage(bytes);
				} catch (error) {
					expect(error).toBeInstanceOf(RangeError);
				}
			},
		),
		{ numRuns: 2_000 },
	);
});

test("signatures are taken apart, and what is none is refused", () => {
	expect(typesOf("susssasa{sv}i")).toEqual("s u s s s as a{sv} i".split(" "));
	for (const wrong of ["()", "(", "a", "z", "(s", "a".repeat(40)])
		expect(() => typesOf(wrong)).toThrow(RangeError);
});

test("only sockets on this computer are taken from an address", () => {
	expect(
		socketsOf(
			"tcp:host=example.test,port=1;unix:path=/run/a%20b:c=d,guid=1;unix:abstract=/tmp/x;autolaunch:",
		),
	).toEqual(["/run/a b:c=d", "\0/tmp/x"]);
	expect(socketsOf("")).toEqual([]);
	expect(socketsOf("unix:path=%zz")).toEqual(["%zz"]);
});
