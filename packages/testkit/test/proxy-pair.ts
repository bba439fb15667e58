import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { faultProxy, type FaultProxy, type FaultProxyOptions } from "../src/proxy/index.ts";

/** A socket, and what it heard. */
export class Party {
  readonly socket: Socket;
  readonly chunks: Buffer[] = [];
  readonly news: string[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.chunks.push(chunk));
    socket.on("end", () => this.news.push("end"));
    socket.on("error", (error: NodeJS.ErrnoException) => this.news.push(error.code ?? error.message));
    socket.on("close", () => this.news.push("close"));
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }
}

/** A server, a proxy in front of it, and whoever came through. */
export class Street implements AsyncDisposable {
  readonly proxy: FaultProxy;
  readonly served: Party[] = [];
  readonly #server: Server;
  readonly #clients: Party[] = [];

  constructor(proxy: FaultProxy, server: Server) {
    this.proxy = proxy;
    this.#server = server;
    server.on("connection", (socket) => this.served.push(new Party(socket)));
  }

  /** A client that has connected to the proxy, or failed to. */
  async enter(): Promise<Party> {
    const party = new Party(connect({ port: this.proxy.port, host: "127.0.0.1", allowHalfOpen: true }));
    this.#clients.push(party);
    await until(() => !party.socket.connecting || party.socket.destroyed);
    if (party.socket.destroyed) await until(() => party.news.includes("close"));
    return party;
  }

  /** A client and its other end at the server. */
  async meet(): Promise<{ client: Party; server: Party }> {
    const before = this.served.length;
    const client = await this.enter();
    await until(() => this.served.length > before);
    return { client, server: this.served[before] as Party }; // Just counted.
  }

  async stopServer(): Promise<void> {
    for (const { socket } of this.served) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => { this.#server.close(resolve); });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.#clients) socket.destroy();
    await this.proxy.close();
    await this.stopServer();
  }
}

export async function street(options: Partial<FaultProxyOptions> = {}): Promise<Street> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server that listens has one.
  return new Street(await faultProxy({ target: { host: "127.0.0.1", port }, ...options }), server);
}

/** Lets the event loop turn until the condition holds; the test's time-out ends it otherwise. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => { setImmediate(resolve); });
}

/** Everything that is on its way through loopback sockets has arrived: several round trips of others have. */
export async function settled(): Promise<void> {
  const server = createServer((socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1"); // As above.
  for (let trip = 0; trip < 5; trip += 1) {
    socket.write("?");
    await once(socket, "data");
  }
  socket.destroy();
  await new Promise((resolve) => { server.close(resolve); });
}
