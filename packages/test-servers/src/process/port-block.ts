// Ports for one group of servers. They stay the group's while a server of it is dead: they lie below the range from which systems take
// the near end of outgoing connections, and the first port of the block is held open by us, so that two groups never share one.
import { once } from "node:events";
import { createServer, type Server } from "node:net";

const first = 12_000;
const last = 31_999;
const size = 100;

export class PortBlock {
  readonly #guard: Server;
  #next: number;
  readonly #end: number;

  private constructor(guard: Server, base: number) {
    this.#guard = guard;
    this.#next = base + 1;
    this.#end = base + size;
  }

  /** Takes a block that nobody has. */
  static async take(): Promise<PortBlock> {
    const blocks = Math.floor((last - first + 1) / size);
    const start = Math.floor(Math.random() * blocks);
    for (let step = 0; step < blocks; step += 1) {
      const base = first + ((start + step) % blocks) * size;
      const guard = await listen(base);
      if (guard) return new PortBlock(guard, base);
    }
    throw new Error(`no block of ${size} ports between ${first} and ${last} is free on 127.0.0.1`);
  }

  /** A port that nobody listens on now. */
  async port(): Promise<number> {
    while (this.#next < this.#end) {
      const port = this.#next;
      this.#next += 1;
      const probe = await listen(port);
      if (probe) {
        await close(probe);
        return port;
      }
    }
    throw new Error(`the ${size} ports of this group are used up: give it fewer servers`);
  }

  async release(): Promise<void> {
    if (this.#guard.listening) await close(this.#guard);
  }
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer((socket) => { socket.destroy(); });
  server.listen({ port, host: "127.0.0.1", exclusive: true });
  try {
    await once(server, "listening");
    return server;
  } catch {
    return undefined; // Somebody has it.
  }
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}
