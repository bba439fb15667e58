import { OptionError } from "@holdfast/core";
import { createSecureContext, type SecureContextOptions, type SecureVersion } from "node:tls";

/**
 * TLS for `wss`, as in `node:tls`. The peer's certificate and host name are always verified; there is no option against it, and
 * `NODE_TLS_REJECT_UNAUTHORIZED` is not heeded.
 */
export interface TlsOptions {
  /**
   * Certificate authorities in PEM to trust instead of the well-known ones.
   * @default those of Node
   */
  readonly ca?: SecureContextOptions["ca"];
  /** Our certificate chain in PEM. Needed to listen on `wss`; when dialling, for servers that ask the client for one. */
  readonly cert?: SecureContextOptions["cert"];
  /** The private key of `cert`. */
  readonly key?: SecureContextOptions["key"];
  /** Opens `key` where it is encrypted. */
  readonly passphrase?: string;
  /**
   * The name to ask for and to verify, where it is not the host of the endpoint (one that is dialled by address).
   * @default the host of the endpoint
   */
  readonly servername?: string;
  /** @default Node's, `TLSv1.2` */
  readonly minVersion?: SecureVersion;
}

const names = ["ca", "cert", "key", "passphrase", "servername", "minVersion"] as const;

/** The TLS options among the given ones; the later win. Undefined ones are left out: Node takes them for a value. */
export function tlsOptions(...given: readonly TlsOptions[]): TlsOptions {
  const chosen = Object.assign({}, ...given.map((options) => Object.fromEntries(names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])))));
  // Only names of TlsOptions were copied, each from a TlsOptions.
  return chosen as TlsOptions;
}

/** Throws an `OptionError` for certificates and keys that cannot be read, so that it does not take a dial to find out. */
export function checkTls(given: TlsOptions, where = ""): void {
  const { servername, ...context } = tlsOptions(given);
  if (servername !== undefined && typeof servername !== "string") throw new OptionError(`${where}servername`, "a host name", servername);
  if (Object.keys(context).length === 0) return;
  // Node ignores an authority that is no certificate (the path of one, for example), and then nobody is trusted.
  for (const ca of [context.ca ?? []].flat()) if (!/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(String(ca))) throw new OptionError(`${where}ca`, "a certificate in PEM, the text of it and not the name of its file");
  try {
    createSecureContext(context);
  } catch (error) {
    throw new OptionError(`${where}ca, cert and key`, `readable PEM that belongs together (${error instanceof Error ? error.message : "unknown fault"})`);
  }
}
