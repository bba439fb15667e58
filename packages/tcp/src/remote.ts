import { parseEndpoint, type Endpoint } from "@holdfast/core";
import type { Socket } from "node:net";

/** Who connected: the address and the port of the peer, or the path of our own Unix socket. Undefined where the peer has gone already. */
export function remoteOf(socket: Socket, listening: Endpoint): Endpoint | undefined {
  if (listening.scheme === "unix") return parseEndpoint(`unix:${listening.path}`);
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return parseEndpoint(`${listening.scheme}://${hostOf(remoteAddress)}:${remotePort}`);
}

/** The endpoint with another port, and everything else as it was. */
export function withPort(endpoint: Endpoint, port: number): Endpoint {
  const host = endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host;
  return parseEndpoint({ ...endpoint.options, uri: `${endpoint.scheme}://${host}:${port}` });
}

/** IPv4 as such where it came over an IPv6 socket, and IPv6 in brackets and without its zone, which URIs do not know. */
function hostOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  return plain.includes(":") ? `[${plain}]` : plain;
}
