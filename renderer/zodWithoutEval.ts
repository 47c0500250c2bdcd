// Tells the schema library not to compile its checks with `new Function`: the window's content security policy forbids
// eval, and the attempt alone would be reported as a violation. Imported first, since schemas ask when they are made.
import { z } from "zod";

z.config({ jitless: true });
