import { ConnectError, type Endpoint } from "@holdfast/core";

/** What to do about the reasons the system gives. */
const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there: is the server started?",
  ECONNRESET: "whoever answered hung up at once: is it the right port, and does it speak this protocol?",
  ENOENT: "there is no such socket file: is the server started?",
  ENOTSOCK: "the file is no socket: check the path",
  EACCES: "this process may not: check the permissions",
  EINVAL: "check the address; the path of a Unix socket has at most about 100 bytes",
  ENOTFOUND: "there is no such host: check its spelling and the name server",
  EAI_AGAIN: "the name server does not answer: check the network",
  EHOSTUNREACH: "there is no way to this host: check the network and the firewall",
  ENETUNREACH: "there is no way to this network: check the network",
  ETIMEDOUT: "nobody answers there: check the address and the firewall",
  ERR_TLS_CERT_ALTNAME_INVALID: "dial a name that is in the certificate, or set `servername` to one",
  CERT_HAS_EXPIRED: "renew the certificate of the server, or set the clock of this machine",
  CERT_NOT_YET_VALID: "set the clock of this machine or of the one that made the certificate",
};

/** Reasons that say that the network failed and not the identity of the peer, also in the middle of a TLS handshake. */
const network: ReadonlySet<string> = new Set(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN"]);

/** `shaking`: the connection stood and the TLS handshake was under way. */
export function dialError(endpoint: Endpoint, cause: Error, shaking: boolean): ConnectError {
  const { code, message } = reasonOf(cause);
  if (shaking && !network.has(code)) {
    const hint = advice[code] ?? (/^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/.test(code) ? "if it is yours, name its authority in `ca`" : "check that it speaks TLS on this port, and which versions and certificates it wants");
    return new ConnectError("HF_TLS", endpoint.label, `${endpoint.label} did not prove who it is: ${message} (${code}); ${hint}`, { cause, next: "elsewhere" });
  }
  return new ConnectError("HF_DIAL_FAILED", endpoint.label, `could not connect to ${endpoint.label} (${code}); ${advice[code] ?? message}`, { cause });
}

/** With Happy Eyeballs several addresses may have failed; the first one speaks for all. */
function reasonOf(cause: Error & { readonly code?: string }): { code: string; message: string } {
  const first = cause instanceof AggregateError && cause.errors[0] instanceof Error ? cause.errors[0] : cause;
  return { code: cause.code ?? "unknown reason", message: first.message };
}
