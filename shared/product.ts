// Names under which systems know Foredeck. The installers are made with the same ones (electron-builder.yml).

/**
 * Identifies the app to the system: bundle on macOS, and on Windows the AppUserModelID, which a notification must be sent
 * under or the system does not show it.
 */
export const APP_ID = "io.foredeck.console";

/**
 * Under this class Windows starts Foredeck when a notification is clicked that outlived it. Drawn by lot once; another one
 * would orphan the notifications that are on people's screens.
 */
export const TOAST_ACTIVATOR_CLSID = "{7C3F0E5B-2D46-4B0A-9C61-5E8A9D1F4B27}";
