// How the window is built: one page, no inline script or style, no data: addresses but the empty icon, so that the strict
// content security policy holds. Used by the build and by Vite's dev server.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
	root: "renderer",
	base: "./",
	plugins: [react()],
	build: {
		outDir: "../dist/renderer",
		emptyOutDir: true,
		target: "es2024",
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
	},
});
