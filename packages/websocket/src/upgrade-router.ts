import { STATUS_CODES, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";

/** Takes over the socket of an upgrade request to its path. */
export type Gate = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

interface Router {
  readonly gates: Map<string, Gate>;
  readonly upgrade: Gate;
}

const routers = new WeakMap<Server, Router>();

/**
 * Sends the upgrade requests to one path of a server through a gate, until the function it returns is called. Undefined: the path
 * is taken. One router per server, so that several listeners can share it: a request to a path nobody has is refused with 404,
 * unless somebody else listens for upgrades too, who may know it.
 */
export function route(server: Server, path: string, gate: Gate): (() => void) | undefined {
  const { gates, upgrade } = routers.get(server) ?? open(server);
  if (gates.has(path)) return undefined;
  gates.set(path, gate);
  return () => {
    if (gates.get(path) !== gate) return; // Called twice, and somebody else has the path now.
    gates.delete(path);
    if (gates.size > 0) return;
    routers.delete(server);
    server.off("upgrade", upgrade);
  };
}

function open(server: Server): Router {
  const gates = new Map<string, Gate>();
  const upgrade: Gate = (request, socket, head) => {
    const gate = gates.get(pathOf(request.url ?? "/"));
    if (gate !== undefined) gate(request, socket, head);
    else if (server.listenerCount("upgrade") === 1) refuse(socket, 404);
  };
  const router = { gates, upgrade };
  routers.set(server, router);
  server.on("upgrade", upgrade);
  return router;
}

/** Answers an upgrade request with a status and nothing else, and hangs up. */
export function refuse(socket: Duplex, status: number): void {
  socket.on("error", () => { socket.destroy(); });
  socket.once("finish", () => { socket.destroy(); });
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Decoded, as the path of an endpoint is. */
function pathOf(url: string): string {
  const path = url.replace(/[?#].*$/s, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // Not an encoding: it is compared as it came.
  }
}
