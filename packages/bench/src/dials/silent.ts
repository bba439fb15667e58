// Takes every connection and never says a word.
import { createServer, type AddressInfo } from "node:net";
import { tell } from "../child.ts";

const server = createServer((socket) => {
  socket.on("error", () => { /* It is hung up on. */ });
  socket.resume();
});
server.listen(0, "127.0.0.1", () => { tell({ port: (server.address() as AddressInfo).port }); }); // It listens on TCP.
