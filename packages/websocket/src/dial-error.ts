import { ConnectError } from "@holdfast/core";
import type { IncomingMessage } from "node:http";
import type { NamedCodes } from "./named-codes.ts";
import { retryAfterOf } from "./retry-after.ts";
import { verdict } from "./statuses.ts";

/** What to do about the reasons the system gives, in the words of @holdfast/tcp. */
const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there: is the server started?",
  ECONNRESET: "whoever answered hung up at once: is it the right port, and does it speak this protocol?",
  ENOTFOUND: "there is no such host: check its spelling and the name server",
  EAI_AGAIN: "the name server does not answer: check the network",
  EHOSTUNREACH: "there is no way to this host: check the network and the firewall",
  ENETUNREACH: "there is no way to this network: check the network",
  ETIMEDOUT: "nobody answers there: check the address and the firewall",
};

/**
 * A failed dial in our words. The address, the headers and what the server sent are left out: they may hold secrets. Errors of
 * sockets are kept as the cause; they name the address and the port at most.
 */
export function dialError(label: string, error: Error & { readonly code?: string }): ConnectError {
  const { code } = error;
  if (code === undefined || code.startsWith("HPE_")) return refusal(label, `did not answer as a WebSocket server (${error.message}): check the address, and that no proxy on the way drops upgrades`, code === undefined ? error : undefined);
  const trust = distrust(code);
  if (trust !== undefined) return new ConnectError("HF_TLS", label, `no trusted TLS connection to ${label}: ${trust}`, { cause: error, next: "elsewhere" });
  const hint = advice[code];
  return new ConnectError("HF_DIAL_FAILED", label, `could not connect to ${label} (${code})${hint === undefined ? "" : `; ${hint}`}`, { cause: error });
}

/** The server answered with something other than 101. Redirects are not followed: they would take headers and tokens elsewhere. */
export function statusError(label: string, response: IncomingMessage, named: NamedCodes): ConnectError {
  const status = response.statusCode ?? 0;
  const [next, hint] = verdict(status);
  return new ConnectError("HF_REFUSED", label, `${label} refused the WebSocket with HTTP status ${status}: ${hint}`, { next: named[status] ?? next, retryAfter: retryAfterOf(response.headers) });
}

/** What was asked for cannot be sent. The errors of Node and ws may quote the address, so they are not kept. */
export function requestError(label: string, error: unknown): ConnectError {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  const detail = typeof code === "string" ? ` (${code})` : "";
  return new ConnectError("HF_DIAL_FAILED", label, `cannot ask ${label} for a WebSocket${detail}: check what \`headers\`, \`protocols\` and \`agent\` give`);
}

/** Errors of the HTTP parser are no cause: they carry the bytes that were received. */
function refusal(label: string, text: string, cause: Error | undefined): ConnectError {
  return new ConnectError("HF_REFUSED", label, `${label} ${text}`, { cause, next: "elsewhere" });
}

/** What a code of Node or OpenSSL says about the peer's identity; undefined for one that is about something else. */
function distrust(code: string): string | undefined {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "its certificate is for another host; dial the name in the certificate, or set `servername`";
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") return `its certificate is out of date (${code})`;
  if (/^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code)) return `its certificate is not signed by an authority we trust (${code}); give that authority as \`ca\``;
  if (/^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_)|^EPROTO$/.test(code)) return `${code}; check that the port speaks TLS, and the versions and certificates of both sides`;
  return undefined;
}
