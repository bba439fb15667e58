import type { Endpoint } from "@holdfast/core";

/** Nobody but the two ends reads what travels there: it is encrypted, or does not leave the machine. */
export function isSecure({ scheme, host }: Endpoint): boolean {
  return unreadable.has(scheme) || isLoopback(host);
}

/** Encrypted, or within this machine by their nature. */
const unreadable: ReadonlySet<string> = new Set(["tls", "wss", "unix", "memory"]);

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(host);
}
