import type { Endpoint } from "@holdfast/core";

/** Nobody but the two ends reads what travels there: it is encrypted, or does not leave the machine. */
export function isSecure({ scheme, host }: Endpoint): boolean {
  return encrypted.has(scheme) || isLoopback(host);
}

const encrypted: ReadonlySet<string> = new Set(["tls", "wss", "unix"]);

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(host);
}
