// The key that releases are signed with; docs/security.md says how it is made and where its other half lies.

/**
 * PEM (SPKI) of the Ed25519 public key. Null until the project has made its key: a build without one accepts no update, and
 * `.ci/signManifest.ts` makes no manifest for it.
 */
export const RELEASE_KEY: string | null = null;
