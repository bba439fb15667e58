import type { Endpoint } from "@holdfast/core";

const encrypted = new Set(["wss", "tls"]);
/** In this process. */
const internal = new Set(["memory"]);

/** Whether what is said there is encrypted or stays on this machine, so that a secret may be told. */
export function isSecure({ scheme, host }: Pick<Endpoint, "scheme" | "host">): boolean {
  return encrypted.has(scheme) || internal.has(scheme) || isLocal(host);
}

/** Schemes without a host (`unix:`) do not leave the machine. */
function isLocal(host: string): boolean {
  const name = host.toLowerCase();
  return name === "" || name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}
