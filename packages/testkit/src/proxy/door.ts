import { ConnectError } from "@holdfast/core";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

const host = "127.0.0.1";

/**
 * The port of a proxy: open, or closed so that a connect is refused. While it is closed the port stays ours: a socket that is bound to
 * it, but does not listen, keeps the system from giving it to somebody else. (It also keeps a client that dials again and again
 * from connecting to itself, which TCP allows when the system happens to choose that very port for the client.)
 */
export class Door {
  readonly #enter: (client: Socket) => void;
  #server: Server | undefined;
  #keeper: Keeper | undefined;
  #port: number;
  /** One change after the other, also where nobody waits for it. */
  #change: Promise<void> = Promise.resolve();

  constructor(port: number, enter: (client: Socket) => void) {
    this.#port = port;
    this.#enter = enter;
  }

  get port(): number {
    return this.#port;
  }

  /** Rejects with a `ConnectError` (`HF_LISTEN_FAILED`) when the port cannot be had. */
  open(): Promise<void> {
    return this.#next(async () => {
      if (this.#server !== undefined) return;
      this.#server = await listen(this.#port, this.#enter);
      this.#port = portOf(this.#server);
      await this.#release();
    });
  }

  /** Connections that came in stay. */
  shut(): Promise<void> {
    return this.#next(async () => {
      if (this.#server === undefined) return;
      this.#server.close(); // Refuses at once; its callback would wait for the connections.
      this.#server = undefined;
      this.#keeper = await keep(this.#port);
    });
  }

  remove(): Promise<void> {
    return this.#next(async () => {
      const server = this.#server;
      this.#server = undefined;
      if (server !== undefined) await new Promise((resolve) => { server.close(resolve); });
      await this.#release();
    });
  }

  async #release(): Promise<void> {
    await this.#keeper?.close();
    this.#keeper = undefined;
  }

  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#change.then(change);
    this.#change = done.catch(() => undefined); // The caller hears of it; the next change starts afresh.
    return done;
  }
}

function listen(port: number, enter: (client: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true }, enter);
    server.once("error", (cause) => {
      reject(new ConnectError("HF_LISTEN_FAILED", `tcp://${host}:${port}`, `the fault proxy cannot listen on tcp://${host}:${port}: ${cause.message}; choose another port, or 0 for any`, { cause }));
    });
    server.listen({ port, host }, () => { resolve(server); });
  });
}

interface Keeper {
  close(): Promise<void>;
}

/** A connection to ourselves whose client side has the port. Where the system does not allow it, the port is free for a while. */
async function keep(port: number): Promise<Keeper | undefined> {
  const accepted: Socket[] = [];
  const server = await listen(0, (socket) => {
    socket.on("error", () => undefined);
    accepted.push(socket);
  });
  const socket = connect({ port: portOf(server), host, localAddress: host, localPort: port });
  const bound = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => { resolve(true); });
    socket.on("error", () => { resolve(false); });
  });
  const close = async (): Promise<void> => {
    // By reset, so that the port is not kept in TIME_WAIT.
    socket.resetAndDestroy();
    for (const one of accepted) one.destroy();
    await new Promise((resolve) => { server.close(resolve); });
  };
  if (bound) return { close };
  await close();
  return undefined;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // A TCP server that listens has an address of this kind.
}
