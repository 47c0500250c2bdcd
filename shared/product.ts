// Names under which systems know Foredeck. The installers are made with the same ones (electron-builder.yml).

/**
 * Identifies the app to the system: bundle on macOS, and on Windows the AppUserModelID, which a notification must be sent
 * under or the system does not show it.
 */
export const APP_ID = "io.foredeck.console";
