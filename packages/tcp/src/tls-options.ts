import { OptionError, type Endpoint } from "@holdfast/core";
import { isIP } from "node:net";
import { createSecureContext, type SecureContext, type SecureContextOptions, type SecureVersion } from "node:tls";

/**
 * TLS, as in `node:tls`. The peer's certificate and name are always verified: there is no option against it, and
 * `NODE_TLS_REJECT_UNAUTHORIZED` is not heeded. To trust a certificate of your own making, name it in `ca`.
 */
export interface TlsOptions {
  /**
   * Certificate authorities in PEM to trust instead of the well-known ones.
   * @default those of Node
   */
  readonly ca?: SecureContextOptions["ca"];
  /** Our certificate chain in PEM. Needed to listen; when dialling, for servers that ask the client for one. */
  readonly cert?: SecureContextOptions["cert"];
  /** The private key of `cert`. */
  readonly key?: SecureContextOptions["key"];
  /** Opens `key` where it is encrypted. */
  readonly passphrase?: string;
  /**
   * The name to ask for and to verify, where it is not the host of the endpoint (one that is dialled by its address). Given to the
   * transport it holds for every endpoint, so it belongs to an endpoint as a rule.
   * @default the host of the endpoint
   */
  readonly servername?: string;
  /** @default Node's, `TLSv1.2` */
  readonly minVersion?: SecureVersion;
  /**
   * Listening side: true refuses clients without a certificate that `ca` has signed. Does not affect dialling.
   * @default false
   */
  readonly requestCert?: boolean;
}

const contextNames = ["ca", "cert", "key", "passphrase", "minVersion"] as const;
const names = [...contextNames, "servername", "requestCert"] as const;
/** Options of Node that would weaken the verification. A silent refusal would leave the reader believing in them. */
const unwelcome = ["rejectUnauthorized", "checkServerIdentity", "insecure"] as const;

/** What holds for one endpoint: its own options win over those of the transport. */
export function tlsOf(transport: TlsOptions, endpoint: Endpoint): TlsOptions {
  return { ...defined(transport, names), ...defined(endpoint.options, names) };
}

/**
 * Only what is defined: to Node, an undefined option is a value, and `rejectUnauthorized: undefined` once switched the
 * verification off (CVE-2021-22939).
 */
function defined<Name extends keyof TlsOptions>(given: TlsOptions, chosen: readonly Name[]): Pick<TlsOptions, Name> {
  // Each value comes from the same name of TlsOptions.
  return Object.fromEntries(chosen.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]))) as Pick<TlsOptions, Name>;
}

/** Throws an `OptionError` for certificates and keys that cannot be read, so that it does not take a dial to find out. Shows none of them. */
export function checkTls(given: TlsOptions & { readonly [Name in (typeof unwelcome)[number]]?: unknown }, where: string): void {
  for (const name of unwelcome) {
    if (given[name] !== undefined) throw new OptionError(`${where}${name}`, "left out: the peer is always verified. To trust a private certificate, name it in `ca`; to dial another name, set `servername`");
  }
  const { servername, requestCert } = given;
  if (servername !== undefined && (typeof servername !== "string" || servername === "")) throw new OptionError(`${where}servername`, "a host name", servername);
  if (requestCert !== undefined && typeof requestCert !== "boolean") throw new OptionError(`${where}requestCert`, "true or false", requestCert);
  try {
    contextOf(given);
  } catch (error) {
    throw new OptionError(`${where}ca, cert, key, passphrase and minVersion`, `valid and of one piece (${error instanceof Error ? error.message : "unknown fault"})`);
  }
}

/** Certificates and keys, read and ready. */
export function contextOf(given: TlsOptions): SecureContext {
  return createSecureContext(defined(given, contextNames));
}

/** The name to ask for (SNI) and to verify. TLS knows no addresses, so for those nothing is asked, and the address is verified. */
export function servernameOf(tls: TlsOptions, endpoint: Endpoint): { servername?: string } {
  const servername = tls.servername ?? endpoint.host;
  return isIP(servername) === 0 ? { servername } : {};
}
