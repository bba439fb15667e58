import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { faultProxy } from "@holdfast/testkit/proxy";
import { onTestFinished } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";

/** A server that knows nothing of holdfast. */
export interface PlainServer {
  readonly uri: string;
  readonly port: number;
  /** As a crash: nobody says goodbye, and the port is free again. */
  kill(): Promise<void>;
}

/** Sends back what it gets, and greets with `say`. */
export async function echoOverWebSocket({ say = [], port = 0 }: { readonly say?: readonly (string | Uint8Array)[]; readonly port?: number } = {}): Promise<PlainServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port });
  server.on("connection", (socket: WebSocket) => {
    for (const message of say) socket.send(message);
    socket.on("message", (message: Buffer, binary) => { socket.send(message, { binary }); });
  });
  await once(server, "listening");
  const { port: given } = server.address() as AddressInfo; // It listens on TCP.
  const kill = async (): Promise<void> => {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => { server.close(resolve); });
  };
  onTestFinished(kill);
  return { uri: `ws://127.0.0.1:${given}`, port: given, kill };
}

/** Sends back what it gets. With `sulk` it never hangs up, not even when the client does. */
export async function echoOverTcp({ sulk = false }: { readonly sulk?: boolean } = {}): Promise<PlainServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: sulk }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk) => { if (!sulk) socket.write(chunk); });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const kill = async (): Promise<void> => {
    for (const socket of sockets) socket.resetAndDestroy();
    await new Promise((resolve) => { server.close(resolve); });
  };
  onTestFinished(kill);
  return { uri: `tcp://127.0.0.1:${port}`, port, kill };
}

/** A port of this machine on which nobody listens, and which is given to nobody else until the test is over. */
export async function freePort(): Promise<number> {
  const proxy = await faultProxy({ target: { host: "127.0.0.1", port: 1 } });
  onTestFinished(() => proxy.close());
  await proxy.refuse();
  return proxy.port;
}
