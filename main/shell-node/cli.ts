// The program `foredeck`: runs one command line and ends with its exit code, once stdout has taken everything.
import { run } from "./commandLine.ts";
import { processIo } from "./io.ts";

const code = await run(process.argv.slice(2), processIo());
process.stdout.write("", () => process.exit(code));
