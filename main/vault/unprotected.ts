// Whether the keychain keeps its entries in the clear. No keychain says so through keytar; what can be seen is the file of
// GNOME's keyring, which is plain text when its password is empty. Of KWallet, macOS and Windows nothing can be seen here.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** How an unencrypted keyring file begins; an encrypted one begins with `GnomeKeyring`. */
const PLAIN = "[keyring]";
/** The default keyring's name is one line. */
const FILE_NAME = /^[^/\0\n]{1,200}$/;

/** True only when it was seen; a file that is not there or cannot be read says nothing. */
export function isPlainKeyring(
	env: Readonly<Record<string, string | undefined>>,
): boolean {
	const data = env.XDG_DATA_HOME || join(homedir(), ".local", "share");
	const folder = join(data, "keyrings");
	return beginsWith(join(folder, `${defaultName(folder)}.keyring`), PLAIN);
}

function defaultName(folder: string): string {
	try {
		const name = readFileSync(join(folder, "default"), "utf8").trim();
		return FILE_NAME.test(name) ? name : "login";
	} catch {
		return "login";
	}
}

function beginsWith(path: string, text: string): boolean {
	try {
		const file = openSync(path, "r");
		try {
			const first = Buffer.alloc(text.length);
			readSync(file, first);
			return first.toString("latin1") === text;
		} finally {
			closeSync(file);
		}
	} catch {
		return false;
	}
}
