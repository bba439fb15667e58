import { ConnectError, Link, type Closed, type Disconnected, type HoldfastError, type Millis, type Terms, type Transport } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { closedError, expiredError, SessionError } from "../errors/session-error.ts";
import { connectionLoss } from "../errors/zookeeper-error.ts";
import type { Host, Notification } from "../protocol/conversation.ts";
import { helloPacket, type Welcome } from "../protocol/greeting.ts";
import type { Credentials } from "../protocol/packets.ts";
import type { InFlight, Request } from "../protocol/request.ts";
import { ZooKeeperProtocol } from "../protocol/zookeeper-protocol.ts";
import { ServerList } from "../servers/server-list.ts";
import type { Inquirer } from "../servers/inquiry.ts";
import { ReadWriteSearch } from "../servers/read-write-search.ts";
import { rebalance, shuffled } from "../servers/rebalance.ts";
import { WatchRegistry } from "../watches/registry.ts";
import { Authentication } from "./authentication.ts";
import { betweenPasses } from "./backoff.ts";
import { Doubt, type Doubtful } from "./doubt.ts";
import type { SessionEvents } from "./events.ts";
import { Evidence, type EvidenceOwner } from "./evidence.ts";
import type { Settings } from "./options.ts";
import { Presumption } from "./presumption.ts";
import { SessionRecord } from "./record.ts";

/** Where a session is heard: a client. */
export interface Stage { emit(event: never, ...payload: never[]): boolean }

/** Idle sockets of plain TCP share their buffers. */
const plain = tcp();

/**
 * Keeps one session on a list of servers: greets each server with it, believes what the server says of it, and tells. What is spoken is
 * in `protocol/`, which server is next in `servers/`; dialling, waiting and watching is the link's.
 */
export class Session implements Host, EvidenceOwner, Doubtful {
  readonly #stage: Stage;
  readonly #settings: Settings;
  readonly #record: SessionRecord;
  readonly #transport: Transport;
  readonly #protocol: ZooKeeperProtocol;
  readonly #evidence: Evidence;
  readonly #search: ReadWriteSearch;
  readonly #presumption: Presumption;
  readonly #doubt: Doubt;
  readonly #authentication: Authentication;
  readonly link: Link<Request, never>;
  readonly servers: ServerList;
  readonly watches: WatchRegistry;
  /** Ephemeral nodes made through this client. */
  readonly ephemerals: Set<string> = new Set();
  /** What the present greeting asked for, and when. */
  #asked = { id: 0n, at: 0 };
  #attachedAt: Millis = 0;
  /** `host:port` of the server we are on. */
  server: string | undefined;
  readOnly = false;
  /** Why no request will ever be answered again. */
  over: SessionError | undefined;

  constructor(stage: Stage, settings: Settings) {
    this.#stage = stage;
    this.#settings = settings;
    const { clock, random, sessionTimeout, ticket, tls } = settings;
    this.#record = ticket === undefined ? new SessionRecord(sessionTimeout) : SessionRecord.of(ticket);
    this.#authentication = new Authentication(settings.auth);
    this.#transport = tls === undefined ? plain : tcp({ tls });
    this.servers = new ServerList(shuffled(settings.addresses, random), tls === undefined ? "tcp" : "tls");
    this.watches = new WatchRegistry(settings.root, (listener, event) => { guarded(() => { listener(event); }); });
    this.#protocol = new ZooKeeperProtocol(this, settings.maxPacketBytes);
    this.#presumption = new Presumption(clock, (presumed) => { this.#tell(presumed ? "presumedExpired" : "restored"); });
    this.#doubt = new Doubt(clock, this);
    this.#evidence = new Evidence(this.servers, this.inquirer, settings.takeover, this);
    this.#search = new ReadWriteSearch(this.servers, this.inquirer, random);
    this.link = this.#build();
  }

  // --- for the client ---------------------------------------------------------------------------------------------

  get inquirer(): Inquirer {
    const { clock, dialTimeout } = this.#settings;
    return { transport: this.#transport, clock, timeout: dialTimeout };
  }

  get id(): bigint {
    return this.#record.id;
  }

  /** In ms: as granted, and before that as asked for. */
  get timeout(): Millis {
    return this.#record.timeout;
  }

  get presumed(): boolean {
    return this.#presumption.presumed;
  }

  ticket(): string | undefined {
    return this.#record.real ? this.#record.ticket() : undefined;
  }

  /** Here, and on every later server. Resolves when a server agrees. */
  authenticate(credentials: Credentials): Promise<void> {
    if (this.over !== undefined) return Promise.reject(this.over);
    const { packet, agreed } = this.#authentication.add(credentials);
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
    this.over ??= closedError();
    this.link.abort();
  }

  // --- for the conversation (Host) --------------------------------------------------------------------------------

  get maxPacketBytes(): number {
    return this.#settings.maxPacketBytes;
  }

  hello(): Buffer {
    const hello = this.#record.hello(this.#settings.sessionTimeout, this.#settings.readOnly);
    this.#asked = { id: hello.sessionId, at: this.#settings.clock.now() };
    return helloPacket(hello);
  }

  welcomed(welcome: Welcome): { readonly opening: readonly Buffer[]; readonly terms: Terms } {
    const { id: asked, at } = this.#asked;
    const refused = welcome.timeout <= 0;
    // A server that grants another session than the one asked for says with it that ours is gone.
    if (refused || (asked !== 0n && welcome.sessionId !== asked)) this.#expired();
    if (refused) throw new SessionError("ZK_SESSION_EXPIRED", "the session has expired; a new one is on its way", { next: "retry" });
    this.#record.granted(welcome);
    this.readOnly = welcome.readOnly;
    this.#presumption.granted(welcome.timeout, at);
    const { interval = Math.max(250, welcome.timeout / 4), timeout = Math.max(250, welcome.timeout / 15), maxMisses = 3 } = this.#settings.heartbeat;
    const resumed = asked !== 0n && welcome.sessionId === asked;
    const opening = [...this.#authentication.greet(), ...this.watches.restore(this.#record.lastZxid)];
    return { opening, terms: { hearWithin: interval, answerWithin: timeout, maxMisses, resumed } };
  }

  notified(event: Notification): void {
    this.watches.notified(event);
    if (event.zxid > 0n) this.seen(event.zxid);
  }

  watchesSet(): void {
    this.watches.restored();
  }

  proven(sentAt: Millis): void {
    this.#presumption.proven(sentAt);
  }

  seen(zxid: bigint): void {
    if (zxid > this.#record.lastZxid) this.#record.lastZxid = zxid;
  }

  authorized(): void {
    this.#authentication.agreed();
  }

  unauthorized(): HoldfastError {
    return new SessionError("ZK_AUTH_FAILED", "the servers refuse the credentials, and the connection with them: check the scheme and the secret");
  }

  asking(): void {
    this.#doubt.begin();
  }

  parted(lost: InFlight, error: Error | undefined): void {
    const final = this.over ?? (error instanceof SessionError && error.next === "stop" ? error : undefined);
    for (let request = lost.take(); request !== undefined; request = lost.take()) {
      if (!request.settled) request.reject(final ?? connectionLoss(request.operation, "unknown", error));
    }
  }

  // --- for the doubt ----------------------------------------------------------------------------------------------

  get waitingSince(): Millis | undefined {
    return this.#protocol.conversation?.oldest?.sentAt;
  }

  get patience(): Millis {
    return Math.max(250, (this.#settings.heartbeat.interval ?? this.timeout / 4) / 3);
  }

  probe(): void {
    if (this.link.phase === "connected") this.link.retryNow();
  }

  // --- for the evidence -------------------------------------------------------------------------------------------

  get lastZxid(): bigint {
    return this.#record.lastZxid;
  }

  convicted(error: SessionError): void {
    this.over ??= error;
    this.link.abort(error);
  }

  // --- within -----------------------------------------------------------------------------------------------------

  #build(): Link<Request, never> {
    const { clock, random, sessionTimeout, dialTimeout, queue, logger, heartbeat } = this.#settings;
    const link = new Link<Request, never>({
      endpoints: this.servers, transports: [this.#transport], protocol: this.#protocol, clock, random, dialTimeout,
      heartbeat: { preset: "lan", ...heartbeat }, // Until a greeting has set the terms.
      backoff: betweenPasses(sessionTimeout), stableAfter: Math.min(1_000, sessionTimeout / 6),
      outbox: queue, ...(logger !== undefined && { logger }),
    });
    link.on("connecting", ({ endpoint }) => { this.servers.dialled(this.servers.address(endpoint)); });
    link.on("failed", ({ endpoint, error }) => { this.#failed(this.servers.address(endpoint), error); });
    link.on("connected", ({ endpoint, resumed }) => { this.#attached(this.servers.address(endpoint), resumed); });
    link.on("missed", ({ endpoint, misses, of }) => { this.#tell("missed", { server: this.servers.address(endpoint), misses, of }); });
    link.on("disconnected", (event) => { this.#detached(event); });
    link.on("waiting", ({ delay }) => { this.#tell("waiting", { delay }); });
    link.on("dropped", ({ message, why, error }) => { message.reject(why === "closed" ? (this.over ?? closedError()) : (error ?? connectionLoss(message.operation, "unsent"))); });
    link.on("closed", (event) => { this.#closed(event); });
    return link;
  }

  #attached(server: string, resumed: boolean): void {
    this.server = server;
    this.#attachedAt = this.#settings.clock.now();
    this.#evidence.attached();
    this.#tell("connected", { server, resumed, readOnly: this.readOnly });
    if (this.readOnly) this.#search.start(server, (address) => { this.servers.prefer(address); this.link.suspect("a server with a quorum was found"); });
  }

  #detached({ endpoint, cause, error }: Disconnected): void {
    const server = this.servers.address(endpoint);
    const now = this.#settings.clock.now();
    this.server = undefined;
    this.#search.stop();
    this.#doubt.end();
    this.#evidence.lost(server, { uptime: now - this.#attachedAt, byPeer: cause === "closed" || cause === "reset" });
    this.#tell("disconnected", { server, cause, presumedIn: Math.max(0, this.#presumption.deadline - now), ...(error && { error }) });
  }

  #failed(server: string, error: HoldfastError): void {
    if (error.code !== "HF_REFUSED") return this.#tell("failed", { server, error });
    this.#evidence.refused(server);
    this.#tell("failed", { server, error: new ConnectError("ZK_NOT_SERVING", server, `${server} accepted the connection and hung up on the greeting: it serves nobody at present, as during an election or without a quorum, or it is older than what this session has seen`, { cause: error }) });
  }

  /** Ends the session as we know it: the client ends with it, or a new session is begun. */
  #expired(): void {
    const renewed = this.#settings.onExpiry === "renew";
    const ephemerals = [...this.ephemerals];
    this.ephemerals.clear();
    this.#record.forget();
    this.#presumption.forget();
    if (!renewed) this.over = expiredError();
    this.#tell("expired", { ephemerals, renewed });
    if (!renewed) throw this.over;
  }

  #closed({ error }: Closed): void {
    this.over ??= error instanceof SessionError ? error : closedError();
    const told = this.over.code === "ZK_CLOSED" ? error : this.over;
    this.#authentication.end(this.over);
    this.#evidence.close();
    this.#search.stop();
    this.#presumption.forget();
    this.#doubt.end();
    this.#tell("closed", told === undefined ? {} : { error: told });
  }

  #tell<Name extends keyof SessionEvents>(name: Name, ...payload: SessionEvents[Name]): void {
    guarded(() => this.#stage.emit(name as never, ...(payload as never[])));
  }
}

/** A listener that throws breaks nothing here: its error surfaces as an uncaught one. */
function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => { throw error; });
  }
}
