import { expect, test } from "vitest";
import { takeEnvironment } from "./takeEnvironment.ts";

test("the passphrase is handed on and gone from the process; everything else stays in both", () => {
	const real = { FOREDECK_PASSPHRASE: "sesame", FOREDECK_LOG: "debug" };
	const taken = takeEnvironment(real);
	expect(taken).toEqual({
		FOREDECK_PASSPHRASE: "sesame",
		FOREDECK_LOG: "debug",
	});
	expect(real).toEqual({ FOREDECK_LOG: "debug" });
});
