import { ConnectError, Link, type Closed, type Disconnected, type HoldfastError, type Millis, type Transport } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { closedError, SessionError } from "../errors/session-error.ts";
import { connectionLoss } from "../errors/zookeeper-error.ts";
import type { Credentials } from "../protocol/packets.ts";
import type { Request } from "../protocol/request.ts";
import { ZooKeeperProtocol } from "../protocol/zookeeper-protocol.ts";
import type { Inquirer } from "../servers/inquiry.ts";
import { ReadWriteSearch } from "../servers/read-write-search.ts";
import { rebalance, shuffled } from "../servers/rebalance.ts";
import { ServerList } from "../servers/server-list.ts";
import { betweenPasses } from "./backoff.ts";
import { Continuity, type Voice } from "./continuity.ts";
import { Doubt, type Doubtful } from "./doubt.ts";
import type { SessionEvents } from "./events.ts";
import { Evidence, type EvidenceOwner } from "./evidence.ts";
import type { Settings } from "./options.ts";

/** Where a session is heard: a client. */
export interface Stage { emit(event: never, ...payload: never[]): boolean }

/** Idle sockets of plain TCP share their buffers. */
const plain = tcp();

/**
 * One session on a list of servers. A link dials, waits and watches; what is the same on every server is the continuity's; here what
 * the link tells becomes what the session tells, and decides which server is next.
 */
export class Session implements Voice, Doubtful, EvidenceOwner {
  readonly #stage: Stage;
  readonly #settings: Settings;
  readonly #transport: Transport;
  readonly #protocol: ZooKeeperProtocol;
  readonly #evidence: Evidence;
  readonly #search: ReadWriteSearch;
  readonly #doubt: Doubt;
  readonly continuity: Continuity;
  readonly link: Link<Request, never>;
  readonly servers: ServerList;
  #attachedAt: Millis = 0;
  /** `host:port` of the server we are on. */
  server: string | undefined;

  constructor(stage: Stage, settings: Settings) {
    const { clock, random, tls, addresses } = settings;
    this.#stage = stage;
    this.#settings = settings;
    this.#transport = tls === undefined ? plain : tcp({ tls });
    this.servers = new ServerList(shuffled(addresses, random), tls === undefined ? "tcp" : "tls");
    this.continuity = new Continuity(settings, this);
    this.#protocol = new ZooKeeperProtocol(this.continuity, settings.maxPacketBytes);
    this.#doubt = new Doubt(clock, this);
    this.#evidence = new Evidence(this.servers, this.inquirer, settings.takeover, this);
    this.#search = new ReadWriteSearch(this.servers, this.inquirer, random);
    this.link = this.#build();
  }

  get inquirer(): Inquirer {
    const { clock, dialTimeout } = this.#settings;
    return { transport: this.#transport, clock, timeout: dialTimeout };
  }

  /** Here, and on every later server. Resolves when a server agrees. */
  authenticate(credentials: Credentials): Promise<void> {
    const { over, authentication } = this.continuity;
    if (over !== undefined) return Promise.reject(over);
    const { packet, agreed } = authentication.add(credentials);
    if (this.link.phase === "connected") this.#protocol.conversation?.say(packet);
    return agreed;
  }

  /** A new list: stays or moves so that the clients of all servers are spread evenly. */
  update(addresses: readonly string[]): void {
    const { move, order } = rebalance({ before: this.servers.addresses, after: addresses, current: this.server }, this.#settings.random);
    this.servers.follow(order);
    if (move) this.link.suspect("the list of servers has changed");
  }

  /** The session goes on without us: another process may take it by its ticket. */
  detach(): void {
    this.continuity.over ??= closedError();
    this.link.abort();
  }

  // --- for the continuity (Voice) -----------------------------------------------------------------------------------

  tell<Name extends keyof SessionEvents>(name: Name, ...payload: SessionEvents[Name]): void {
    this.run(() => this.#stage.emit(name as never, ...(payload as never[])));
  }

  /** What a listener throws surfaces as an uncaught error. */
  run(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      queueMicrotask(() => { throw error; });
    }
  }

  asking(): void {
    this.#doubt.begin();
  }

  // --- for the doubt ------------------------------------------------------------------------------------------------

  get waitingSince(): Millis | undefined {
    return this.#protocol.conversation?.oldest?.sentAt;
  }

  get patience(): Millis {
    return Math.max(250, this.timeout / 12);
  }

  probe(): void {
    if (this.link.phase === "connected") this.link.retryNow();
  }

  // --- for the evidence ---------------------------------------------------------------------------------------------

  get timeout(): Millis {
    return this.continuity.record.timeout;
  }

  get lastZxid(): bigint {
    return this.continuity.record.lastZxid;
  }

  convicted(error: SessionError): void {
    this.continuity.over ??= error;
    this.link.abort(error);
  }

  // --- from the link ------------------------------------------------------------------------------------------------

  #build(): Link<Request, never> {
    const { clock, random, sessionTimeout, dialTimeout, queue, logger, heartbeat } = this.#settings;
    const link = new Link<Request, never>({
      endpoints: this.servers, transports: [this.#transport], protocol: this.#protocol, clock, random, dialTimeout,
      heartbeat: { preset: "lan", ...heartbeat }, // Until a greeting has set the terms.
      backoff: betweenPasses(sessionTimeout), stableAfter: Math.min(1_000, sessionTimeout / 6),
      outbox: queue, ...(logger !== undefined && { logger }),
    });
    const address = (label: string): string => this.servers.address(label);
    link.on("connecting", ({ endpoint }) => { this.servers.dialled(address(endpoint)); });
    link.on("failed", ({ endpoint, error }) => { this.#failed(address(endpoint), error); });
    link.on("connected", ({ endpoint, resumed }) => { this.#attached(address(endpoint), resumed); });
    link.on("missed", ({ endpoint, misses, of }) => { this.tell("missed", { server: address(endpoint), misses, of }); });
    link.on("disconnected", (event) => { this.#detached(address(event.endpoint), event); });
    link.on("waiting", ({ delay }) => { this.tell("waiting", { delay }); });
    link.on("dropped", ({ message, why, error }) => { message?.reject(why === "closed" ? (this.continuity.over ?? closedError()) : (error ?? connectionLoss(message.operation, "unsent"))); });
    link.on("closed", (event) => { this.#closed(event); });
    return link;
  }

  #failed(server: string, error: HoldfastError): void {
    if (error.code !== "HF_REFUSED") return this.tell("failed", { server, error });
    this.#evidence.refused(server);
    this.tell("failed", { server, error: new ConnectError("ZK_NOT_SERVING", server, `${server} accepted the connection and hung up on the greeting: it serves nobody at present, as during an election or without a quorum, it is older than what this session has seen, or this is its port for TLS`, { cause: error }) });
  }

  #attached(server: string, resumed: boolean): void {
    const { readOnly } = this.continuity;
    this.server = server;
    this.#attachedAt = this.#settings.clock.now();
    this.#evidence.attached();
    this.tell("connected", { server, resumed, readOnly });
    if (readOnly) this.#search.start(server, (better) => { this.servers.prefer(better); this.link.suspect("a server with a quorum was found"); });
  }

  #detached(server: string, { cause, error }: Disconnected): void {
    const now = this.#settings.clock.now();
    this.server = undefined;
    this.#search.stop();
    this.#doubt.end();
    this.#evidence.lost(server, { uptime: now - this.#attachedAt, cause: cause === "closed" || cause === "reset" ? cause : "other" });
    this.tell("disconnected", { server, cause, presumedIn: Math.max(0, this.continuity.presumption.deadline - now), ...(error && { error }) });
  }

  #closed({ error }: Closed): void {
    const { continuity } = this;
    continuity.end(error instanceof SessionError ? error : closedError());
    this.#evidence.close();
    this.#search.stop();
    this.#doubt.end();
    const told = continuity.over?.code === "ZK_CLOSED" ? error : continuity.over;
    this.tell("closed", told === undefined ? {} : { error: told });
  }
}
