// What is used of keytar. Declared here because the package is optional: where it could not be built npm leaves it out,
// its types too, and the rooms must type-check all the same. `findCredentials` is left out on purpose (keychainStore.ts).
declare module "keytar" {
	interface Keytar {
		getPassword(service: string, account: string): Promise<string | null>;
		setPassword(
			service: string,
			account: string,
			password: string,
		): Promise<void>;
		deletePassword(service: string, account: string): Promise<boolean>;
	}
	const keytar: Keytar;

	// biome-ignore lint/style/noDefaultExport: that is what the package has
	export { keytar as default };
}
