// Echo servers for the steady-state benchmark: the same ones serve holdfast and the raw sockets.
import { createServer, type AddressInfo, type Socket } from "node:net";
import { varint } from "@holdfast/core/framing";
import { WebSocketServer } from "ws";
import { tell } from "../child.ts";

const hello = Uint8Array.of(9, 0x68, 0x66, 1, 2);
const sockets = new Set<Socket>();

/** Kills every connection with an RST, and says when: later, so that the news does not run beside what it is about. */
process.on("message", () => {
  const killedAt = performance.timeOrigin + performance.now();
  for (const socket of sockets) socket.resetAndDestroy();
  sockets.clear();
  setTimeout(tell, 20, { killedAt });
});

// Nobody is left to serve.
process.on("disconnect", () => { process.exit(); });

function remember(socket: Socket): void {
  sockets.add(socket);
  socket.on("close", () => { sockets.delete(socket); });
}

const tcp = createServer({ noDelay: true }, (socket) => {
  const framer = varint().start(1 << 20);
  let greeted = false;
  remember(socket);
  socket.on("error", () => { /* The client is gone: that is how each round ends. */ });
  socket.on("data", (chunk) => {
    socket.cork();
    framer.push(chunk, (frame) => {
      if (!greeted) {
        greeted = true;
        socket.write(framer.wrap(hello));
      } else if (frame[0] === 1) {
        const pong = Uint8Array.from(frame);
        pong[0] = 2;
        pong.fill(0, 5);
        socket.write(framer.wrap(pong));
      } else {
        socket.write(framer.wrap(frame));
      }
    });
    socket.uncork();
  });
});

tcp.listen(0, "127.0.0.1", () => {
  const websockets = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false }, () => {
    tell({ tcp: (tcp.address() as AddressInfo).port, ws: (websockets.address() as AddressInfo).port });
  });
  websockets.on("connection", (socket, { socket: pipe }) => {
    remember(pipe);
    socket.on("error", () => { /* The client is gone: that is how each round ends. */ });
    socket.on("message", (message, binary) => { socket.send(message as Buffer, { binary }); });
  });
});
