// Takes the passphrase out of the process's environment. There it would be inherited by every program that is started (a
// browser, a file manager) and be listed by a diagnostic report of Node's.

/** The environment as the process was given it, for whoever is handed it. In the real one the passphrase is gone from now on. */
export function takeEnvironment(
	real: NodeJS.ProcessEnv,
): Readonly<NodeJS.ProcessEnv> {
	const taken = { ...real };
	delete real.FOREDECK_PASSPHRASE;
	return taken;
}
