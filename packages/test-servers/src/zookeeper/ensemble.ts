import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PortBlock } from "../process/port-block.ts";
import { lonely, ZooKeeperServer, type Mode, type Ports } from "./server.ts";
import { commonSettings } from "./settings.ts";
import { tlsSettings, type TlsOptions } from "./tls.ts";

export interface EnsembleOptions {
  /** Voting servers. @default 3 */
  readonly size?: number;
  /** Servers that serve and do not vote; they come last in `servers`. @default 0 */
  readonly observers?: number;
  /** One server that knows of no ensemble; `size` is 1 then. @default false */
  readonly standalone?: boolean;
  /** ZooKeeper's unit of time, in ms. @default 500 */
  readonly tickTime?: number;
  /** More lines of zoo.cfg, or other values for ours. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** More flags for Java, such as `-Dname=value`. */
  readonly jvm?: readonly string[];
  /** A second port for clients, which speaks TLS. */
  readonly tls?: TlsOptions;
}

interface Member { readonly id: number; readonly ports: Ports; readonly role: "participant" | "observer" }

/** Real ZooKeeper servers on 127.0.0.1, on ports and in a folder of their own. They end when this process does. */
export class Ensemble implements AsyncDisposable {
  readonly #options: EnsembleOptions;
  readonly #home: string;
  readonly #block: PortBlock;
  readonly #members: Member[] = [];
  readonly #servers: ZooKeeperServer[] = [];

  private constructor(options: EnsembleOptions, home: string, block: PortBlock) {
    this.#options = options;
    this.#home = home;
    this.#block = block;
  }

  /** Prepares the servers and starts none. */
  static async create(options: EnsembleOptions = {}): Promise<Ensemble> {
    const ensemble = new Ensemble(options, await mkdtemp(join(tmpdir(), "holdfast-zookeeper-")), await PortBlock.take());
    try {
      const { size = 3, observers = 0, standalone = false } = options;
      if (standalone && (options.size ?? 1) + observers > 1) throw new Error("one server stands alone: leave out `size` and `observers`");
      const voters = standalone ? 1 : size;
      for (let at = 0; at < voters + observers; at += 1) await ensemble.#enlist(at < voters ? "participant" : "observer");
      for (const member of ensemble.#members) await ensemble.#furnish(member, standalone ? undefined : ensemble.#members);
    } catch (error) {
      await ensemble.stop();
      throw error;
    }
    return ensemble;
  }

  /** Resolves when all of them serve. */
  static async start(options: EnsembleOptions = {}): Promise<Ensemble> {
    const ensemble = await Ensemble.create(options);
    try {
      await ensemble.startAll();
    } catch (error) {
      await ensemble.stop();
      throw error;
    }
    return ensemble;
  }

  /** Holds the servers' configurations, data and logs. */
  get folder(): string {
    return this.#home;
  }

  get servers(): readonly ZooKeeperServer[] {
    return this.#servers;
  }

  /** All of them, dead or alive. */
  get connectString(): string {
    return this.#servers.map(({ address }) => address).join(",");
  }

  /** The same servers where they speak TLS. */
  get secureConnectString(): string {
    return this.#servers.map(({ secureAddress }) => secureAddress).join(",");
  }

  /** Starts those that do not run; resolves when all serve. */
  async startAll(): Promise<void> {
    await Promise.all(this.#servers.filter(({ running }) => !running).map((server) => server.start()));
    await Promise.all(this.#servers.map((server) => server.serving()));
  }

  /** Kills all of them at once; their data and ports stay. */
  async killAll(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()));
  }

  /**
   * One more server, that knows of all the others. Started, it follows the leader without a vote and without being in the others'
   * configuration; `reconfig` with `joining` makes it a member, as `joiningLine(server)` says.
   */
  async add(): Promise<ZooKeeperServer> {
    const member = await this.#enlist("observer");
    return this.#furnish(member, this.#members);
  }

  /** What `reconfig` takes to make a server a member. */
  joiningLine(server: ZooKeeperServer, role: Member["role"] = "participant"): string {
    return line({ id: server.id, ports: server.ports, role });
  }

  /** Waits until one of those that run says it leads. */
  leader({ within = 60_000 }: { readonly within?: number } = {}): Promise<ZooKeeperServer> {
    return this.#once(within, (modes) => this.#servers[modes.indexOf("leader")], () => `no server led within ${within} ms; ${this.#servers.filter(({ running }) => running).length} of ${this.#servers.length} run`);
  }

  /** Those that follow, once one leads and nobody who runs is still looking for it: a server that serves already may lose it again. */
  followers({ within = 60_000 }: { readonly within?: number } = {}): Promise<readonly ZooKeeperServer[]> {
    return this.#once(within, (modes) => {
      const settled = modes.includes("leader") && this.#servers.every(({ running, frozen }, at) => !running || frozen || !lonely.includes(modes[at]));
      return settled ? this.#servers.filter((_, at) => modes[at] === "follower") : undefined;
    }, (modes) => `the servers did not agree within ${within} ms, but say: ${modes.map((mode) => mode ?? "nothing").join(", ")}`);
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

  /** Asks all servers what they are until that gives what is looked for. Rejects with `words` when it does not within so many ms. */
  async #once<T>(within: number, look: (modes: readonly (Mode | undefined)[]) => T | undefined, words: (modes: readonly (Mode | undefined)[]) => string): Promise<T> {
    const latest = performance.now() + within;
    for (;;) {
      const modes = await Promise.all(this.#servers.map((server) => server.mode()));
      const found = look(modes);
      if (found !== undefined) return found;
      if (performance.now() > latest) throw new Error(words(modes));
      await sleep(20);
    }
  }

  async #enlist(role: Member["role"]): Promise<Member> {
    const block = this.#block;
    const member: Member = { id: this.#members.length + 1, role, ports: { client: await block.port(), secure: await block.port(), quorum: await block.port(), election: await block.port() } };
    this.#members.push(member);
    return member;
  }

  /** Writes its configuration once: later the server keeps it itself, as reconfig changes it. */
  async #furnish({ id, ports, role }: Member, known: readonly Member[] | undefined): Promise<ZooKeeperServer> {
    const { tickTime = 500, settings = {}, jvm = [], tls } = this.#options;
    const folder = join(this.#home, String(id));
    const data = join(folder, "data");
    await mkdir(data, { recursive: true });
    await writeFile(join(data, "myid"), `${id}\n`);
    const whom = known === undefined
      ? `clientPort=${ports.client}\nclientPortAddress=127.0.0.1\n`
      : `standaloneEnabled=false\n${role === "observer" ? "peerType=observer\n" : ""}${known.map((member) => `server.${member.id}=${address(member)}\n`).join("")}`;
    const secure = tls === undefined ? "" : await tlsSettings(tls, ports.secure, folder);
    await writeFile(join(folder, "zoo.cfg"), commonSettings(data, tickTime, settings) + secure + whom);
    const server = new ZooKeeperServer({ id, ports, folder, home: this.#home, jvm });
    this.#servers.push(server);
    return server;
  }
}

function line(member: Member): string {
  return `server.${member.id}=${address(member)}`;
}

function address({ ports, role }: Member): string {
  return `127.0.0.1:${ports.quorum}:${ports.election}:${role};127.0.0.1:${ports.client}`;
}
