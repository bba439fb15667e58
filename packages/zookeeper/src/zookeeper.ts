import type { HoldfastError } from "@holdfast/core";
import { EventEmitter } from "eventemitter3";
import type { Data } from "./jute/sink.ts";
import { getAllChildrenNumber, getEphemerals, reconfig, whoAmI, type Identity, type Reconfiguration } from "./operations/administration.ts";
import { create, create2, type CreateOptions } from "./operations/create.ts";
import { multi, multiRead, type Read, type ReadResult, type Step, type StepResult } from "./operations/multi.ts";
import { exists, getAcl, getChildren, getChildren2, getData, remove, setAcl, setData, sync, type NodeAcl, type NodeChildren, type NodeData } from "./operations/nodes.ts";
import type { Operation } from "./operations/operation.ts";
import { checkWatches, type WatchKind, type WatchMode } from "./operations/watching.ts";
import { createProtected } from "./recipes/protected-create.ts";
import type { Acl } from "./records/acl.ts";
import type { Stat } from "./records/stat.ts";
import { parseAddresses } from "./servers/connect-string.ts";
import { inquire, type ServerState } from "./servers/inquiry.ts";
import type { Ephemerals } from "./session/ephemerals.ts";
import type { SessionEvents } from "./session/events.ts";
import { credentials, resolveOptions, type Settings, type ZooKeeperOptions } from "./session/options.ts";
import { Requests, type CreateRequest, type RequestOptions, type VersionOptions, type WatchOptions } from "./session/requests.ts";
import { Session } from "./session/session.ts";
import type { WatchEvent, WatchListener } from "./watches/watch-event.ts";
import { Watching } from "./watches/watching.ts";

export type Phase = "idle" | "connecting" | "connected" | "read-only" | "closed";

/**
 * A client of Apache ZooKeeper that keeps one session alive on a list of servers. Paths are relative to the chroot. A request rejects
 * with a `ZooKeeperError`, whose `outcome` says whether it may have been done, or with a `SessionError` once the session is over.
 */
export class ZooKeeper extends EventEmitter<SessionEvents> {
  readonly #settings: Settings;
  readonly #session: Session;
  readonly #requests: Requests;
  readonly #watching: Watching;

  /** Throws an `OptionError` for an option that cannot work. Nothing is dialled before `open()`. */
  constructor(options: ZooKeeperOptions) {
    super();
    this.#settings = resolveOptions(options);
    this.#session = new Session(this, this.#settings);
    this.#requests = new Requests(this.#session, this.#settings);
    this.#watching = new Watching(this.#settings.root, this.#session.continuity.watches, this.#requests);
    this.once("closed", ({ error }) => { this.#watching.end(error); });
  }

  // --- the session --------------------------------------------------------------------------------------------------

  /** Starts dialling. Resolves when a server has granted the session; rejects when it cannot be had, or with `signal.reason` (the dialling goes on then). */
  async open(options?: { readonly signal?: AbortSignal }): Promise<void> {
    try {
      await this.#session.link.open(options);
    } catch (error) {
      options?.signal?.throwIfAborted();
      throw this.#session.continuity.over ?? error;
    }
  }

  get phase(): Phase {
    const { phase } = this.#session.link;
    if (phase === "connected") return this.#session.continuity.readOnly ? "read-only" : "connected";
    return phase === "waiting" ? "connecting" : phase;
  }

  /** `host:port` of the server that the session is on; undefined while it is on none. */
  get server(): string | undefined {
    return this.#session.server;
  }

  /** The id that the servers know the session by; 0n before there is one. With it anybody can compute the password: keep it to yourself. */
  get sessionId(): bigint {
    return this.#session.continuity.record.id;
  }

  /** In ms: as the servers granted it, and before that as asked for. */
  get sessionTimeout(): number {
    return this.#session.timeout;
  }

  /** True from `presumedExpired` on: the session may be over, so do not act as the owner of anything. */
  get presumedExpired(): boolean {
    return this.#session.continuity.presumption.presumed;
  }

  /** Everything a process needs to go on with this session (`new ZooKeeper({ ticket })`). A secret. Undefined before there is a session. */
  ticket(): string | undefined {
    const { record } = this.#session.continuity;
    return record.real ? record.ticket() : undefined;
  }

  /** Asks the server that we are on for its part in the ensemble, its version and its last transaction. Undefined where it does not say. */
  async serverState(options?: { readonly signal?: AbortSignal }): Promise<ServerState | undefined> {
    const { server, servers, inquirer } = this.#session;
    const answer = server === undefined ? undefined : await inquire(servers.uri(server), inquirer, options?.signal);
    options?.signal?.throwIfAborted();
    return answer?.kind === "serving" ? answer.state : undefined;
  }

  /** Takes a new list of servers, and moves to another one as far as that spreads all clients evenly. */
  updateServers(servers: readonly string[]): void {
    this.#session.update(parseAddresses(servers));
  }

  /** Authenticates as somebody besides whoever we are already, here and on every later server. Resolves when a server agrees; rejects where it does not, and then the session is over. */
  async addAuth(scheme: string, auth: Data): Promise<void> {
    await this.#session.authenticate(credentials({ scheme, auth }));
  }

  /** Ends the session: ephemeral nodes go at once. Waits for what was sent. Without a connection the servers end it in their own time. */
  async close(): Promise<void> {
    await this.#session.link.close();
  }

  /** Lets go of the session without ending it: it lives on for its timeout, and its `ticket()` is good for as long. */
  detach(): void {
    this.#session.detach();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // --- nodes --------------------------------------------------------------------------------------------------------

  /** Creates a node and gives its path, with the counter where the mode is sequential. */
  create(path: string, data: Data = nothing, options: CreateRequest = none): Promise<string> {
    if (options.protect === true) return createProtected(this, path, data, options);
    return this.#ask(create, [this.#settings.root, path, data, options], options, (made) => { this.#ephemerals.created(made, options.mode); });
  }

  /** As `create`, with the stat of the new node. */
  create2(path: string, data: Data = nothing, options: CreateOptions & RequestOptions = none): Promise<{ readonly path: string; readonly stat: Stat }> {
    return this.#ask(create2, [this.#settings.root, path, data, options], options, (made) => { this.#ephemerals.created(made.path, options.mode); });
  }

  delete(path: string, options: VersionOptions = none): Promise<void> {
    return this.#ask(remove, [this.#settings.root, path, options.version ?? -1], options, () => { this.#ephemerals.deleted(path); });
  }

  /** Undefined where there is no such node. A watch then waits for it to be created. */
  exists(path: string, options: WatchOptions = none): Promise<Stat | undefined> {
    const { watch } = options;
    return this.#ask(exists, [this.#settings.root, path, watch !== undefined], options, watch && ((stat) => { this.#watching.expect(stat === undefined ? "exist" : "data", path, watch); }));
  }

  getData(path: string, options: WatchOptions = none): Promise<NodeData> {
    const { watch } = options;
    return this.#ask(getData, [this.#settings.root, path, watch !== undefined], options, watch && (() => { this.#watching.expect("data", path, watch); }));
  }

  setData(path: string, data: Data, options: VersionOptions = none): Promise<Stat> {
    return this.#ask(setData, [this.#settings.root, path, data, options.version ?? -1], options);
  }

  getACL(path: string, options?: RequestOptions): Promise<NodeAcl> {
    return this.#ask(getAcl, [this.#settings.root, path], options);
  }

  /** `version` is the `aversion` of the stat. */
  setACL(path: string, acl: readonly Acl[], options: VersionOptions = none): Promise<Stat> {
    return this.#ask(setAcl, [this.#settings.root, path, acl, options.version ?? -1], options);
  }

  /** The names of the children, in no order. */
  getChildren(path: string, options: WatchOptions = none): Promise<readonly string[]> {
    const { watch } = options;
    return this.#ask(getChildren, [this.#settings.root, path, watch !== undefined], options, watch && (() => { this.#watching.expect("child", path, watch); }));
  }

  /** As `getChildren`, with the stat of the node. */
  getChildren2(path: string, options: WatchOptions = none): Promise<NodeChildren> {
    const { watch } = options;
    return this.#ask(getChildren2, [this.#settings.root, path, watch !== undefined], options, watch && (() => { this.#watching.expect("child", path, watch); }));
  }

  /** Lets our server catch up with the leader: what is read here afterwards is at least as new as now. */
  sync(path = "/", options?: RequestOptions): Promise<void> {
    return this.#ask(sync, [this.#settings.root, path], options);
  }

  /** All of it or nothing. Rejects with the error of the step that failed, and its `index`. */
  multi(steps: readonly Step[], options?: RequestOptions): Promise<readonly StepResult[]> {
    return this.#ask(multi, [this.#settings.root, steps], options, (results) => { this.#ephemerals.stepped(steps, results); });
  }

  /** Many reads in one round trip. Each succeeds or fails by itself. */
  multiRead(reads: readonly Read[], options?: RequestOptions): Promise<readonly ReadResult[]> {
    return this.#ask(multiRead, [this.#settings.root, reads], options);
  }

  /** The ephemeral nodes of this session below a path. */
  getEphemerals(path = "/", options?: RequestOptions): Promise<readonly string[]> {
    return this.#ask(getEphemerals, [this.#settings.root, path], options);
  }

  /** How many nodes there are below a path, at any depth. */
  getAllChildrenNumber(path: string, options?: RequestOptions): Promise<number> {
    return this.#ask(getAllChildrenNumber, [this.#settings.root, path], options);
  }

  /** Whom the servers take us for. Servers of 3.7 or newer. */
  whoAmI(options?: RequestOptions): Promise<readonly Identity[]> {
    return this.#ask(whoAmI, [], options);
  }

  /** Changes the ensemble itself, and gives the new configuration. Needs the rights of an administrator. */
  reconfig(change: Reconfiguration, options?: RequestOptions): Promise<NodeData> {
    return this.#ask(reconfig, [change], options);
  }

  // --- watches that stay --------------------------------------------------------------------------------------------

  /** Tells of every change of a node and its children (`persistent`), or of everything below it (`recursive`), until it is removed. Servers of 3.6 or newer. */
  addWatch(path: string, mode: WatchMode, listener: WatchListener, options?: RequestOptions): Promise<void> {
    return this.#watching.add(path, mode, listener, options);
  }

  /** Takes back what `addWatch` has set. */
  removeWatch(path: string, mode: WatchMode, listener: WatchListener, options?: RequestOptions): Promise<void> {
    return this.#watching.remove(path, mode, listener, options);
  }

  /** Makes the server, and us, forget all our watches of a kind on a path. `ZK_NO_WATCHER` where there is none. Servers before 3.9 know only `children`, `data` and `any`. */
  removeWatches(path: string, kind: WatchKind = "any", options?: RequestOptions): Promise<void> {
    return this.#watching.removeAll(path, kind, options);
  }

  /** Rejects with `ZK_NO_WATCHER` unless the server has a watch of ours of that kind. */
  checkWatches(path: string, kind: WatchKind = "any", options?: RequestOptions): Promise<void> {
    return this.#ask(checkWatches, [this.#settings.root, path, kind], options);
  }

  /** `for await (const event of zk.watch("/config"))`: set at the first step, removed when the loop is left. Throws when the session ends. */
  watch(path: string, options: { readonly recursive?: boolean; readonly signal?: AbortSignal } = {}): AsyncIterableIterator<WatchEvent, undefined> {
    return this.#watching.stream(path, options);
  }

  // --- within -------------------------------------------------------------------------------------------------------

  get #ephemerals(): Ephemerals {
    return this.#session.continuity.ephemerals;
  }

  /** Also for what is wrong with the arguments: one way for errors to come. */
  #ask<T, Args extends readonly unknown[]>(operation: (...args: Args) => Operation<T>, args: Args, options?: RequestOptions, answered?: (value: T) => void): Promise<T> {
    try {
      return this.#requests.ask(operation(...args), options, answered);
    } catch (error) {
      return Promise.reject(error as HoldfastError);
    }
  }
}

const nothing = new Uint8Array(0);
const none: RequestOptions = {};
