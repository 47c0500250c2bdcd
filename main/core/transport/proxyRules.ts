// Which proxy the way to a host goes through: HTTPS_PROXY, ALL_PROXY and NO_PROXY of the environment, read once by a shell
// and handed to core as a value. It opens nothing. A proxy's password is in it and can be had in one way only: as a header.
import { BlockList, isIP } from "node:net";
import type { Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import { authority } from "./httpFacts.ts";

/** An HTTP proxy that makes tunnels (RFC 9110 section 9.3.6). */
export interface HttpProxy {
	/** Spoken to over TLS. */
	readonly isTls: boolean;
	/** A name or an IP literal, without brackets. */
	readonly host: string;
	readonly port: number;
	/** `host:port`, for people. Never with credentials. */
	readonly place: string;
	/** The variable that names it, for people. */
	readonly source: string;
	/** PEM: who must have issued the certificate of one that is spoken to over TLS; null: an authority this computer trusts. */
	readonly ca: string | null;
	readonly hasCredentials: boolean;
	/** The value of Proxy-Authorization (RFC 7617), null without credentials. A function, so that no log or JSON shows it. */
	authorization(): string | null;
	/** `text` without the credentials: what a proxy says may repeat what it was sent. */
	redact(text: string): string;
}

/** Which hosts are reached through a proxy. */
export interface ProxyRules {
	/** The proxy to a host, by the address that is dialed (not by its servername); null: directly. */
	proxyFor(address: string, port: number): HttpProxy | null;
}

/** What rules are made of. */
export interface ProxyWish {
	/** `[http://|https://][USER[:PASSWORD]@]HOST[:PORT]`; the port is 80 or 443 when absent. */
	readonly url: string;
	/** As NO_PROXY. */
	readonly noProxy?: string;
	/** Where the URL comes from, for people. */
	readonly source: string;
	/** Use the proxy for this computer's own addresses too; false when absent. */
	readonly loopback?: boolean;
	/** As in HttpProxy. */
	readonly ca?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Lower case first, as curl and Node do; an empty variable is as good as none. */
function firstOf(
	env: Environment,
	names: readonly string[],
): readonly [name: string, value: string] | null {
	for (const name of names) {
		const value = env[name]?.trim() ?? "";
		if (value !== "") return [name, value];
	}
	return null;
}

/**
 * The rules of an environment: `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY`, the first one that is set, and
 * `no_proxy` or `NO_PROXY`. Null: none is set.
 * @returns `input.invalid`, naming the variable but never its value, for what is no URL of a proxy.
 */
export function readProxyRules(env: Environment): Result<ProxyRules | null> {
	const set = firstOf(env, [
		"https_proxy",
		"HTTPS_PROXY",
		"all_proxy",
		"ALL_PROXY",
	]);
	if (set === null) return ok(null);
	const [source, url] = set;
	const [, noProxy] = firstOf(env, ["no_proxy", "NO_PROXY"]) ?? ["", ""];
	return proxyRules({ source, url, noProxy });
}

/** Makes rules; errors as for `readProxyRules`. */
export function proxyRules(wish: ProxyWish): Result<ProxyRules> {
	const proxy = readProxy(wish);
	if (!proxy.ok) return proxy;
	const isExempt = exemptions(wish.noProxy ?? "");
	return ok({
		proxyFor(address, port) {
			if (wish.loopback !== true && isLoopback(address)) return null;
			return isExempt(address, port) ? null : proxy.value;
		},
	});
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
	"http:": 80,
	"https:": 443,
};

/** The URL's text is in no sentence, because a password is in it. */
function readProxy(wish: ProxyWish): Result<HttpProxy> {
	const { source, ca = null } = wish;
	const refuse = (why: string): Result<never> =>
		failed(
			fault("input.invalid", {
				sentence: `${source} ${why}`,
				nextStep: `Set ${source} to http://HOST:PORT or https://HOST:PORT, with USER:PASSWORD@ before HOST where the proxy asks for them (percent-encoded), or unset it.`,
			}),
		);
	const { url: text } = wish;
	let url: URL;
	try {
		url = new URL(
			/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`,
		);
	} catch {
		return refuse("is not the URL of a proxy");
	}
	const defaultPort = DEFAULT_PORTS[url.protocol];
	if (defaultPort === undefined)
		return refuse(
			`names a proxy of the kind ${url.protocol.slice(0, -1)}, and only http and https proxies are spoken to`,
		);
	// A password with a slash, a question mark or a hash would end up here, and its first half be taken for a host.
	if (!/^\/?$/.test(url.pathname) || url.search !== "" || url.hash !== "")
		return refuse("holds something after the proxy’s host and port");
	const port = url.port === "" ? defaultPort : Number(url.port);
	if (port === 0) return refuse("names the port 0");
	const credentials = readCredentials(url);
	if (credentials === null)
		return refuse("holds a user name or password with a broken percent sign");
	const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
	return ok({
		isTls: url.protocol === "https:",
		host,
		port,
		place: authority(host, port),
		source,
		ca,
		...credentials,
	});
}

/** Shorter ones are words like any other, and are not looked for. */
const SHORTEST_SECRET = 4;

/** Null when they cannot be decoded. */
function readCredentials({
	username,
	password,
}: URL): Pick<HttpProxy, "hasCredentials" | "authorization" | "redact"> | null {
	if (username === "" && password === "")
		return {
			hasCredentials: false,
			authorization: () => null,
			redact: (text) => text,
		};
	let user: string;
	let secret: string;
	try {
		user = decodeURIComponent(username);
		secret = decodeURIComponent(password);
	} catch {
		return null;
	}
	const token = Buffer.from(`${user}:${secret}`, "utf8").toString("base64");
	const secrets = [token, token.replace(/=+$/, ""), secret, password].filter(
		({ length }) => length >= SHORTEST_SECRET,
	);
	return {
		hasCredentials: true,
		authorization: () => `Basic ${token}`,
		redact: (text) =>
			secrets.reduce((clean, one) => clean.replaceAll(one, "(redacted)"), text),
	};
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

const familyOf = (address: string): "ipv4" | "ipv6" =>
	isIP(address) === 6 ? "ipv6" : "ipv4";

/** This computer itself, by number or by the name that always means it (RFC 6761 section 6.3). */
function isLoopback(address: string): boolean {
	if (isIP(address) !== 0) return LOOPBACK.check(address, familyOf(address));
	return /(^|\.)localhost$/.test(plainName(address));
}

/** As names are compared: in lower case, and without the dot of the root. */
const plainName = (name: string): string =>
	name.toLowerCase().replace(/\.$/, "");

/** Whether a host is reached without the proxy. */
type IsExempt = (address: string, port: number) => boolean;

/**
 * NO_PROXY: entries separated by commas or blanks. `*` is every host; `example.net`, `.example.net` and `*.example.net` are
 * that name and all below it (as for curl); an IP address is itself, `10.0.0.0/8` its network (as for curl and Go). Names
 * are not resolved for it. An entry with `:PORT` is about that port only. What means nothing matches nothing.
 */
function exemptions(text: string): IsExempt {
	const entries = text
		.split(/[\s,]+/)
		.filter((entry) => entry !== "")
		.map(exemption);
	return (address, port) => entries.some((isExempt) => isExempt(address, port));
}

const nothing: IsExempt = () => false;

function exemption(entry: string): IsExempt {
	if (entry === "*") return () => true;
	if (entry.includes("/")) return network(entry);
	const { host, port: only } = splitPort(entry);
	if (isIP(host) !== 0) {
		const one = new BlockList();
		one.addAddress(host, familyOf(host));
		return (address, port) =>
			(only === null || only === port) && isIn(one, address);
	}
	const name = plainName(host).replace(/^(\*?\.)/, "");
	if (name === "") return nothing;
	return (address, port) => {
		const asked = plainName(address);
		return (
			(only === null || only === port) &&
			isIP(asked) === 0 &&
			(asked === name || asked.endsWith(`.${name}`))
		);
	};
}

const isIn = (list: BlockList, address: string): boolean =>
	isIP(address) !== 0 && list.check(address, familyOf(address));

function network(entry: string): IsExempt {
	const [, start = "", bits = ""] =
		/^\[?([0-9a-f.:]+)\]?\/(\d{1,3})$/i.exec(entry) ?? [];
	const most = isIP(start) === 6 ? 128 : 32;
	if (isIP(start) === 0 || Number(bits) > most) return nothing;
	const list = new BlockList();
	list.addSubnet(start, Number(bits), familyOf(start));
	return (address) => isIn(list, address);
}

/** An IPv6 address is in brackets or has no port. */
function splitPort(entry: string): { host: string; port: number | null } {
	const parts = /^\[([^\]]*)\](?::(\d+))?$|^([^:]*):(\d+)$/.exec(entry);
	if (parts === null) return { host: entry, port: null };
	const [, bracketed, itsPort, plain, port] = parts;
	const number = itsPort ?? port;
	return {
		host: bracketed ?? plain ?? "",
		port: number === undefined ? null : Number(number),
	};
}
