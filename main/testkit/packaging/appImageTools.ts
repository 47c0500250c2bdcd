// Lays out the tools that electron-builder would download to make an AppImage: Debian's own programs, and a stand-in for
// the runtime at the head of the file, which unpacks it instead of mounting it.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where the packed part of the file begins, in bytes. */
const HEAD_BYTES = 4_096;

const RUNTIME = `#!/bin/sh
set -e
here=$(mktemp -d)
unsquashfs -q -n -o ${HEAD_BYTES} -d "$here/app" "$0" >/dev/null
if [ "\${1-}" = --appimage-extract ]; then mv "$here/app" squashfs-root; rmdir "$here"; exit 0; fi
code=0
APPIMAGE=$(readlink -f "$0") APPDIR=$here/app "$here/app/AppRun" "$@" || code=$?
rm -rf "$here"
exit $code
`;

/** Writes them into `folder`, which is then named to electron-builder by APPIMAGE_TOOLS_PATH. For x64 only. */
export function writeAppImageTools(folder: string): void {
	const programs = join(folder, "linux-x64");
	mkdirSync(programs, { recursive: true });
	mkdirSync(join(folder, "lib/x64"), { recursive: true });
	for (const name of ["mksquashfs", "desktop-file-validate"])
		symlinkSync(join("/usr/bin", name), join(programs, name));
	writeFileSync(join(folder, "runtime-x64"), RUNTIME.padEnd(HEAD_BYTES, "#"));
}
