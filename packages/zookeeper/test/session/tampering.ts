import { connect, createServer, type Socket } from "node:net";

/** A proxy before one real server that gives out another session id than the one that was asked for, when it is told to. */
export interface Tampering extends AsyncDisposable {
  readonly address: string;
  /** From now on. */
  swapIds(): void;
  /** Drops all connections. */
  drop(): void;
}

export async function tampering(port: number): Promise<Tampering> {
  let swap = false;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    let first = true;
    upstream.on("data", (chunk) => {
      // The greeting is the first packet, and comes alone: length, version, timeout, session id.
      if (first && swap) chunk.writeBigInt64BE(chunk.readBigInt64BE(12) + 1n, 12);
      first = false;
      client.write(chunk);
    });
    client.on("data", (chunk) => { upstream.write(chunk); });
    for (const [one, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(one);
      one.on("error", () => {}).on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((listening) => { server.listen(0, "127.0.0.1", listening); });
  const { port: own } = server.address() as { port: number };
  const drop = (): void => { for (const socket of sockets) socket.destroy(); };
  return {
    address: `127.0.0.1:${own}`,
    swapIds: () => { swap = true; },
    drop,
    [Symbol.asyncDispose]: async () => {
      drop();
      await new Promise((closed) => { server.close(closed); });
    },
  };
}
