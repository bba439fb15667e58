// A feed as its operator would write it, with `ws` and `node:http`. It has never heard of holdfast.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";

const lifetime = 2_000;
const pace = 100;

export interface Feed { readonly uri: string; readonly tokens: string; readonly issued: number; stop(): void }

/** `POST /token` gives a token; whoever brings it to `/feed` hears all ticks after the one he names, until it expires. */
export async function startFeed(): Promise<Feed> {
  const tokens = new Map<string, number>();
  const http = createServer((_, response) => {
    const token = randomUUID();
    tokens.set(token, Date.now() + lifetime);
    response.end(token);
  });
  const left = ({ headers }: IncomingMessage): number => (tokens.get(headers.authorization?.replace("Bearer ", "") ?? "") ?? 0) - Date.now();
  const sockets = new WebSocketServer({ server: http, path: "/feed", verifyClient: ({ req }, decide) => { decide(left(req) > 0, 401); } });
  sockets.on("connection", (socket, request) => {
    const expiry = setTimeout(() => { socket.close(4401, "token expired"); }, Math.max(0, left(request)));
    socket.on("close", () => { clearTimeout(expiry); });
    socket.once("message", (message: Buffer) => { serve(socket, (JSON.parse(String(message)) as { after: number }).after); });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`; // It listens on TCP, so it has a port.
  return {
    uri: `ws://${host}/feed`,
    tokens: `http://${host}/token`,
    get issued() { return tokens.size; },
    stop: () => { http.close(); http.closeAllConnections(); },
  };
}

/** When somebody listened for the first time. */
let opened: number | undefined;

/** Catches up, then follows. */
function serve(socket: WebSocket, after: number): void {
  const start = (opened ??= Date.now());
  let number = after;
  const beat = setInterval(() => {
    while (number < (Date.now() - start) / pace) {
      number += 1;
      socket.send(JSON.stringify({ number, price: 100 + 5 * Math.sin(number / 3) }));
    }
  }, pace);
  socket.on("close", () => { clearInterval(beat); });
}
