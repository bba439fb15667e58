// Servers that talk and close whoever they read nothing from, as one with a reader-idle timer does. They answer pings and nothing else.
import { createServer, type AddressInfo, type Socket } from "node:net";
import { varint } from "@holdfast/core/framing";
import { WebSocketServer, type WebSocket } from "ws";
import { tell } from "../child.ts";
import type { Kind } from "../detect/case.ts";

/** The longest silence of any reader, and how many were closed for theirs. */
export interface Heard { readonly longest: number; readonly closed: number }

const [patience = 0, pace = 100] = process.argv.slice(2).map(Number);
let longest = 0;
let closed = 0;

/** Closes the socket when nothing was read from it for `patience`. */
function listenTo(socket: Socket): void {
  let heardAt = performance.now();
  const look = (): void => { longest = Math.max(longest, performance.now() - heardAt); };
  const judge = (): void => {
    look();
    if (socket.destroyed || performance.now() - heardAt < patience) return;
    closed += 1;
    socket.destroy();
  };
  // After the sockets were read: what waits there was said in time.
  const timer = setInterval(() => { setImmediate(() => { setImmediate(judge); }); }, Math.min(50, patience / 10));
  socket.on("data", () => {
    look();
    heardAt = performance.now();
  });
  socket.on("error", () => { /* The other side is gone. */ });
  socket.on("close", () => { clearInterval(timer); });
}

/** Something to listen to. */
function talk(say: () => void, socket: Socket): void {
  const timer = setInterval(say, pace);
  socket.on("close", () => { clearInterval(timer); });
}

/** `framed()`, as a server in any language would speak it (docs/spec/framed.md). */
function converse(send: (frame: Uint8Array) => void): { readonly hear: (frame: Uint8Array) => void; readonly say: () => void } {
  let greeted = false;
  return {
    hear: (frame) => {
      if (greeted && frame[0] === 1) send(Uint8Array.of(2, ...frame.subarray(1, 5), 0, 0, 0, 0));
      if (!greeted) send(Uint8Array.of(9, 0x68, 0x66, 1, 2));
      greeted = true;
    },
    say: () => { if (greeted) send(Uint8Array.of(5, 0x68, 0x69)); },
  };
}

const tcp = createServer({ noDelay: true }, (socket) => {
  const framer = varint().start(1 << 20);
  const { hear, say } = converse((frame) => { socket.write(framer.wrap(frame)); });
  listenTo(socket);
  socket.on("data", (chunk) => { framer.push(chunk, hear); });
  talk(say, socket);
});

function overWebSocket(meet: (socket: WebSocket, pipe: Socket) => void): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false }, () => { resolve((server.address() as AddressInfo).port); });
  server.on("connection", (socket, { socket: pipe }) => {
    listenTo(pipe);
    meet(socket, pipe);
  });
  return promise;
}

const framed = await overWebSocket((socket, pipe) => {
  const { hear, say } = converse((frame) => { socket.send(frame); });
  socket.on("message", (data) => { hear(new Uint8Array(data as Buffer)); }); // The default of ws.
  talk(say, pipe);
});
const plain = await overWebSocket((socket, pipe) => { talk(() => { socket.send("hi"); }, pipe); });
await new Promise<void>((resolve) => { tcp.listen(0, "127.0.0.1", resolve); });
tell({ tcp: (tcp.address() as AddressInfo).port, ws: framed, "ws-plain": plain } satisfies Record<Kind, number>); // It listens on TCP.
process.on("message", () => { tell({ longest, closed } satisfies Heard); });
