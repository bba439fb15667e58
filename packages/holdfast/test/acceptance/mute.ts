import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

export interface Mute extends AsyncDisposable {
  readonly port: number;
  /** Connections that are open right now. */
  readonly sockets: ReadonlySet<Socket>;
}

/** Takes every connection and says nothing. With `words` it says those, and reads nothing. */
export async function mute(words?: string | Uint8Array): Promise<Mute> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => { /* The client gave up: that is what it should do. */ });
    socket.on("close", () => { sockets.delete(socket); });
    if (words === undefined) socket.resume();
    else socket.write(words);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port, // It listens on TCP.
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => { server.close(resolve); });
    },
  };
}
