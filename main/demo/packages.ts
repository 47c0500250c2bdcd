// The packages of the demo's hosts: real names with plausible versions of one stable release, and what is wrong with
// the old ones. Pure tables; which host has upgraded what is the agent's business.

/** A package that waits for an upgrade. */
export interface DemoPackage {
	readonly name: string;
	/** What hosts have before, and after. */
	readonly from: string;
	readonly to: string;
	readonly severity: "critical" | "high" | "medium" | "low";
	readonly cves: readonly string[];
	readonly reboot: boolean;
	readonly description: string;
}

const pkg = (
	name: string,
	from: string,
	to: string,
	severity: DemoPackage["severity"],
	description: string,
	cves: readonly string[] = [],
	reboot = false,
): DemoPackage => ({ name, from, to, severity, description, cves, reboot });

/** Everything that can be upgraded in the demo. */
export const CATALOGUE: readonly DemoPackage[] = [
	pkg(
		"openssl",
		"3.0.14-1~deb12u2",
		"3.0.17-1~deb12u3",
		"high",
		"Secure Sockets Layer toolkit - cryptographic utility",
		["CVE-2024-13176"],
	),
	pkg(
		"libssl3",
		"3.0.14-1~deb12u2",
		"3.0.17-1~deb12u3",
		"high",
		"Secure Sockets Layer toolkit - shared libraries",
		["CVE-2024-13176"],
	),
	pkg(
		"curl",
		"7.88.1-10+deb12u7",
		"7.88.1-10+deb12u14",
		"medium",
		"command line tool for transferring data with URL syntax",
		["CVE-2024-9681"],
	),
	pkg(
		"libcurl4",
		"7.88.1-10+deb12u7",
		"7.88.1-10+deb12u14",
		"medium",
		"easy-to-use client-side URL transfer library",
		["CVE-2024-9681"],
	),
	pkg(
		"linux-image-amd64",
		"6.1.128-1",
		"6.1.153-1",
		"critical",
		"Linux for 64-bit PCs (meta-package)",
		["CVE-2025-21756", "CVE-2025-38001"],
		true,
	),
	pkg(
		"sudo",
		"1.9.13p3-1+deb12u1",
		"1.9.13p3-1+deb12u2",
		"critical",
		"Provide limited super user privileges to specific users",
		["CVE-2025-32462"],
	),
	pkg(
		"openssh-server",
		"1:9.2p1-2+deb12u3",
		"1:9.2p1-2+deb12u7",
		"critical",
		"secure shell (SSH) server, for secure access from remote machines",
		["CVE-2025-26465"],
	),
	pkg(
		"libc6",
		"2.36-9+deb12u9",
		"2.36-9+deb12u13",
		"high",
		"GNU C Library: Shared libraries",
		["CVE-2025-4802"],
		true,
	),
	pkg(
		"libxml2",
		"2.9.14+dfsg-1.3~deb12u1",
		"2.9.14+dfsg-1.3~deb12u4",
		"high",
		"GNOME XML library",
		["CVE-2025-49794"],
	),
	pkg(
		"libexpat1",
		"2.5.0-1+deb12u1",
		"2.5.0-1+deb12u2",
		"medium",
		"XML parsing C library - runtime library",
		["CVE-2024-45490"],
	),
	pkg(
		"libgnutls30",
		"3.7.9-2+deb12u3",
		"3.7.9-2+deb12u5",
		"high",
		"GNU TLS library - main runtime library",
		["CVE-2025-32988"],
	),
	pkg(
		"libsystemd0",
		"252.33-1~deb12u1",
		"252.39-1~deb12u1",
		"medium",
		"systemd utility library",
	),
	pkg(
		"systemd",
		"252.33-1~deb12u1",
		"252.39-1~deb12u1",
		"medium",
		"system and service manager",
		["CVE-2025-4598"],
		true,
	),
	pkg(
		"git",
		"1:2.39.2-1.1",
		"1:2.39.5-0+deb12u2",
		"high",
		"fast, scalable, distributed revision control system",
		["CVE-2024-32002"],
	),
	pkg(
		"vim-common",
		"2:9.0.1378-2",
		"2:9.0.1378-2+deb12u2",
		"low",
		"Vi IMproved - Common files",
	),
	pkg(
		"tzdata",
		"2024a-0+deb12u1",
		"2025b-0+deb12u2",
		"low",
		"time zone and daylight-saving time data",
	),
	pkg(
		"ca-certificates",
		"20230311",
		"20230311+deb12u1",
		"low",
		"Common CA certificates",
	),
	pkg(
		"nginx",
		"1.22.1-9",
		"1.22.1-9+deb12u3",
		"medium",
		"small, powerful, scalable web/proxy server",
		["CVE-2024-7347"],
	),
	pkg(
		"libpq5",
		"15.8-0+deb12u1",
		"15.14-0+deb12u1",
		"high",
		"PostgreSQL C client library",
		["CVE-2025-8714"],
	),
	pkg(
		"python3.11",
		"3.11.2-6+deb12u3",
		"3.11.2-6+deb12u6",
		"medium",
		"Interactive high-level object-oriented language (version 3.11)",
		["CVE-2025-0938"],
	),
	pkg(
		"rsync",
		"3.2.7-1",
		"3.2.7-1+deb12u2",
		"critical",
		"fast, versatile, remote (and local) file-copying tool",
		["CVE-2024-12084"],
	),
	pkg(
		"xz-utils",
		"5.4.1-0.2",
		"5.4.1-1",
		"high",
		"XZ-format compression utilities",
		["CVE-2025-31115"],
	),
];

/** A package of the catalogue, or an invented entry for a name that is not in it. */
export function demoPackage(name: string): DemoPackage {
	return (
		CATALOGUE.find((each) => each.name === name) ??
		pkg(name, "1.0-1", "1.0-2", "low", `${name} (not described)`)
	);
}
