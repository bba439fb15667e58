import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PortBlock } from "../process/port-block.ts";
import { RedisServer, type RedisServerOptions } from "./server.ts";

const slots = 16_384;

export interface RedisClusterOptions extends RedisServerOptions {
  /** Masters, each with a part of the slots. @default 3 */
  readonly size?: number;
}

/** A real cluster of Redis servers on 127.0.0.1, without replicas. It ends when this process does. */
export class RedisCluster implements AsyncDisposable {
  readonly servers: readonly RedisServer[];
  readonly #home: string;
  readonly #block: PortBlock;

  private constructor(servers: readonly RedisServer[], home: string, block: PortBlock) {
    this.servers = servers;
    this.#home = home;
    this.#block = block;
  }

  /** Resolves when all slots are served. */
  static async start(options: RedisClusterOptions = {}): Promise<RedisCluster> {
    const { size = 3, settings = {}, ...rest } = options;
    const [home, block] = [await mkdtemp(join(tmpdir(), "holdfast-redis-")), await PortBlock.take()];
    const servers: RedisServer[] = [];
    const buses: number[] = [];
    for (let at = 0; at < size; at += 1) {
      const [port, bus, folder] = [await block.port(), await block.port(), join(home, String(at + 1))];
      await mkdir(folder);
      buses.push(bus);
      // The port of the bus would be 10 000 above the other one: in the range where outgoing connections begin.
      servers.push(new RedisServer({ port, folder, home }, { ...rest, settings: { "cluster-enabled": "yes", "cluster-port": bus, "cluster-node-timeout": 2_000, ...settings } }));
    }
    const cluster = new RedisCluster(servers, home, block);
    try {
      await cluster.startAll();
      await cluster.#join(buses);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get urls(): readonly string[] {
    return this.servers.map(({ url }) => url);
  }

  /** Starts those that do not run. */
  async startAll(): Promise<void> {
    await Promise.all(this.servers.filter(({ running }) => !running).map((server) => server.start()));
  }

  /** Kills all of them at once; their ports stay, and their data if they are told to keep them. */
  async killAll(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
  }

  /** Resolves when each server knows that all slots are served. */
  async serving({ within = 60_000 }: { readonly within?: number } = {}): Promise<void> {
    const latest = performance.now() + within;
    const fine = async (server: RedisServer): Promise<boolean> => {
      const said = await server.command("CLUSTER INFO") ?? "";
      return said.includes("cluster_state:ok") && said.includes(`cluster_known_nodes:${this.servers.length}\r`);
    };
    while (!(await Promise.all(this.servers.map(fine))).every(Boolean)) {
      if (performance.now() > latest) throw new Error(`the cluster did not serve all slots within ${within} ms:\n${this.servers.map(({ log }) => log).join("\n")}`);
      await sleep(20);
    }
  }

  /** Kills the servers and removes their data. A second call does nothing. */
  async stop(): Promise<void> {
    await this.killAll();
    await this.#block.release();
    await rm(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #join(buses: readonly number[]): Promise<void> {
    const count = this.servers.length;
    for (const [at, server] of this.servers.entries()) {
      await obeyed(server, `CLUSTER ADDSLOTSRANGE ${Math.floor((slots * at) / count)} ${Math.floor((slots * (at + 1)) / count) - 1}`);
      await obeyed(server, `CLUSTER SET-CONFIG-EPOCH ${at + 1}`);
    }
    for (const [at, { port }] of this.servers.entries()) if (at > 0) await obeyed(this.servers[0], `CLUSTER MEET 127.0.0.1 ${port} ${buses[at]}`);
    await this.serving();
  }
}

async function obeyed(server: RedisServer | undefined, words: string): Promise<void> {
  const answer = await server?.command(words);
  if (answer !== "OK") throw new Error(`the Redis server on port ${server?.port} answered ${answer} to "${words}"`);
}
