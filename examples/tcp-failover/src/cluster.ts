import { framed, Server, tcp, type Frame } from "holdfast";

/** Servers by name, each with a port of its own that it gets back when it returns. */
export class Cluster {
  readonly #servers = new Map<string, Server<Frame, Frame>>();
  readonly #uris = new Map<string, string>();

  static async start(names: readonly string[]): Promise<Cluster> {
    const cluster = new Cluster();
    for (const name of names) await cluster.revive(name);
    return cluster;
  }

  get uris(): readonly string[] {
    return [...this.#uris.values()];
  }

  /** Starts it, at the address it had before if it had one. */
  async revive(name: string): Promise<void> {
    const server = new Server<Frame, Frame>({ protocol: framed() });
    server.on("peer", ({ peer }) => {
      peer.on("message", () => { peer.send(`I am ${name}`); });
    });
    const { endpoint } = await server.listen(tcp(), this.#uris.get(name) ?? "tcp://127.0.0.1:0");
    this.#servers.set(name, server);
    this.#uris.set(name, endpoint.uri);
  }

  /** Nobody is told: sockets break and the port is closed. */
  crash(name: string): void {
    const server = this.#servers.get(name);
    for (const peer of server?.peers.values() ?? []) peer.abort();
    void server?.close({ within: 0 });
  }

  /** Nobody new is let in, and whoever is there is asked to move. */
  drain(name: string): void {
    void this.#servers.get(name)?.drain({ within: 2_000, spread: 200 });
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.values()) await server.close();
  }
}
