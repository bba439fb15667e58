import { connect, createServer, type Socket } from "node:net";

/** A line to one real server that can be so slow that what a client said arrives when the client is long gone. */
export interface LateLine extends AsyncDisposable {
  readonly address: string;
  /** What clients say from now on stays on its way, whatever becomes of them. */
  hold(): void;
  /** Lets it arrive. Gives the number of bytes, once the server has hung up on all of them. */
  release(): Promise<number>;
}

export async function lateLine(port: number): Promise<LateLine> {
  let held = false;
  let waiting: { readonly upstream: Socket; readonly bytes: Buffer }[] = [];
  const upstreams = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    upstreams.add(upstream);
    client.on("error", () => {}).on("close", () => { if (!held) upstream.destroy(); });
    client.on("data", (bytes) => {
      if (held) waiting.push({ upstream, bytes });
      else upstream.write(bytes);
    });
    upstream.on("error", () => {}).on("data", (bytes) => { client.write(bytes); });
    upstream.on("close", () => {
      upstreams.delete(upstream);
      client.destroy();
    });
  });
  await new Promise<void>((listening) => { server.listen(0, "127.0.0.1", listening); });
  const { port: own } = server.address() as { port: number };
  return {
    address: `127.0.0.1:${own}`,
    hold: () => { held = true; },
    release: async () => {
      held = false;
      const late = waiting;
      waiting = [];
      const hungUp = [...new Set(late.map(({ upstream }) => upstream))].map((upstream) => new Promise((closed) => { upstream.once("close", closed); }));
      for (const { upstream, bytes } of late) upstream.write(bytes);
      await Promise.all(hungUp);
      return late.reduce((sum, { bytes }) => sum + bytes.length, 0);
    },
    [Symbol.asyncDispose]: async () => {
      for (const upstream of upstreams) upstream.destroy();
      await new Promise((closed) => { server.close(closed); });
    },
  };
}
