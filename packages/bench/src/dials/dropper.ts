// A server that accepts, says when, and hangs up: every dial fails at once, and its moment is known from outside.
import { createServer, type AddressInfo } from "node:net";
import { tell } from "../child.ts";
import { monotonic } from "../monotonic.ts";

export interface Accepted { readonly at: number }

const server = createServer((socket) => {
  tell({ at: monotonic() } satisfies Accepted);
  socket.on("error", () => { /* It is hung up on. */ });
  socket.resetAndDestroy();
});
server.listen(0, "127.0.0.1", () => { tell({ port: (server.address() as AddressInfo).port }); }); // It listens on TCP.
