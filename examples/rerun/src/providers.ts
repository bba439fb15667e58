import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An answer, though not the one that was hoped for: another provider would give the same. */
export class Refusal extends Error {
  override get name(): string { return "Refusal"; }
}

export interface Providers { readonly hangs: string; readonly fails: string; readonly works: string; readonly refuses: string; readonly stop: () => void }

/** Where to find one that never answers, one that is in trouble, one that works and one that refuses. */
export async function startProviders(): Promise<Providers> {
  const server = createServer(({ url }, response) => {
    if (url === "/fails") response.writeHead(503).end();
    if (url === "/works") response.end("order accepted");
    if (url === "/refuses") response.writeHead(409).end("out of stock");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on TCP, so it has a port.
  const stop = (): void => { server.close(); server.closeAllConnections(); };
  return { hangs: `${host}/hangs`, fails: `${host}/fails`, works: `${host}/works`, refuses: `${host}/refuses`, stop };
}
